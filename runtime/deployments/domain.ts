import type {
  DeploymentStatus,
  Environment,
  FailedTest,
  FailureKind,
  Phase,
  RollbackLevel,
  RollbackStatus,
  TestSummary,
} from "../types";
import type { Hold, Quarantined, RollbackProgress, RollbackTarget } from "./domainRollback";

/** Records are history and expire; what decisions need lives in the environment state, which never does. */
export const RECORD_LIFETIME_SECONDS = 90 * 24 * 60 * 60;

/** How long a lock is nobody else's without an extension. Only a holder that is proven dead is ever replaced after it. */
export const LEASE_MS = 15 * 60 * 1000;

/** What was decided about the infrastructure before anything changed, with its proof. */
export interface InfrastructureDecision {
  readonly action: "none" | "up";
  readonly because: string;
  /** Operations of the preview, e.g. `{ create: 1, same: 4 }`; absent when no preview was needed. */
  readonly operations?: Readonly<Record<string, number>> | undefined;
  readonly proof?: DecisionProof | undefined;
}

/** What a decision about infrastructure rests on. Lists are cut to what a record can hold. */
interface DecisionProof {
  /** The gates that the release went through when it was built. */
  readonly gates?: readonly { readonly gate: string; readonly outcome: string; readonly because: string }[] | undefined;
  /** Digests of the infrastructure that was last applied here (null: none, absent: unknown) and of the release's. */
  readonly appliedDigest?: string | null | undefined;
  readonly wantedDigest: string | null;
  /** The infrastructure's files that were touched since the one that was last applied; absent: unknown. */
  readonly files?: readonly string[] | undefined;
  /** Digest of the policy pack that passed the preview; it and what follows are absent when no preview was needed. */
  readonly policyPack?: string | undefined;
  /** One line a resource that may break a rule of it; absent: none. */
  readonly exemptions?: readonly string[] | undefined;
  /** What the preview amounts to, such as `metadata-only`. */
  readonly class?: string | undefined;
  /** One line a resource that changes. */
  readonly changes?: readonly string[] | undefined;
  /** One line a permission that is added. */
  readonly widened?: readonly string[] | undefined;
  /** Names the change: what a person acknowledges. */
  readonly changeDigest?: string | undefined;
  /** Nothing happens before a person has acknowledged the change. */
  readonly needsApproval?: boolean | undefined;
}

/** A person has seen a change and lets it happen, once. */
export interface AcknowledgedChange {
  readonly digest: string;
  readonly by: string;
  readonly because: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** One worker job that was started to see whether the release works. */
export interface CanaryRun {
  readonly jobId: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** `error`: it could not be measured, which says nothing about the release. */
  readonly status: "running" | "succeeded" | "failed" | "error";
  readonly because?: string | undefined;
}

/** Who broke a lock, and why that was allowed. */
export interface LockBreak {
  readonly by: string;
  readonly because: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** One attempt to put a release into an environment. Times are milliseconds since 1970 unless said otherwise. */
export interface DeploymentRecord {
  /** `{environment}#{startTime}`. */
  readonly deploymentId: string;
  readonly environment: Environment;
  /** Full commit SHA of the release. */
  readonly version: string;
  /** SHA-256 (hex) of the release's `release.json`. */
  readonly releaseDigest: string;
  readonly status: DeploymentStatus;
  readonly phase: Phase;
  readonly startTime: number;
  readonly endTime?: number | undefined;

  /** The CodeBuild build that deploys. */
  readonly buildId: string;
  readonly pipelineExecutionId: string;
  /** Proves that this deployment still holds the environment's lock; greater than every earlier one. */
  readonly lockToken: number;

  /** What was live before this deployment changed anything; absent in the first one ever. */
  readonly previousVersion?: string | undefined;
  readonly previousReleaseDigest?: string | undefined;
  readonly previousDeploymentId?: string | undefined;
  readonly previousInfrastructureVersion?: string | undefined;
  /** Alarms that were in ALARM before this deployment: none of them is its fault. */
  readonly alarmsBefore: readonly string[];

  /** When it began to change the environment. */
  readonly changingAt?: number | undefined;
  /** When the pointer named this release. */
  readonly activatedAt?: number | undefined;

  readonly infrastructureChanged: boolean;
  /** Digest of the release's infrastructure program; null: the release has none. */
  readonly infrastructureDigest: string | null;
  readonly infrastructureDecision?: InfrastructureDecision | undefined;

  readonly commitMessage: string;
  readonly commitAuthor: string;

  readonly unitTestsPassed: boolean;
  readonly integrationTestsPassed: boolean;
  readonly e2eTestsPassed: boolean;
  readonly coveragePercentage: number;
  readonly testSummary?: TestSummary | undefined;
  readonly failedTests?: readonly FailedTest[] | undefined;
  readonly canaries?: readonly CanaryRun[] | undefined;

  readonly failureReason?: string | undefined;
  readonly failureKind?: FailureKind | undefined;
  readonly lockBroken?: LockBreak | undefined;

  readonly rollbackStatus: RollbackStatus;
  readonly rollbackReason?: string | undefined;
  readonly rollbackLevel?: RollbackLevel | undefined;
  /** When the rollback ended, well or not. */
  readonly rollbackTime?: number | undefined;
  /** How far the rollback got; a second call, a crash or a duplicate event goes on from here. */
  readonly rollback?: RollbackProgress | undefined;

