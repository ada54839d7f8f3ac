/** Starting actions and taking their ends in. */
import { type ActionDeclaration, type ArtifactStore, type PipelineDeclaration } from "./declaration";
import { type ActionJob, type ActionReport, type EventOf } from "./events";
import { artifactKey, uuidFrom } from "./ids";
import { type ActionRun, type Execution, type NamedArtifact, without } from "./state";
import { type Turn } from "./turn";
import { resolveConfiguration } from "./variables";

/** An approval that nobody answers fails after seven days, unless the action says otherwise (AWS's default). */
const APPROVAL_TIMEOUT_MINUTES = 7 * 24 * 60;

/** Starts an action, or records at once why it cannot be. */
export function startAction(turn: Turn, executionId: string, stage: string, action: ActionDeclaration): void {
  const execution = turn.execution(executionId);
  const structure = turn.structure(execution);
  const resolution = resolveConfiguration(action.configuration ?? {}, {
    ...execution.outputs,
    codepipeline: { PipelineExecutionId: execution.id },
    variables: execution.variables,
  });
  const id = uuidFrom(turn.event.seed, `action ${executionId} ${stage} ${action.name}`);
  const started: ActionRun = {
    id,
    executionId,
    version: execution.version,
    stage,
    action: action.name,
    status: "InProgress",
    startedAt: turn.at,
    updatedAt: turn.at,
    resolvedConfiguration: resolution.missing ? {} : resolution.configuration,
    inputs: inputsOf(execution, action),
    outputs: outputsOf(structure, action, id),
    ...approvalOf(turn, executionId, stage, action),
  };
  turn.putAction(started);
  turn.publishAction(started);
  if (resolution.missing) {
    failAction(turn, started, {
      code: "ConfigurationError",
      message:
        "An action in this pipeline failed because one or more variables could not be resolved: " +
        `Action name=${action.name}. Unknown: ${resolution.missing.map((m) => `#{${m}}`).join(", ")}.`,
    });
    return;
  }
  turn.effects.push({ kind: "run", job: jobOf(structure, execution, action, started) });
}

/** The job of a run, the same when the action is taken up again after a restart. */
export function jobOf(
  structure: PipelineDeclaration,
  execution: Execution,
  action: ActionDeclaration,
  run: ActionRun,
): ActionJob {
  const revision = execution.revisionOverrides[action.name];
  return {
    pipeline: structure.name,
    roleArn: structure.roleArn,
    executionId: execution.id,
    stage: run.stage,
    action,
    actionId: run.id,
    configuration: run.resolvedConfiguration,
    store: storeOf(structure),
    inputs: run.inputs,
    outputs: run.outputs,
    ...(revision === undefined ? {} : { revision }),
    ...(run.token === undefined ? {} : { token: run.token }),
    ...(run.expiresAt === undefined ? {} : { expiresAt: run.expiresAt }),
    ...(run.externalExecutionId === undefined ? {} : { externalExecutionId: run.externalExecutionId }),
  };
}

export function failAction(turn: Turn, run: ActionRun, error: { code: string; message: string }): void {
  endAction(turn, { ...run, status: "Failed", error, summary: run.summary ?? error.message });
}

/** Puts an action at its end; an approval's token is worth nothing from then on. */
export function endAction(turn: Turn, run: ActionRun): void {
  const ended = { ...without(run, "token", "expiresAt"), updatedAt: turn.at };
  turn.putAction(ended);
  turn.publishAction(ended);
}

/** What a provider reported; undefined when the action is over by now (abandoned, expired), which makes it stale. */
export function reportedAction(turn: Turn, report: ActionReport): ActionRun | undefined {
  const execution = turn.state.executions[report.executionId];
  const run = execution?.actions.find((a) => a.id === report.actionId);
  if (run?.status !== "InProgress") return undefined;
  return {
    ...run,
    updatedAt: turn.at,
    ...(report.summary === undefined ? {} : { summary: report.summary }),
    ...(report.externalExecutionId === undefined ? {} : { externalExecutionId: report.externalExecutionId }),
    ...(report.externalExecutionUrl === undefined ? {} : { externalExecutionUrl: report.externalExecutionUrl }),
    ...(report.outputVariables === undefined ? {} : { outputVariables: report.outputVariables }),
    ...(report.revision === undefined ? {} : { revision: report.revision }),
  };
}

/** Success: outputs, artifacts and revision become the execution's. */
export function succeedAction(turn: Turn, run: ActionRun, event: EventOf<"succeeded"> | EventOf<"answer">): void {
  const execution = turn.execution(run.executionId);
  const namespace = turn
    .structure(execution)
    .stages.find((s) => s.name === run.stage)
    ?.actions.find((a) => a.name === run.action)?.namespace;
  const artifacts = Object.fromEntries(run.outputs.map(({ name, bucket, key }) => [name, { bucket, key }]));
  const revision = event.kind === "succeeded" ? event.revision : undefined;
  turn.putExecution(execution.id, {
    artifacts: { ...execution.artifacts, ...artifacts },
    outputs: namespace ? { ...execution.outputs, [namespace]: run.outputVariables ?? {} } : execution.outputs,
    revisions: revision
      ? [...execution.revisions.filter((r) => r.actionName !== revision.actionName), revision]
      : execution.revisions,
  });
  endAction(turn, { ...run, status: "Succeeded" });
}

function inputsOf(execution: Execution, action: ActionDeclaration): readonly NamedArtifact[] {
  return (action.inputArtifacts ?? []).map(({ name }) => {
    const location = execution.artifacts[name];
    if (location === undefined) throw new Error(`artifact ${name} of action ${action.name} was not produced`);
    return { name, ...location };
  });
}

function outputsOf(structure: PipelineDeclaration, action: ActionDeclaration, id: string): readonly NamedArtifact[] {
  return (action.outputArtifacts ?? []).map(({ name }) => ({
    name,
    bucket: storeOf(structure).location,
    key: artifactKey(structure.name, name, id),
  }));
}

function storeOf(structure: PipelineDeclaration): ArtifactStore {
  if (structure.artifactStore === undefined) throw new Error(`pipeline ${structure.name} has no artifact store`);
  return structure.artifactStore;
}

function approvalOf(
  turn: Turn,
  executionId: string,
  stage: string,
  action: ActionDeclaration,
): { token?: string; expiresAt?: number } {
  if (action.actionTypeId.category !== "Approval") return {};
  return {
    token: uuidFrom(turn.event.seed, `token ${executionId} ${stage} ${action.name}`),
    expiresAt: turn.at + (action.timeoutInMinutes ?? APPROVAL_TIMEOUT_MINUTES) * 60_000,
  };
}
