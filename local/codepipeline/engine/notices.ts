/**
 * The detail of CodePipeline's EventBridge events, as "Monitoring CodePipeline events" of the user guide shows it.
 * The approval token is in none of them.
 */
import { type ActionDeclaration } from "./declaration";
import { type ActionRun, type Execution } from "./state";

export type PipelineNotice = "STARTED" | "SUCCEEDED" | "FAILED" | "RESUMED" | "STOPPING" | "STOPPED" | "SUPERSEDED";
export type StageNotice = "STARTED" | "SUCCEEDED" | "FAILED" | "RESUMED" | "STOPPING" | "STOPPED";

type Detail = Readonly<Record<string, unknown>>;

export function pipelineDetail(pipeline: string, execution: Execution, state: PipelineNotice): Detail {
  return {
    pipeline,
    "execution-id": execution.id,
    "start-time": new Date(execution.startedAt).toISOString(),
    "execution-trigger": {
      "trigger-type": execution.trigger.triggerType,
      "trigger-detail": execution.trigger.triggerDetail,
    },
    state,
    version: execution.version,
    "pipeline-execution-attempt": execution.attempt,
    ...(execution.stop && state.startsWith("STOP") ? { "stop-execution-comments": execution.stop.reason } : {}),
  };
}

export function stageDetail(pipeline: string, execution: Execution, stage: string, state: StageNotice): Detail {
  const run = execution.stages.find((s) => s.name === stage);
  const failed = execution.actions.filter((a) => a.stage === stage && a.status === "Failed");
  return {
    pipeline,
    version: execution.version,
    "execution-id": execution.id,
    "start-time": new Date(run?.startedAt ?? execution.startedAt).toISOString(),
    stage,
    state,
    "pipeline-execution-attempt": execution.attempt,
    ...(state === "FAILED"
      ? {
          "failed-actions": failed.map((a) => ({
            action: a.action,
            "additional-information": a.error?.message ?? a.summary ?? "",
          })),
        }
      : {}),
  };
}

export function actionDetail(
  pipeline: string,
  execution: Execution,
  run: ActionRun,
  declaration: ActionDeclaration,
): Detail {
  return {
    pipeline,
    version: execution.version,
    "execution-id": execution.id,
    "action-execution-id": run.id,
    "start-time": new Date(run.startedAt).toISOString(),
    stage: run.stage,
    action: run.action,
    state: run.status === "InProgress" ? "STARTED" : run.status.toUpperCase(),
    type: { ...declaration.actionTypeId },
    "input-artifacts": run.inputs.map(artifact),
    "output-artifacts": run.status === "Succeeded" ? run.outputs.map(artifact) : [],
    "pipeline-execution-attempt": execution.attempt,
    ...(run.status === "InProgress" ? {} : { "execution-result": executionResult(run) }),
  };
}

const artifact = ({ name, bucket, key }: ActionRun["inputs"][number]): Detail => ({
  name,
  s3location: { bucket, key },
});

function executionResult(run: ActionRun): Detail {
  return {
    ...(run.externalExecutionUrl === undefined ? {} : { "external-execution-url": run.externalExecutionUrl }),
    ...(run.externalExecutionId === undefined ? {} : { "external-execution-id": run.externalExecutionId }),
    "external-execution-summary": run.error?.message ?? run.summary ?? "",
    ...(run.error === undefined ? {} : { "error-code": run.error.code }),
  };
}
