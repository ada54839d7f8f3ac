/** What the engine knows of one pipeline. Plain JSON, never changed in place. Times are milliseconds since 1970. */
import { type ExecutionMode, type PipelineDeclaration } from "./declaration";

export interface PipelineState {
  /** The structure that new executions take, with its version. */
  readonly declaration: PipelineDeclaration & { readonly version: number };
  /** Older structures that kept executions still run by, keyed by version. */
  readonly structures: Readonly<Record<string, PipelineDeclaration>>;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** How many executions were ever started: the order among them. */
  readonly started: number;
  readonly stages: Readonly<Record<string, StageState>>;
  /** Executions that are not over, and those that a stage still shows as its latest. */
  readonly executions: Readonly<Record<string, Execution>>;
}

export interface StageState {
  /** The execution that holds the stage's lock. */
  readonly occupant?: string;
  /** Executions at the stage's entry, oldest first. */
  readonly waiting: readonly string[];
  /** The last execution that entered. */
  readonly latest?: string;
  /** The last run of each action, of whatever execution, as GetPipelineState shows it. */
  readonly actions: Readonly<Record<string, ActionRun>>;
  readonly inbound: Transition;
}

interface Transition {
  readonly enabled: boolean;
  readonly reason?: string;
  readonly changedBy?: string;
  readonly changedAt?: number;
}

export type ExecutionStatus =
  "InProgress" | "Stopping" | "Stopped" | "Succeeded" | "Superseded" | "Failed" | "Cancelled";
type StageStatus = "InProgress" | "Stopping" | "Stopped" | "Succeeded" | "Failed";
type ActionStatus = "InProgress" | "Succeeded" | "Failed" | "Abandoned";

export interface Trigger {
  readonly triggerType: "CreatePipeline" | "StartPipelineExecution" | "WebhookV2";
  readonly triggerDetail: string;
}

export interface Execution {
  readonly id: string;
  readonly order: number;
  readonly version: number;
  readonly mode: ExecutionMode;
  readonly status: ExecutionStatus;
  readonly statusSummary?: string;
  readonly startedAt: number;
  readonly updatedAt: number;
  readonly trigger: Trigger;
  /** Commit (and branch) that a source action takes instead of the head of its branch, by action name. */
  readonly revisionOverrides: Readonly<Record<string, RevisionOverride>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly stop?: { readonly reason: string; readonly abandon: boolean };
  /** 0 at first, one more with each retry of a stage. */
  readonly attempt: number;
  readonly stages: readonly StageRun[];
  readonly actions: readonly ActionRun[];
  readonly artifacts: Readonly<Record<string, ArtifactLocation>>;
  /** Output variables by namespace. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly revisions: readonly SourceRevision[];
}

export interface RevisionOverride {
  readonly commit: string;
  readonly branch?: string;
}

export interface StageRun {
  readonly name: string;
  readonly status: StageStatus;
  readonly startedAt: number;
  readonly manualRetries: number;
  /** Action runs that a retry did away with: they stay in the history and count no more. */
  readonly redone: readonly string[];
}

interface ArtifactLocation {
  readonly bucket: string;
  readonly key: string;
}

export interface NamedArtifact extends ArtifactLocation {
  readonly name: string;
}

export interface ActionError {
  readonly code: string;
  readonly message: string;
}

export interface ActionRun {
  readonly id: string;
  readonly executionId: string;
  readonly version: number;
  readonly stage: string;
  readonly action: string;
  readonly status: ActionStatus;
  readonly startedAt: number;
  readonly updatedAt: number;
  readonly resolvedConfiguration: Readonly<Record<string, string>>;
  readonly inputs: readonly NamedArtifact[];
  readonly outputs: readonly NamedArtifact[];
  readonly summary?: string;
  readonly externalExecutionId?: string;
  readonly externalExecutionUrl?: string;
  readonly error?: ActionError;
  readonly updatedBy?: string;
  readonly outputVariables?: Readonly<Record<string, string>>;
  /** Approvals only: who holds the token may answer. */
  readonly token?: string;
  readonly expiresAt?: number;
  /** Sources only. */
  readonly revision?: SourceRevision;
}

export interface SourceRevision {
  readonly actionName: string;
  readonly artifactName?: string;
  readonly revisionId: string;
  readonly revisionSummary: string;
  readonly revisionUrl: string;
  readonly createdAt: number;
}

export const isOver = (status: ExecutionStatus): boolean => status !== "InProgress" && status !== "Stopping";

/** The structure an execution was started with: an update of the pipeline does not change it. */
export function structureOf(state: PipelineState, version: number): PipelineDeclaration {
  if (version === state.declaration.version) return state.declaration;
  const structure = state.structures[version];
  if (structure === undefined) throw new Error(`pipeline ${state.declaration.name} lost its structure ${version}`);
  return structure;
}

/** A copy without some of its optional fields. */
export function without<T extends object, K extends keyof T>(value: T, ...keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key as K))) as Omit<T, K>;
}
