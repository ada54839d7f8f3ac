import type { Environment, FailureKind, TestResults } from "../types";
import type {
  CanaryRun,
  DeploymentInfo,
  DeploymentRecord,
  EnvironmentState,
  HolderActivity,
  InfrastructureDecision,
  Lock,
} from "./domain";
import type { FailureDetails } from "./domainMoments";
import type { Write } from "./domainWrites";

/** The vocabulary of `DeploymentTable.commit`. */
export type { Write };

/** The table, as the use cases need it. Reads are strongly consistent. */
export interface DeploymentTable {
  state(environment: Environment): Promise<EnvironmentState>;
  record(deploymentId: string): Promise<DeploymentRecord | undefined>;
  /** All writes or none; `refused` when a condition did not hold. */
  commit(writes: readonly Write[]): Promise<"committed" | "refused">;
  /** Newest first. Eventually consistent: for people, never for decisions. */
  history(environment: Environment, page: PageRequest): Promise<DeploymentPage>;
}

/** Tells whether the holder of a lock can still act. */
export interface HolderWatch {
  activity(lock: Lock): Promise<HolderActivity>;
}

export interface PageRequest {
  /** 1 to 100. */
  readonly limit: number;
  /** Of the page before; absent for the first page. */
  readonly cursor?: string | undefined;
}

export interface DeploymentPage {
  readonly records: readonly DeploymentRecord[];
  /** Absent on the last page. */
  readonly cursor?: string | undefined;
}

/** `stale`: this deployment is no longer entitled to the write, or the record is not where the write expects it. Nothing was written. */
export type Outcome =
  | { readonly kind: "done"; readonly record: DeploymentRecord }
  | {
      readonly kind: "stale";
      readonly because: string;
      readonly record: DeploymentRecord | undefined;
      readonly lock: Lock | undefined;
    };

export type StartOutcome = Outcome | { readonly kind: "lock-held"; readonly lock: Lock };

export type LeaseOutcome = { readonly kind: "done"; readonly leaseUntil: number } | Extract<Outcome, { kind: "stale" }>;

export type BreakOutcome =
  | { readonly kind: "broken"; readonly lock: Lock }
  | { readonly kind: "not-locked" }
  | { readonly kind: "refused"; readonly because: string; readonly lock: Lock };

export interface LastKnownGood {
  readonly version: string;
  readonly deploymentId: string;
  /** Undefined once the record has expired: the release itself never does. */
  readonly record: DeploymentRecord | undefined;
}

/** The state of all deployments; `DeploymentStateManager` is the one implementation. */
export interface Deployments {
  environmentState(environment: Environment): Promise<EnvironmentState>;
  deployment(deploymentId: string): Promise<DeploymentRecord | undefined>;

  /** Takes the lock and writes the record, or tells who holds the lock. */
  recordDeploymentStart(info: DeploymentInfo): Promise<StartOutcome>;
  /** The same over a lock whose lease has run out and whose holder is proven dead. */
  takeOver(info: DeploymentInfo, from: Lock, holder: HolderActivity): Promise<StartOutcome>;
  /** Before the first change of anything. */
  beginChange(record: DeploymentRecord, decision: InfrastructureDecision): Promise<Outcome>;
  /** After the pointer was flipped. */
  recordLive(record: DeploymentRecord): Promise<Outcome>;
  recordTests(record: DeploymentRecord, results: TestResults): Promise<Outcome>;
  beginBake(record: DeploymentRecord): Promise<Outcome>;
  extendLease(record: DeploymentRecord): Promise<LeaseOutcome>;
  /** Last known good moves, the lock is freed. */
  succeed(record: DeploymentRecord, canaries: readonly CanaryRun[]): Promise<Outcome>;
  /** The lock stays: whatever was changed is not undone yet. */
  fail(record: DeploymentRecord, reason: string, kind: FailureKind, details?: FailureDetails): Promise<Outcome>;
  /** `succeed` or `fail` by id, for whoever does not hold the record. */
  updateDeploymentStatus(
    deploymentId: string,
    status: "succeeded" | "failed",
    details?: { readonly reason?: string; readonly testResults?: TestResults },
  ): Promise<Outcome>;
  /** Frees `lock`, if it is still the one whose holder was looked at, and records who did it. */
  breakLock(
    environment: Environment,
    lock: Lock,
    holder: HolderActivity,
    by: string,
    because: string,
  ): Promise<BreakOutcome>;

  getLastKnownGoodDeployment(environment: Environment): Promise<LastKnownGood | null>;
  getDeploymentHistory(environment: Environment, page?: Partial<PageRequest>): Promise<DeploymentPage>;
}
