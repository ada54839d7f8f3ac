import { deploymentFailedNotice, deploymentSucceededNotice } from "../notices/messages";
import type { FailedTest, FailureKind, Phase, TestResults } from "../types";
import { type CanaryRun, capturedBy, type DeploymentRecord, type InfrastructureDecision, stateIdOf } from "./domain";
import {
  assign,
  assignments,
  type Condition,
  holds,
  MAX_TEXT,
  type Moment,
  queued,
  type Snapshot,
  type Write,
} from "./domainWrites";

const MAX_FAILED_TESTS = 20;

/** Before the first change of anything. Until the pointer is flipped, changed infrastructure counts as unknown. */
export function changing(record: DeploymentRecord, decision: InfrastructureDecision, now: number): Moment {
  const changes = {
    phase: "changing",
    changingAt: now,
    infrastructureChanged: decision.action === "up",
    infrastructureDecision: decision,
  } as const;
  const state = underLock(record);
  return {
    record: { ...record, ...changes },
    writes: [
      updateRecord(record, changes, ["locked"]),
      decision.action === "up" ? { ...state, kind: "update", set: [], remove: [["infrastructureDigest"]] } : state,
    ],
    happened: (found) => isIn("changing", found, record),
  };
}

/** The pointer names this release. */
export function live(record: DeploymentRecord, now: number): Moment {
  const changes = { phase: "live", activatedAt: now } as const;
  const { version, releaseDigest, deploymentId, infrastructureDigest } = record;
  return {
    record: { ...record, ...changes },
    writes: [
      updateRecord(record, changes, ["changing"]),
      {
        ...underLock(record),
        kind: "update",
        set: [
          assign(["live"], { version, releaseDigest, deploymentId, since: now, before: capturedBy(record) }),
          assign(["infrastructureVersion"], version),
          assign(["infrastructureDigest"], infrastructureDigest),
        ],
        // Whoever acknowledged a change let it happen once.
        remove: [["acknowledgedChange"]],
      },
    ],
    happened: (found) => isIn("live", found, record),
  };
}

/** What the tests of the live release said. Repeating it replaces what was there. */
export function tests(record: DeploymentRecord, results: TestResults): Moment {
  const { unitTestsPassed, integrationTestsPassed, e2eTestsPassed, coveragePercentage, testSummary } = results;
  const changes = {
    unitTestsPassed,
    integrationTestsPassed,
    e2eTestsPassed,
    coveragePercentage,
    testSummary,
    failedTests: results.failedTests?.slice(0, MAX_FAILED_TESTS).map(shortened),
  };
  return {
    record: { ...record, ...changes },
    writes: [updateRecord(record, changes, ["live", "baking"]), underLock(record)],
    happened: () => false,
  };
}

/** The bake begins, with a fresh lease. */
export function baking(record: DeploymentRecord, now: number, leaseMs: number): Moment {
  const changes = { phase: "baking" } as const;
  return {
    record: { ...record, ...changes },
    writes: [updateRecord(record, changes, ["live"]), leased(record, now + leaseMs)],
    happened: (found) => isIn("baking", found, record),
  };
}

/** One more lease for whoever still holds the lock. */
export function lease(record: DeploymentRecord, leaseUntil: number): Moment {
  return {
    record,
    writes: [leased(record, leaseUntil)],
    happened: (found) => holdsLock(found, record) && found.state.lock?.leaseUntil === leaseUntil,
  };
}

/** The one way to become the last known good; frees the lock. */
export function succeeded(record: DeploymentRecord, canaries: readonly CanaryRun[], now: number): Moment {
  const changes = { status: "succeeded", phase: "done", endTime: now, canaries } as const;
  const { version, deploymentId } = record;
  const state = underLock(record);
  const next: DeploymentRecord = { ...record, ...changes };
  return {
    record: next,
    writes: [
      updateRecord(record, changes, ["baking"]),
      {
        ...state,
        kind: "update",
        set: [assign(["lastKnownGood"], { version, deploymentId })],
        remove: [["lock"]],
        when: [...state.when, { kind: "equals", path: ["live", "deploymentId"], value: deploymentId }],
      },
      queued(deploymentSucceededNotice(next, now)),
    ],
    happened: (found) =>
      found.record?.status === "succeeded" && found.state.lastKnownGood?.deploymentId === deploymentId,
  };
}

/** What is known of a failure beside its reason. */
export interface FailureDetails {
  readonly canaries?: readonly CanaryRun[] | undefined;
  /** A decision that nothing came of. */
  readonly decision?: InfrastructureDecision | undefined;
}

/** The lock stays: nothing that was changed is undone yet. The first reason is kept. */
export function failed(
  record: DeploymentRecord,
  reason: string,
  failureKind: FailureKind,
  { canaries, decision }: FailureDetails,
  now: number,
): Moment {
  const failureReason = reason.slice(0, MAX_TEXT);
  const changes = {
    status: "failed",
    endTime: now,
    failureReason,
    failureKind,
    ...(canaries && { canaries }),
    ...(decision && { infrastructureDecision: decision }),
  } as const;
  const next: DeploymentRecord = { ...record, ...changes };
  return {
    record: next,
    writes: [updateRecord(record, changes), underLock(record), queued(deploymentFailedNotice(next, now))],
    happened: (found) => found.record?.status === "failed",
  };
}

function updateRecord(record: DeploymentRecord, changes: object, phases?: readonly Phase[]): Write {
  const inPhase: readonly Condition[] = phases ? [{ kind: "one-of", path: ["phase"], values: phases }] : [];
  return {
    kind: "update",
    key: record.deploymentId,
    set: assignments(changes),
    remove: [],
    when: [{ kind: "equals", path: ["status"], value: "in_progress" }, ...inPhase],
  };
}

function underLock(record: DeploymentRecord): Extract<Write, { kind: "check" }> {
  const { deploymentId, lockToken: token } = record;
  return { kind: "check", key: stateIdOf(record.environment), when: holds({ deploymentId, token }) };
}

function leased(record: DeploymentRecord, leaseUntil: number): Write {
  return { ...underLock(record), kind: "update", set: [assign(["lock", "leaseUntil"], leaseUntil)], remove: [] };
}

/** Being there is not enough: whoever has lost the lock since may not go on. */
function isIn(phase: Phase, found: Snapshot, record: DeploymentRecord): boolean {
  return holdsLock(found, record) && found.record?.status === "in_progress" && found.record.phase === phase;
}

function holdsLock(found: Snapshot, record: DeploymentRecord): boolean {
  return found.state.lock?.deploymentId === record.deploymentId && found.state.lock.token === record.lockToken;
}

function shortened(test: FailedTest): FailedTest {
  const { stackTrace } = test;
  return {
    ...test,
    error: test.error.slice(0, MAX_TEXT),
    ...(stackTrace !== undefined && { stackTrace: stackTrace.slice(0, MAX_TEXT) }),
  };
}
