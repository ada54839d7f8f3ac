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

/** What became of the wish to try a stage again. */
export type RetryOutcome = { readonly kind: "retried" } | { readonly kind: "not-retryable"; readonly because: string };

export interface StageRetries {
  /** Runs the failed actions of a stage again, in the execution in which they failed. */
  retry(pipeline: string, stage: string, executionId: string): Promise<RetryOutcome>;
}

export interface StageStatus {
  readonly name: string;
  readonly status: string;
  readonly executionId?: string;
  readonly actions: readonly ActionStatus[];
}

/** The rollback function of an installation. */
export interface RollbackFunction {
  /**
   * Hands it one event and waits for its answer.
   * @throws Problem `failed` with the function's own message.
   */
  invoke(event: unknown): Promise<unknown>;
}

/** An event that never reached the rollback function, or that it could not take. */
export interface DeadLetter {
  readonly id: string;
  /** Gives back or removes exactly this delivery. */
  readonly receipt: string;
  readonly body: string;
  readonly sentAt: Date;
  /** Names and values of its attributes: who put it there, and why. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface DeadLetters {
  /** The next ones, hidden from everybody else for a while; none: the queue shows no more. */
  receive(most: number, hiddenSeconds: number): Promise<readonly DeadLetter[]>;
  /** Shows them again at once. */
  giveBack(letters: readonly DeadLetter[]): Promise<void>;
  remove(letter: DeadLetter): Promise<void>;
}

export interface PipelineStatus {
  stages(pipeline: string): Promise<readonly StageStatus[]>;
}
