import { attentionNotice, deploymentFailedNotice, rollbackNotice } from "../notices/messages";
import type { RollbackCause } from "../types";
import { type DeploymentRecord, type EnvironmentState, type Lock, stateIdOf } from "./domain";
import { ended, failureOf, unchanged } from "./domainEndings";
import type { Hold, RollbackOutcome, RollbackProgress, RollbackTarget } from "./domainRollback";
import {
  type Assignment,
  assign,
  assignments,
  type Condition,
  holds,
  MAX_TEXT,
  type Moment,
  type Path,
  queued,
  type Write,
} from "./domainWrites";

/** More than any budget allows within its window. */
const KEPT_TIMES = 100;

/** What was decided about a release that is to go back. */
export interface RollbackClaim {
  readonly cause: RollbackCause;
  readonly because: string;
  readonly failedAlarms: readonly string[];
  readonly alarmAt?: number | undefined;
  readonly target: RollbackTarget;
  /** The deployment of a full rollback that asks for this one. */
  readonly root?: string | undefined;
  /** Whether it uses up the environment's budget of automatic rollbacks, and quarantines the release there. */
  readonly counts: boolean;
}

/**
 * Takes the environment for the rollback: a new token, so that whoever deployed may not write any more; the last known
 * good moves back; the initiation is told. Commits only while the state is the one that was decided on.
 *
 * @param waiting a later deployment that holds the lock and has changed nothing yet: it ends here.
 */
export function claim(
  record: DeploymentRecord,
  state: EnvironmentState,
  claimed: RollbackClaim,
  waiting: DeploymentRecord | undefined,
  now: number,
  leaseMs: number,
): Moment {
  const token = state.token + 1;
  const { target, cause, root, counts, failedAlarms, alarmAt } = claimed;
  const because = claimed.because.slice(0, MAX_TEXT);
  const rollback: RollbackProgress = {
    token,
    cause,
    because,
    failedAlarms,
    target,
    level: root === undefined ? "stage" : "full",
    root,
    claimedAt: now,
    alarmAt,
    round: 1,
    next: "stop-execution",
    done: [],
  };
  const changes = {
    ...ended(record, because, failureOf(cause), now),
    rollbackStatus: "running",
    rollbackReason: because,
    rollbackLevel: rollback.level,
    rollback,
  } as const;
  const next: DeploymentRecord = { ...record, ...changes };
  const { deploymentId, buildId, pipelineExecutionId, version } = record;
  const lock: Lock = {
    deploymentId,
    purpose: "rollback",
    token,
    leaseUntil: now + leaseMs,
    buildId,
    pipelineExecutionId,
    since: now,
  };
  const wasGood = state.lastKnownGood?.deploymentId === deploymentId;
  const quarantined = { version, deploymentId, because, since: now };
  const set: Assignment[] = [
    assign(["lock"], lock),
    assign(["token"], token),
    assign(["lastKnownGood"], wasGood ? { version: target.version, deploymentId: target.deploymentId } : undefined),
    assign(["automaticRollbacks"], counts ? [...(state.automaticRollbacks ?? []), now].slice(-KEPT_TIMES) : undefined),
    assign(
      ["quarantine"],
      counts ? [...(state.quarantine ?? []).filter((one) => one.version !== version), quarantined] : undefined,
    ),
  ];
  return {
    record: next,
    writes: [
      {
        kind: "update",
        key: deploymentId,
        set: assignments(changes),
        remove: [],
        when: [
          { kind: "equals", path: ["status"], value: record.status },
          { kind: "equals", path: ["rollbackStatus"], value: record.rollbackStatus },
        ],
      },
      { kind: "update", key: stateIdOf(record.environment), set, remove: [], when: unchanged(state) },
      ...(waiting === undefined ? [] : endedWaiting(waiting, deploymentId, now)),
      queued(rollbackNotice("rollback_initiated", next, now)),
    ],
    happened: ({ record: found }) => found?.rollback?.token === token && found.rollback.claimedAt === now,
  };
}

