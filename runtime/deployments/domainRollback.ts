import type { Environment, RollbackCause, RollbackLevel, RollbackStep } from "../types";

/** Where a rollback goes back to: what the bad release's own record captured, or what an operator named. */
export interface RollbackTarget {
  readonly version: string;
  /** SHA-256 (hex) of its `release.json`, as it was when it was live. */
  readonly releaseDigest: string;
  /** The deployment that made it live there. */
  readonly deploymentId: string;
  /** The release whose infrastructure was applied then; absent: none was. */
  readonly infrastructureVersion?: string | undefined;
}

/** A deployment of the bad release in another environment, to be taken back by a full rollback. */
export interface RollbackPart {
  readonly environment: Environment;
  readonly deploymentId: string;
}

interface RollbackStepDone {
  readonly step: RollbackStep;
  /** 1, or 2 when a full rollback goes through the environment again. */
  readonly round: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What was found or done, for people. */
  readonly because: string;
}

/** A rollback as far as it got. It lives in the record of the deployment that is taken back. */
export interface RollbackProgress {
  /** Proves the claim: the token of the environment's lock for as long as the rollback runs. */
  readonly token: number;
  readonly cause: RollbackCause;
  readonly because: string;
  readonly failedAlarms: readonly string[];
  readonly target: RollbackTarget;
  readonly level: RollbackLevel;
  /** The deployment whose rollback became full and asked for this one; absent in that deployment's own record. */
  readonly root?: string | undefined;
  /** Milliseconds since 1970, as all times here. */
  readonly claimedAt: number;
  /** When the alarm that caused it began. */
  readonly alarmAt?: number | undefined;
  readonly round: number;
  /** The step to do next; `parts`: the full rollback's environments are under way; `end`: only the outcome is missing. */
  readonly next: RollbackStep | "parts" | "end";
  readonly done: readonly RollbackStepDone[];
  /** The build that undoes the infrastructure, once started. */
  readonly infrastructureBuildId?: string | undefined;
  /** From the first look to the last one, and the canary job that was started for it. */
  readonly validation?: RollbackValidation | undefined;
  /** Why this environment or another part of the full rollback was not restored; it ends as failed. */
  readonly failure?: string | undefined;
  /** What had not become right when the time for the validation was up. */
  readonly inconclusive?: string | undefined;
  /** The other environments of a full rollback and its own, in the order in which they go back. */
  readonly parts?: readonly RollbackPart[] | undefined;
  /** Set by the last write. */
  readonly outcome?: RollbackOutcome | undefined;
}

export interface RollbackValidation {
  readonly startedAt: number;
  /** When a look that is neither right nor wrong counts as inconclusive. */
  readonly deadline: number;
  /** How many canary jobs were started: one that could not be measured is followed by another. */
  readonly canaries: number;
  /** The one that is waited for; absent: the next look starts one. */
  readonly canaryJobId?: string | undefined;
}

/** `inconclusive`: the right release is live and its jobs work, but an alarm has not gone off yet: a human looks. */
export interface RollbackOutcome {
  readonly kind: "restored" | "inconclusive" | "failed";
  readonly because: string;
}

/** Why nothing is deployed into an environment. */
export interface Hold {
  /** `frozen`: by the system itself, because it may not or could not go back. */
  readonly kind: "operator" | "frozen";
  readonly by: string;
  readonly because: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** A release that was taken back for what it did in staging or production. */
export interface Quarantined {
  readonly version: string;
  readonly deploymentId: string;
  readonly because: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}
