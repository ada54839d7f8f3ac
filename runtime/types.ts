/** The words that every part of the delivery shares: plain types and their guards, no behaviour. */

/** Where the worker runs, in the order in which a release passes through. */
export const ENVIRONMENTS = ["test", "staging", "production"] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

export const DEPLOYMENT_STATUSES = ["in_progress", "succeeded", "failed", "rolled_back"] as const;
export type DeploymentStatus = (typeof DEPLOYMENT_STATUSES)[number];

/** `stage`: one environment goes back; `full`: every environment where the bad release is live. */
export const ROLLBACK_LEVELS = ["stage", "full"] as const;
export type RollbackLevel = (typeof ROLLBACK_LEVELS)[number];

/** Kept beside the status, so that a release whose rollback failed never reads as good. */
export const ROLLBACK_STATUSES = ["none", "running", "done", "failed"] as const;
export type RollbackStatus = (typeof ROLLBACK_STATUSES)[number];

/**
 * Why a deployment failed. `tests` and `health` were measured bad; `inconclusive` and `error` say nothing about the
 * release, only that nobody knows; `step`: deploying itself broke off.
 */
export const FAILURE_KINDS = ["step", "tests", "health", "inconclusive", "error"] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

/** Why a release is taken back. */
export const ROLLBACK_CAUSES = ["alarm", "health", "tests", "step", "operator"] as const;
export type RollbackCause = (typeof ROLLBACK_CAUSES)[number];

/** What a rollback does, in this order; each is persisted before the next begins. */
export const ROLLBACK_STEPS = [
  "stop-execution",
  "stop-build",
  "flip-pointer",
  "undo-infrastructure",
  "validate",
] as const;
export type RollbackStep = (typeof ROLLBACK_STEPS)[number];

/** How far a deployment got, in order. A deployment that fails keeps the phase in which it failed; `done` is success. */
export const PHASES = ["locked", "changing", "live", "baking", "done"] as const;
export type Phase = (typeof PHASES)[number];

export const ALARM_STATES = ["OK", "ALARM", "INSUFFICIENT_DATA"] as const;
export type AlarmState = (typeof ALARM_STATES)[number];

export interface AlarmInfo {
  readonly name: string;
  readonly state: AlarmState;
  readonly reason?: string | undefined;
}

export interface HealthCheckResult {
  readonly success: boolean;
  readonly failedAlarms: readonly AlarmInfo[];
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

export interface TestSummary {
  readonly total: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface FailedTest {
  readonly name: string;
  readonly suite: string;
  readonly error: string;
  readonly stackTrace?: string | undefined;
}

export interface TestResults {
  readonly unitTestsPassed: boolean;
  readonly integrationTestsPassed: boolean;
  readonly e2eTestsPassed: boolean;
  /** 0 to 100. */
  readonly coveragePercentage: number;
  readonly testSummary: TestSummary;
  readonly failedTests?: readonly FailedTest[] | undefined;
}

/** One finding of a security scan. It names the place, never the value found there. */
export interface SecurityViolation {
  readonly rule: string;
  readonly resource: string;
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Only what blocks keeps a release back; a scan tells the rest along with it. */
  readonly effect: "blocks" | "warns" | "informs";
}

export const isEnvironment = oneOf(ENVIRONMENTS);
export const isDeploymentStatus = oneOf(DEPLOYMENT_STATUSES);
export const isRollbackLevel = oneOf(ROLLBACK_LEVELS);
export const isRollbackStatus = oneOf(ROLLBACK_STATUSES);
export const isPhase = oneOf(PHASES);
export const isAlarmState = oneOf(ALARM_STATES);

function oneOf<const T extends string>(allowed: readonly T[]): (value: unknown) => value is T {
  const known: ReadonlySet<unknown> = new Set(allowed);
  return (value): value is T => known.has(value);
}
