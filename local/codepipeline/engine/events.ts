/** What can happen to a pipeline, and what the engine asks the outside to do about it. */
import { type ActionDeclaration, type ArtifactStore, type PipelineDeclaration } from "./declaration";
import {
  type ActionError,
  type Execution,
  type NamedArtifact,
  type PipelineState,
  type RevisionOverride,
  type SourceRevision,
  type Trigger,
} from "./state";

interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Unguessable and never used twice: the ids and approval tokens that the event brings about are derived from it. */
  readonly seed: string;
}

export type PipelineEvent = Moment &
  (
    | {
        readonly kind: "start";
        readonly executionId: string;
        readonly trigger: Trigger;
        readonly revisionOverrides: Readonly<Record<string, RevisionOverride>>;
        readonly variables: Readonly<Record<string, string>>;
      }
    | ({ readonly kind: "progress" } & ActionReport & { readonly externalExecutionId: string })
    | ({ readonly kind: "succeeded" } & ActionReport)
    | ({ readonly kind: "failed" } & ActionReport & { readonly error: ActionError })
    | {
        readonly kind: "answer";
        readonly stage: string;
        readonly action: string;
        readonly token: string;
        readonly approved: boolean;
        readonly summary: string;
        readonly by: string;
      }
    | { readonly kind: "clock" }
    | { readonly kind: "stop"; readonly executionId: string; readonly abandon: boolean; readonly reason: string }
    | {
        readonly kind: "retry";
        readonly executionId: string;
        readonly stage: string;
        readonly mode: "FAILED_ACTIONS" | "ALL_ACTIONS";
      }
    | {
        readonly kind: "transition";
        readonly stage: string;
        readonly direction: "Inbound" | "Outbound";
        readonly enabled: boolean;
        readonly reason?: string;
        readonly by: string;
      }
    | { readonly kind: "update"; readonly declaration: PipelineDeclaration }
  );

/** What a provider says about its action. */
export interface ActionReport {
  readonly executionId: string;
  readonly actionId: string;
  readonly summary?: string;
  readonly externalExecutionId?: string;
  readonly externalExecutionUrl?: string;
  readonly outputVariables?: Readonly<Record<string, string>>;
  readonly revision?: SourceRevision;
}

export type EventOf<K extends PipelineEvent["kind"]> = Extract<PipelineEvent, { readonly kind: K }>;

/** All that a provider needs to run one action. */
export interface ActionJob {
  readonly pipeline: string;
  readonly roleArn: string;
  readonly executionId: string;
  readonly stage: string;
  readonly action: ActionDeclaration;
  readonly actionId: string;
  readonly configuration: Readonly<Record<string, string>>;
  readonly store: ArtifactStore;
  readonly inputs: readonly NamedArtifact[];
  readonly outputs: readonly NamedArtifact[];
  readonly revision?: RevisionOverride;
  readonly token?: string;
  readonly expiresAt?: number;
  /** Set when the action is taken up again after a restart. */
  readonly externalExecutionId?: string;
}

export type Effect =
  | { readonly kind: "run"; readonly job: ActionJob }
  /** Stop caring for the action; what it started elsewhere runs on. */
  | { readonly kind: "abandon"; readonly actionId: string }
  | {
      readonly kind: "publish";
      readonly level: "Pipeline" | "Stage" | "Action";
      readonly detail: Readonly<Record<string, unknown>>;
      readonly at: number;
    };

export interface Refusal {
  /** Exception name of the service model. */
  readonly code: string;
  readonly message: string;
}

export type Step =
  | {
      readonly state: PipelineState;
      readonly effects: readonly Effect[];
      /** Executions that are over and no longer part of the state, as they ended. */
      readonly forgotten: readonly Execution[];
      readonly refused?: never;
    }
  | { readonly refused: Refusal };
