/** An approval that a pipeline waits for. */
interface PendingApproval {
  readonly stage: string;
  readonly action: string;
  /** Whoever holds it may approve: never logged, stored or forwarded. */
  readonly token: string;
  readonly executionId?: string;
  readonly since?: Date;
}

export type Verdict = "approve" | "reject";

export interface Approvals {
  pending(pipeline: string): Promise<readonly PendingApproval[]>;
  /** `false` when somebody else decided in between. */
  decide(pipeline: string, approval: PendingApproval, verdict: Verdict, reason: string): Promise<boolean>;
}

interface ActionStatus {
  readonly name: string;
  /** The status of the latest execution; `none` before the first. */
  readonly status: string;
  readonly since?: Date;
  readonly message?: string;
  readonly link?: string;
}

export interface StageStatus {
  readonly name: string;
  readonly status: string;
  readonly executionId?: string;
  readonly actions: readonly ActionStatus[];
}

export interface PipelineStatus {
  stages(pipeline: string): Promise<readonly StageStatus[]>;
}
