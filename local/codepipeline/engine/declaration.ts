/** A pipeline's structure as AWS's API spells it (PipelineDeclaration), without what the local cloud refuses. */

export interface PipelineDeclaration {
  readonly name: string;
  readonly roleArn: string;
  readonly artifactStore?: ArtifactStore;
  readonly artifactStores?: Readonly<Record<string, ArtifactStore>>;
  readonly stages: readonly StageDeclaration[];
  readonly version?: number;
  readonly executionMode?: ExecutionMode;
  readonly pipelineType?: "V1" | "V2";
  readonly variables?: readonly PipelineVariable[];
  readonly triggers?: readonly TriggerDeclaration[];
}

export type ExecutionMode = "SUPERSEDED" | "QUEUED" | "PARALLEL";

export interface ArtifactStore {
  readonly type: string;
  /** Name of the bucket. */
  readonly location: string;
  readonly encryptionKey?: { readonly id: string; readonly type: string };
}

export interface StageDeclaration {
  readonly name: string;
  readonly actions: readonly ActionDeclaration[];
  readonly blockers?: readonly unknown[];
  readonly onFailure?: unknown;
  readonly onSuccess?: unknown;
  readonly beforeEntry?: unknown;
}

export interface ActionTypeId {
  readonly category: string;
  readonly owner: string;
  readonly provider: string;
  readonly version: string;
}

export interface ActionDeclaration {
  readonly name: string;
  readonly actionTypeId: ActionTypeId;
  /** 1 to 999, 1 when absent: actions of one number run side by side, a greater number waits for the smaller ones. */
  readonly runOrder?: number;
  readonly configuration?: Readonly<Record<string, string>>;
  readonly inputArtifacts?: readonly { readonly name: string }[];
  readonly outputArtifacts?: readonly { readonly name: string }[];
  readonly namespace?: string;
  readonly timeoutInMinutes?: number;
  readonly roleArn?: string;
  readonly region?: string;
}

interface PipelineVariable {
  readonly name: string;
  readonly defaultValue?: string;
  readonly description?: string;
}

export interface Globs {
  readonly includes?: readonly string[];
  readonly excludes?: readonly string[];
}

interface TriggerDeclaration {
  readonly providerType: string;
  readonly gitConfiguration: {
    readonly sourceActionName: string;
    readonly push?: readonly { readonly tags?: Globs; readonly branches?: Globs; readonly filePaths?: Globs }[];
    readonly pullRequest?: readonly unknown[];
  };
}

export const runOrderOf = (action: ActionDeclaration): number => action.runOrder ?? 1;

/** Stages by name, in one place, so that a missing one is a bug that names itself. */
export function stageOf(declaration: PipelineDeclaration, name: string): StageDeclaration {
  const stage = declaration.stages.find((s) => s.name === name);
  if (stage === undefined) throw new Error(`pipeline ${declaration.name} has no stage ${name}`);
  return stage;
}
