import { z } from "zod";
import { ALARM_STATES, type Environment, ENVIRONMENTS } from "../types";
import type { Trigger } from "./domain";
import type { AlarmSighting } from "./domainAttribution";

/** What an event asks for. */
export type Asked =
  | ({ readonly kind: "alarm" } & AlarmEvent)
  | {
      readonly kind: "decide";
      readonly environment: Environment;
      readonly trigger: Extract<Trigger, { kind: "stage" | "build" }>;
    }
  | { readonly kind: "stage-failed"; readonly failure: StageFailure; readonly environment: Environment | undefined }
  | { readonly kind: "request"; readonly request: OperatorRequest }
  | { readonly kind: "tick" }
  /** Not meant for this installation, or nothing that could change anything. */
  | { readonly kind: "nothing"; readonly because: string };

export interface AlarmEvent {
  readonly environment: Environment;
  readonly alarm: AlarmSighting;
}

export interface StageFailure {
  readonly executionId: string;
  readonly stage: string;
  /** From 1; a retried stage is another attempt. */
  readonly attempt: number;
  /** What the failed actions said. */
  readonly because: string;
}

export interface OperatorRequest {
  readonly environment: Environment;
  readonly by: string;
  readonly because: string;
  /** Full commit SHA. */
  readonly to?: string | undefined;
  readonly dryRun: boolean;
}

/** What of the installation the events name. */
export interface EventNames {
  readonly pipeline: string;
  readonly alarmPrefix: Readonly<Record<Environment, string>>;
  readonly deployProject: Readonly<Record<Environment, string>>;
  readonly workerProject: Readonly<Record<Environment, string>>;
}

/** The stages that deliver to an environment, by the names of `pipelineModel.ts`. */
const ENVIRONMENT_OF_STAGE: Readonly<Record<string, Environment>> = {
  TestEnv: "test",
  StagingEnv: "staging",
  ProductionEnv: "production",
};

const alarmDetail = z.object({
  alarmName: z.string(),
  state: z.object({ value: z.enum(ALARM_STATES), reason: z.string().optional(), timestamp: z.string() }),
});
const stageDetail = z.object({
  pipeline: z.string(),
  "execution-id": z.string(),
  stage: z.string(),
  state: z.string(),
  "pipeline-execution-attempt": z.number().optional(),
  "failed-actions": z
    .array(z.object({ action: z.string(), "additional-information": z.string().optional() }))
    .optional(),
});
const buildDetail = z.object({ "project-name": z.string(), "build-id": z.string(), "build-status": z.string() });
const requestDetail = z.object({
  environment: z.enum(ENVIRONMENTS),
  by: z.string().min(1),
  because: z.string().min(1),
  to: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .optional(),
  dryRun: z.boolean(),
});
const envelope = z.object({ source: z.string(), "detail-type": z.string(), detail: z.unknown() });

/**
 * Reads an EventBridge event, or the operators' request in the same form.
 * @throws ZodError for an event of a known kind that is not as AWS documents it: a queue keeps it for people.
 */
export function readEvent(event: unknown, names: EventNames): Asked {
  const { source, "detail-type": type, detail } = envelope.parse(event);
  switch (`${source} ${type}`) {
    case "aws.cloudwatch CloudWatch Alarm State Change":
      return alarm(alarmDetail.parse(detail), names);
    case "aws.codepipeline CodePipeline Stage Execution State Change":
      return stage(stageDetail.parse(detail), names);
    case "aws.codebuild CodeBuild Build State Change":
      return build(buildDetail.parse(detail), names);
    case "aws.events Scheduled Event":
      return { kind: "tick" };
    case "kiro-pipeline Rollback Requested":
      return { kind: "request", request: requestDetail.parse(detail) };
    default:
      return { kind: "nothing", because: `nothing is done on ${source} ${type}` };
  }
}

function alarm({ alarmName: name, state }: z.infer<typeof alarmDetail>, { alarmPrefix }: EventNames): Asked {
  const environment = ENVIRONMENTS.find((candidate) => name.startsWith(alarmPrefix[candidate]));
  if (environment === undefined) return { kind: "nothing", because: `${name} is no alarm of a worker` };
  if (state.value !== "ALARM") return { kind: "nothing", because: `${name} is ${state.value}` };
  // AWS writes "2019-10-02T17:04:40.985+0000".
  const since = Date.parse(state.timestamp.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  if (Number.isNaN(since)) throw new Error(`the alarm ${name} has no readable time: ${state.timestamp}`);
  return { kind: "alarm", environment, alarm: { name, state: state.value, reason: state.reason, since } };
}

function stage(detail: z.infer<typeof stageDetail>, { pipeline }: EventNames): Asked {
  if (detail.pipeline !== pipeline) return { kind: "nothing", because: `${detail.pipeline} is another pipeline` };
  const { "pipeline-execution-attempt": attempt = 1 } = detail;
  const { stage: name, "execution-id": executionId, state, "failed-actions": actions = [] } = detail;
  const environment = ENVIRONMENT_OF_STAGE[name];
  if (state === "FAILED") {
    const told = actions.map((one) => `${one.action}: ${one["additional-information"] ?? "failed"}`).join("; ");
    const because = `stage ${name} failed${told === "" ? "" : ` (${told})`}`;
    return { kind: "stage-failed", failure: { executionId, stage: name, attempt, because }, environment };
  }
  if (state !== "STOPPED") return { kind: "nothing", because: `stage ${name} is ${state}` };
  if (environment === undefined)
    return { kind: "nothing", because: `stage ${name} was stopped before any environment` };
  return { kind: "decide", environment, trigger: { kind: "stage", executionId, outcome: "stopped" } };
}

function build(detail: z.infer<typeof buildDetail>, { deployProject, workerProject }: EventNames): Asked {
  const project = detail["project-name"];
  const environment = ENVIRONMENTS.find((one) => deployProject[one] === project || workerProject[one] === project);
  if (environment === undefined) return { kind: "nothing", because: `${project} is no project of the pipeline` };
  if (detail["build-status"] === "IN_PROGRESS") return { kind: "nothing", because: "the build has only begun" };
  // The event names the ARN, everything else the id behind its last slash.
  const buildId = detail["build-id"].slice(detail["build-id"].lastIndexOf("/") + 1);
  return { kind: "decide", environment, trigger: { kind: "build", buildId } };
}
