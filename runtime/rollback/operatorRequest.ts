import type { DeploymentTable } from "../deployments/ports";
import type { RollbackTarget } from "../deployments/domainRollback";
import type { Environment } from "../types";
import type { Answer, RollbackDesk } from "./desk";
import type { OperatorRequest } from "./events";

interface RequestPorts {
  readonly desk: Pick<RollbackDesk, "handle" | "dryRun">;
  readonly history: Pick<DeploymentTable, "history">;
}

/** What the operators' command is answered; never more than it can print. */
export interface RequestAnswer {
  readonly environment: Environment;
  readonly decision: {
    readonly kind: string;
    readonly because: string;
    readonly deploymentId?: string | undefined;
    readonly version?: string | undefined;
    readonly cause?: string | undefined;
    readonly target?: RollbackTarget | undefined;
  };
  readonly result?: { readonly success: boolean; readonly level: string } | { readonly waiting: string } | undefined;
}

/** Pages of the history in which a named release is looked for; the records of 90 days are rarely more. */
const MOST_PAGES = 10;

/** An operator's request enters by the same door as an alarm. */
export async function answerRequest(request: OperatorRequest, { desk, history }: RequestPorts): Promise<RequestAnswer> {
  const { environment, by, because, to, dryRun } = request;
  const target = to === undefined ? undefined : await formerlyLive(environment, to, history);
  if (to !== undefined && target === undefined) {
    return {
      environment,
      decision: { kind: "ignore", because: `${to} was never live in ${environment}, as far as its records go` },
    };
  }
  const trigger = { kind: "operator", by, because, to: target } as const;
  const answer = dryRun ? await desk.dryRun(environment, trigger) : await desk.handle(environment, trigger);
  return printable(answer);
}

/** The deployment by which the release was live there last, as a target. */
async function formerlyLive(
  environment: Environment,
  version: string,
  history: Pick<DeploymentTable, "history">,
): Promise<RollbackTarget | undefined> {
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { records, cursor: next } = await history.history(environment, { limit: 100, cursor });
    const found = records.find((record) => record.version === version && record.activatedAt !== undefined);
    if (found !== undefined) {
      const { releaseDigest, deploymentId } = found;
      return { version, releaseDigest, deploymentId, infrastructureVersion: version };
    }
    if (next === undefined) return undefined;
    cursor = next;
  }
  return undefined;
}

function printable({ environment, decision, run }: Answer): RequestAnswer {
  const { kind, because } = decision;
  const record = "record" in decision ? decision.record : undefined;
  return {
    environment,
    decision: {
      kind,
      because,
      deploymentId: record?.deploymentId ?? ("deploymentId" in decision ? decision.deploymentId : undefined),
      version: record?.version,
      ...(decision.kind === "roll-back" && { cause: decision.cause, target: decision.target }),
    },
    ...(run?.kind === "ended" && { result: run.result }),
    ...(run?.kind === "waiting" && { result: { waiting: run.because } }),
  };
}
