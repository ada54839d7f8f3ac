/** What stands behind an action type. A provider acts under the pipeline's role with plain AWS clients. */
import { type AwsCredentials, type AwsEvent, type Surroundings } from "../../services/contract";
import { type ActionJob, type ActionReport } from "../engine/events";
import { type ActionError } from "../engine/state";

export interface ProviderSurroundings extends Surroundings {
  /** Hears what the services of the local cloud publish; returns the way to stop listening. */
  onEvent(listener: (event: AwsEvent) => void): () => void;
}

type Facts = Partial<Omit<ActionReport, "executionId" | "actionId">>;

export type Outcome =
  | ({ readonly kind: "succeeded" } & Facts)
  | ({ readonly kind: "failed"; readonly error: ActionError } & Facts)
  /** Somebody else will end the action: an approver. */
  | { readonly kind: "pending" };

export interface ProviderContext {
  readonly surroundings: ProviderSurroundings;
  /** Tells the id of what the action started, as soon as it is known: a restart takes it up again by it. */
  readonly progress: (facts: Facts & { readonly externalExecutionId: string }) => void;
  readonly signal: AbortSignal;
}

/** Runs an action to its end. What it throws fails the action. */
export type Provider = (job: ActionJob, context: ProviderContext) => Promise<Outcome>;

/** Options of an AWS client that acts for the pipeline. */
export async function clientFor(
  job: ActionJob,
  { surroundings }: ProviderContext,
): Promise<{ endpoint: string; region: string; credentials: () => Promise<AwsCredentials>; maxAttempts: number }> {
  const session = () => surroundings.assumeRole(job.roleArn, "codepipeline");
  await session().catch((error: Error) => {
    throw new ActionFailure(
      "ConfigurationError",
      `CodePipeline is not authorized to perform AssumeRole on role ${job.roleArn}: ${error.name}: ${error.message}`,
    );
  });
  return {
    endpoint: surroundings.endpoint,
    region: surroundings.region,
    credentials: session,
    maxAttempts: 3,
  };
}

/** A failure with the code that AWS would put into the action's error details. */
export class ActionFailure extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Runs an AWS call; its refusal fails the action in words that name the permission or operation. */
export async function call<T>(operation: string, resource: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof ActionFailure) throw error;
    const { name, message } = error as Error;
    const denied = /^(AccessDenied|AuthorizationError|NotAuthorized)/.test(name);
    throw new ActionFailure(
      denied ? "PermissionError" : "JobFailed",
      `Error calling ${operation} on ${resource}: ${name}: ${message}`,
    );
  }
}

export function failureOf(error: unknown): ActionError {
  if (error instanceof ActionFailure) return { code: error.code, message: error.message };
  return { code: "JobFailed", message: error instanceof Error ? error.message : String(error) };
}
