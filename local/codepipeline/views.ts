/** The engine's state in the shapes of AWS's API. */
import type {
  ActionExecutionDetail,
  ActionState,
  GetPipelineStateOutput,
  PipelineExecution,
  PipelineExecutionSummary,
  SourceRevision,
  StageState as StageStateView,
} from "@aws-sdk/client-codepipeline";
import { type ActionDeclaration, type PipelineDeclaration } from "./engine/declaration";
import { type ActionRun, type Execution, type PipelineState, type StageState } from "./engine/state";

export function pipelineStateView(state: PipelineState): GetPipelineStateOutput {
  const { name, version, stages } = state.declaration;
  return {
    pipelineName: name,
    pipelineVersion: version,
    stageStates: stages.map((stage) => stageView(state, stage.name, stage.actions, state.stages[stage.name])),
    created: new Date(state.createdAt),
    updated: new Date(state.updatedAt),
  };
}

function stageView(
  state: PipelineState,
  name: string,
  actions: readonly ActionDeclaration[],
  stage: StageState = { waiting: [], actions: {}, inbound: { enabled: true } },
): StageStateView {
  const { waiting, inbound, latest } = stage;
  const execution = latest === undefined ? undefined : state.executions[latest];
  const run = execution?.stages.find((s) => s.name === name);
  const inboundExecutions = waiting.map((id) => ({ pipelineExecutionId: id, status: "InProgress" as const }));
  return {
    stageName: name,
    ...(inboundExecutions[0] ? { inboundExecution: inboundExecutions[0] } : {}),
    inboundExecutions,
    inboundTransitionState: {
      enabled: inbound.enabled,
      ...(inbound.changedBy === undefined ? {} : { lastChangedBy: inbound.changedBy }),
      ...(inbound.changedAt === undefined ? {} : { lastChangedAt: new Date(inbound.changedAt) }),
      ...(inbound.reason === undefined || inbound.enabled ? {} : { disabledReason: inbound.reason }),
    },
    actionStates: actions.map((action) => actionView(action.name, stage.actions[action.name])),
    ...(execution && run ? { latestExecution: { pipelineExecutionId: execution.id, status: run.status } } : {}),
    ...(run && run.manualRetries > 0
      ? {
          retryStageMetadata: {
            manualStageRetryAttempt: run.manualRetries,
            latestRetryTrigger: "ManualStageRetry" as const,
          },
        }
      : {}),
  };
}

function actionView(actionName: string, run: ActionRun | undefined): ActionState {
  if (run === undefined) return { actionName };
  const { revision } = run;
  return {
    actionName,
    ...(revision === undefined
      ? {}
      : {
          currentRevision: {
            revisionId: revision.revisionId,
            revisionChangeId: revision.revisionId,
            created: new Date(revision.createdAt),
          },
          revisionUrl: revision.revisionUrl,
        }),
    latestExecution: {
      actionExecutionId: run.id,
      status: run.status,
      lastStatusChange: new Date(run.updatedAt),
      ...optional("summary", run.summary),
      ...optional("token", run.token),
      ...optional("lastUpdatedBy", run.updatedBy),
      ...optional("externalExecutionId", run.externalExecutionId),
      ...optional("externalExecutionUrl", run.externalExecutionUrl),
      ...optional("errorDetails", run.error),
    },
  };
}

export function executionView(pipelineName: string, execution: Execution): PipelineExecution {
  return {
    pipelineName,
    pipelineVersion: execution.version,
    pipelineExecutionId: execution.id,
    status: execution.status,
    ...optional("statusSummary", execution.statusSummary),
    artifactRevisions: execution.revisions.map((r) => ({
      ...optional("name", r.artifactName),
      revisionId: r.revisionId,
      revisionSummary: r.revisionSummary,
      created: new Date(r.createdAt),
      revisionUrl: r.revisionUrl,
    })),
    variables: Object.entries(execution.variables).map(([name, resolvedValue]) => ({ name, resolvedValue })),
    trigger: { ...execution.trigger },
    executionMode: execution.mode,
    executionType: "STANDARD",
  };
}

export function executionSummary(execution: Execution): PipelineExecutionSummary {
  return {
    pipelineExecutionId: execution.id,
    status: execution.status,
    ...optional("statusSummary", execution.statusSummary),
    startTime: new Date(execution.startedAt),
    lastUpdateTime: new Date(execution.updatedAt),
    sourceRevisions: execution.revisions.map(
      ({ actionName, revisionId, revisionSummary, revisionUrl }): SourceRevision => ({
        actionName,
        revisionId,
        revisionSummary,
        revisionUrl,
      }),
    ),
    trigger: { ...execution.trigger },
    ...(execution.stop === undefined ? {} : { stopTrigger: { reason: execution.stop.reason } }),
    executionMode: execution.mode,
    executionType: "STANDARD",
  };
}

export function actionExecutionView(
  run: ActionRun,
  structure: PipelineDeclaration | undefined,
  region: string,
): ActionExecutionDetail {
  const action = structure?.stages.find((s) => s.name === run.stage)?.actions.find((a) => a.name === run.action);
  const artifacts = (list: ActionRun["inputs"]) =>
    list.map(({ name, bucket, key }) => ({ name, s3location: { bucket, key } }));
  return {
    pipelineExecutionId: run.executionId,
    actionExecutionId: run.id,
    pipelineVersion: run.version,
    stageName: run.stage,
    actionName: run.action,
    startTime: new Date(run.startedAt),
    lastUpdateTime: new Date(run.updatedAt),
    ...optional("updatedBy", run.updatedBy),
    status: run.status,
    input: {
      ...(action === undefined
        ? {}
        : {
            actionTypeId: { ...action.actionTypeId } as NonNullable<ActionExecutionDetail["input"]>["actionTypeId"],
            configuration: { ...action.configuration },
            ...optional("namespace", action.namespace),
          }),
      resolvedConfiguration: { ...run.resolvedConfiguration },
      region,
      inputArtifacts: artifacts(run.inputs),
    },
    output: {
      outputArtifacts: run.status === "Succeeded" ? artifacts(run.outputs) : [],
      executionResult: {
        ...optional("externalExecutionId", run.externalExecutionId),
        ...optional("externalExecutionSummary", run.summary),
        ...optional("externalExecutionUrl", run.externalExecutionUrl),
        ...optional("errorDetails", run.error),
      },
      outputVariables: { ...run.outputVariables },
    },
  };
}

/** The property, or nothing at all: absent and undefined are different things in a response. */
function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}