  /** `s3://bucket/prefix` of the release. */
  readonly artifactLocation: string;
  /** Seconds since 1970, as DynamoDB's time to live wants it. */
  readonly expiresAt: number;
}

interface LiveRelease {
  readonly version: string;
  readonly releaseDigest: string;
  readonly deploymentId: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** The deployment whose rollback made this release live again; absent where a deployment did. */
  readonly restoredFrom?: string | undefined;
  /** What was live before this release: what a second deployment of the same release captures. */
  readonly before?: RollbackTarget | undefined;
}

/** Held by a deployment, not by a build: it outlives the build that took it. */
export interface Lock {
  readonly deploymentId: string;
  /** `rollback`: the deployment is being taken back, and whoever deployed it may not write any more. */
  readonly purpose: "deployment" | "rollback";
  readonly token: number;
  /** Milliseconds since 1970. */
  readonly leaseUntil: number;
  readonly buildId: string;
  readonly pipelineExecutionId: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** One strongly consistent item per environment: what decisions read. */
export interface EnvironmentState {
  readonly environment: Environment;
  /** The last token that was given out; 0 before the first deployment. */
  readonly token: number;
  readonly live?: LiveRelease | undefined;
  /** The release whose infrastructure was last applied or proven to change nothing. */
  readonly infrastructureVersion?: string | undefined;
  /** Digest of that infrastructure; null: that release has none; absent: unknown, because a change began and never reported its end. */
  readonly infrastructureDigest?: string | null | undefined;
  readonly lastKnownGood?: { readonly version: string; readonly deploymentId: string } | undefined;
  readonly lock?: Lock | undefined;
  /** No deployment starts while it is there; rollbacks do. */
  readonly hold?: Hold | undefined;
  /** Releases that were taken back by themselves; none that contains one of them is deployed here until it is lifted. */
  readonly quarantine?: readonly Quarantined[] | undefined;
  /** The change that a person lets happen here; gone once a deployment is live. */
  readonly acknowledgedChange?: AcknowledgedChange | undefined;
  /** When the automatic rollbacks that count against the budget were claimed, oldest first; milliseconds since 1970. */
  readonly automaticRollbacks?: readonly number[] | undefined;
}

/** What a deployment knows when it asks for the lock. */
export interface DeploymentInfo {
  readonly environment: Environment;
  readonly version: string;
  readonly releaseDigest: string;
  readonly infrastructureDigest: string | null;
  readonly buildId: string;
  readonly pipelineExecutionId: string;
  readonly commitMessage: string;
  readonly commitAuthor: string;
  readonly artifactLocation: string;
  /** From the release's own test results. */
  readonly unitTestsPassed: boolean;
  readonly coveragePercentage: number;
  readonly alarmsBefore: readonly string[];
}

/** Whether the holder of a lock can still act. `unknown` is never proof of death. */
export interface HolderActivity {
  readonly execution: "terminal" | "running" | "unknown";
  readonly build: "terminal" | "running" | "unknown";
}

export type Permission = { readonly kind: "allowed" } | { readonly kind: "refused"; readonly because: string };

const LEGAL: Readonly<Record<DeploymentStatus, readonly DeploymentStatus[]>> = {
  in_progress: ["succeeded", "failed", "rolled_back"],
  failed: ["rolled_back"],
  succeeded: ["rolled_back"],
  rolled_back: [],
};

/** Whether a deployment's status may change so. */
export function transition(from: DeploymentStatus, to: DeploymentStatus): Permission {
  if (LEGAL[from].includes(to)) return { kind: "allowed" };
  return { kind: "refused", because: `a deployment that is ${from} never becomes ${to}` };
}

/**
 * An operator may break a lock only when nobody is left who could act under it. Whoever takes a deployment back extends
 * the lease all the time, so a rollback is dead when its lease has run out.
 */
export function mayBreak(lock: Pick<Lock, "purpose" | "leaseUntil">, holder: HolderActivity, now: number): Permission {
  if (lock.purpose === "rollback" && now < lock.leaseUntil) {
    const until = new Date(lock.leaseUntil).toISOString();
    return { kind: "refused", because: `its deployment is being taken back, the lease runs until ${until}` };
  }
  const alive = (["execution", "build"] as const).filter((part) => holder[part] !== "terminal");
  if (alive.length === 0) return { kind: "allowed" };
  const because = alive.map(
    (part) => `its ${part} is ${holder[part] === "running" ? "still running" : "in an unknown state"}`,
  );
  return { kind: "refused", because: because.join(" and ") };
}

/** Another deployment may replace the holder only when the lease has run out as well. */
export function mayTakeOver(lock: Lock, holder: HolderActivity, now: number): Permission {
  if (lock.purpose === "rollback") {
    return { kind: "refused", because: `${lock.deploymentId} is being taken back, which ends by itself` };
  }
  if (now < lock.leaseUntil) {
    return { kind: "refused", because: `its lease runs until ${new Date(lock.leaseUntil).toISOString()}` };
  }
  return mayBreak(lock, holder, now);
}

export function deploymentIdOf(environment: Environment, startTime: number): string {
  return `${environment}#${startTime}`;
}

export function stateIdOf(environment: Environment): string {
  return `state#${environment}`;
}

/** What the deployment's own record captured before it changed anything; undefined: nothing was live. */
export function capturedBy(record: DeploymentRecord): RollbackTarget | undefined {
  const { previousVersion: version, previousReleaseDigest: releaseDigest, previousDeploymentId: deploymentId } = record;
  if (version === undefined || releaseDigest === undefined || deploymentId === undefined) return undefined;
  return { version, releaseDigest, deploymentId, infrastructureVersion: record.previousInfrastructureVersion };
}