/** What a step changes in the environment's state. */
export interface StateChanges {
  readonly set?: readonly Assignment[] | undefined;
  readonly remove?: readonly Path[] | undefined;
}

/** One step is done: its result and what the environment's state is after it, under the claim's token. */
export function advanced(
  record: DeploymentRecord,
  rollback: RollbackProgress,
  changes: StateChanges,
  leaseUntil: number,
): Moment {
  return {
    record: { ...record, rollback, rollbackLevel: rollback.level },
    writes: [
      {
        kind: "update",
        key: record.deploymentId,
        set: assignments({ rollback, rollbackLevel: rollback.level }),
        remove: [],
        when: running(record),
      },
      {
        kind: "update",
        key: stateIdOf(record.environment),
        set: [assign(["lock", "leaseUntil"], leaseUntil), ...(changes.set ?? [])],
        remove: changes.remove ?? [],
        when: holds({ deploymentId: record.deploymentId, token: rollback.token }),
      },
    ],
    // Two workers at the same step write the same: whoever comes second reads what is there and goes on from it.
    happened: () => false,
  };
}

/** The end of a rollback: the lock is freed, and after a failure nothing is deployed here until a human says so. */
export function rollbackEnded(record: DeploymentRecord, outcome: RollbackOutcome, now: number): Moment {
  const { rollback } = record;
  if (rollback === undefined) throw new Error(`${record.deploymentId} has no rollback that could end`);
  const failed = outcome.kind === "failed";
  const changes = {
    ...(failed ? {} : { status: "rolled_back" as const }),
    rollbackStatus: failed ? ("failed" as const) : ("done" as const),
    rollbackTime: now,
    rollback: { ...rollback, next: "end" as const, outcome },
  };
  const next: DeploymentRecord = { ...record, ...changes };
  const hold: Hold = {
    kind: "frozen",
    by: record.deploymentId,
    because: outcome.because.slice(0, MAX_TEXT),
    since: now,
  };
  return {
    record: next,
    writes: [
      { kind: "update", key: record.deploymentId, set: assignments(changes), remove: [], when: running(record) },
      {
        kind: "update",
        key: stateIdOf(record.environment),
        set: failed ? [assign(["hold"], hold)] : [],
        remove: [["lock"]],
        when: holds({ deploymentId: record.deploymentId, token: rollback.token }),
      },
      queued(rollbackNotice(failed ? "rollback_failed" : "rollback_succeeded", next, now)),
      ...(outcome.kind === "inconclusive" ? [queued(attentionNotice(next, outcome.because, now))] : []),
    ],
    happened: ({ record: found }) => found?.rollback?.outcome !== undefined && found.rollback.token === rollback.token,
  };
}

function endedWaiting(waiting: DeploymentRecord, by: string, now: number): readonly Write[] {
  const changes = ended(waiting, `${by} is taken back: nothing may be deployed over it`, "step", now);
  return [
    {
      kind: "update",
      key: waiting.deploymentId,
      set: assignments(changes),
      remove: [],
      when: [
        { kind: "equals", path: ["status"], value: "in_progress" },
        { kind: "equals", path: ["phase"], value: "locked" },
      ],
    },
    queued(deploymentFailedNotice({ ...waiting, ...changes }, now)),
  ];
}

function running({ rollback, deploymentId }: DeploymentRecord): readonly Condition[] {
  if (rollback === undefined) throw new Error(`${deploymentId} has no rollback under way`);
  return [
    { kind: "equals", path: ["rollbackStatus"], value: "running" },
    { kind: "equals", path: ["rollback", "token"], value: rollback.token },
    { kind: "equals", path: ["rollback", "next"], value: rollback.next },
    { kind: "equals", path: ["rollback", "round"], value: rollback.round },
  ];
}
