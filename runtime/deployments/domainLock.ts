import {
  deploymentIdOf,
  type DeploymentInfo,
  type DeploymentRecord,
  type EnvironmentState,
  type Lock,
  type LockBreak,
  RECORD_LIFETIME_SECONDS,
  stateIdOf,
} from "./domain";
import { deploymentStartedNotice } from "../notices/messages";
import { assign, assignments, type Condition, holds, MAX_TEXT, type Moment, queued, type Write } from "./domainWrites";

/** A lock whose holder was proven dead, with its record if that has not expired. */
export interface DeadHolder {
  readonly lock: Lock;
  readonly record: DeploymentRecord | undefined;
}

/**
 * Takes the lock and captures what is there. It commits only while the state is the one that was captured from: every
 * change of the state happens under a lock, and every lock has a token of its own.
 */
export function start(
  info: DeploymentInfo,
  state: EnvironmentState,
  now: number,
  leaseMs: number,
  dead?: DeadHolder,
): Moment {
  const token = state.token + 1;
  const record: DeploymentRecord = {
    ...info,
    deploymentId: deploymentIdOf(info.environment, now),
    status: "in_progress",
    phase: "locked",
    startTime: now,
    lockToken: token,
    ...capturedFrom(state, info.version),
    infrastructureChanged: false,
    commitMessage: info.commitMessage.slice(0, MAX_TEXT),
    integrationTestsPassed: false,
    e2eTestsPassed: false,
    rollbackStatus: "none",
    expiresAt: Math.floor(now / 1000) + RECORD_LIFETIME_SECONDS,
  };
  const lock: Lock = {
    deploymentId: record.deploymentId,
    purpose: "deployment",
    token,
    leaseUntil: now + leaseMs,
    buildId: info.buildId,
    pipelineExecutionId: info.pipelineExecutionId,
    since: now,
  };
  const free: readonly Condition[] =
    dead === undefined
      ? [{ kind: "missing", path: ["lock"] }]
      : [...holds(dead.lock), { kind: "at-most", path: ["lock", "leaseUntil"], value: now }];
  const captured: Condition =
    state.token === 0 ? { kind: "missing", path: ["token"] } : { kind: "equals", path: ["token"], value: state.token };
  return {
    record,
    writes: [
      { kind: "put", key: record.deploymentId, record, when: [{ kind: "missing", path: ["deploymentId"] }] },
      {
        kind: "update",
        key: stateIdOf(info.environment),
        set: [assign(["lock"], lock), assign(["token"], token)],
        remove: [],
        when: [...free, captured],
      },
      ...abandoned(dead, now, `its lock was taken over by ${record.deploymentId}`),
      queued(deploymentStartedNotice(record, now)),
    ],
    happened: (found) =>
      found.state.lock?.deploymentId === record.deploymentId &&
      found.record?.buildId === info.buildId &&
      found.record.pipelineExecutionId === info.pipelineExecutionId,
  };
}

/**
 * What a rollback would go back to. Where the very same release is live already, it is what was live before it: going
 * back to the release that is taken back would restore nothing.
 */
function capturedFrom({ live, infrastructureVersion }: EnvironmentState, version: string): Partial<DeploymentRecord> {
  const target = live?.version === version ? live.before : live && { ...live, infrastructureVersion };
  return {
    previousVersion: target?.version,
    previousReleaseDigest: target?.releaseDigest,
    previousDeploymentId: target?.deploymentId,
    previousInfrastructureVersion: target?.infrastructureVersion,
  };
}

/** Frees a dead holder's lock; the record says who did it, and is `failed` if it had no end yet. */
export function broken(dead: DeadHolder, stateKey: string, lockBroken: LockBreak): readonly Write[] {
  return [
    { kind: "update", key: stateKey, set: [], remove: [["lock"]], when: holds(dead.lock) },
    ...abandoned(dead, lockBroken.at, `its lock was broken by ${lockBroken.by}: ${lockBroken.because}`, lockBroken),
  ];
}

function abandoned(dead: DeadHolder | undefined, now: number, reason: string, lockBroken?: LockBreak): Write[] {
  if (dead?.record === undefined) return [];
  const { deploymentId, status, rollbackStatus } = dead.record;
  const end =
    status === "in_progress" ? { status: "failed", endTime: now, failureReason: reason.slice(0, MAX_TEXT) } : {};
  // A rollback without its lock never goes on: an operator may ask for it again.
  const rollback = rollbackStatus === "running" ? { rollbackStatus: "failed", rollbackTime: now } : {};
  const changes = { ...end, ...rollback, ...(lockBroken && { lockBroken }) };
  const when: readonly Condition[] = [
    { kind: "equals", path: ["status"], value: status },
    { kind: "equals", path: ["rollbackStatus"], value: rollbackStatus },
  ];
  if (Object.keys(changes).length === 0) return [{ kind: "check", key: deploymentId, when }];
  return [{ kind: "update", key: deploymentId, set: assignments(changes), remove: [], when }];
}
