import { attentionNotice, deploymentFailedNotice } from "../notices/messages";
import type { CurrentPointer } from "../releases/domain";
import type { FailureKind, RollbackCause } from "../types";
import { type DeploymentRecord, type EnvironmentState, stateIdOf } from "./domain";
import type { Hold } from "./domainRollback";
import { assign, assignments, type Condition, holds, MAX_TEXT, type Moment, queued, type Write } from "./domainWrites";

/** How a deployment counts as failed that was still under way when it had to go back. */
export function failureOf(cause: RollbackCause): FailureKind {
  if (cause === "operator") return "step";
  return cause === "alarm" ? "health" : cause;
}

/** How a deployment ends that is not taken back. */
export interface Ending {
  readonly because: string;
  readonly failureKind: FailureKind;
  /** A human is told, beyond that the deployment failed. */
  readonly attention: boolean;
  /** Nothing is deployed here until a human says so. */
  readonly freeze: boolean;
}

/** Ends a deployment without a rollback: it failed, its lock is freed. */
export function endedWithout(record: DeploymentRecord, state: EnvironmentState, ending: Ending, now: number): Moment {
  const changes = ended(record, ending.because, ending.failureKind, now);
  const next: DeploymentRecord = { ...record, ...changes };
  const { deploymentId } = record;
  const mine = state.lock?.deploymentId === deploymentId;
  const hold: Hold = { kind: "frozen", by: deploymentId, because: ending.because.slice(0, MAX_TEXT), since: now };
  const when: readonly Condition[] = [
    { kind: "equals", path: ["status"], value: record.status },
    // One that goes on while it is ended leaves what it changed to nobody.
    { kind: "equals", path: ["phase"], value: record.phase },
  ];
  const recordWrite: Write =
    Object.keys(changes).length === 0
      ? { kind: "check", key: deploymentId, when }
      : { kind: "update", key: deploymentId, set: assignments(changes), remove: [], when };
  return {
    record: next,
    writes: [
      recordWrite,
      {
        kind: "update",
        key: stateIdOf(record.environment),
        // A token of its own: whoever decided on the state as it was before decides again.
        set: [assign(["token"], state.token + 1), assign(["hold"], ending.freeze ? (state.hold ?? hold) : undefined)],
        remove: mine ? [["lock"]] : [],
        when: unchanged(state),
      },
      ...(record.status === "in_progress" ? [queued(deploymentFailedNotice(next, now))] : []),
      ...(ending.attention ? [queued(attentionNotice(next, ending.because, now))] : []),
    ],
    happened: ({ record: found, state: after }) =>
      found?.status !== "in_progress" && after.lock?.deploymentId !== deploymentId && after.token === state.token + 1,
  };
}

/** Somebody flipped the pointer by hand: what is live is what it names, by no deployment that could be blamed. */
export function reconciled(state: EnvironmentState, pointer: CurrentPointer): readonly Write[] {
  const { version, releaseDigest, deploymentId, flippedAt } = pointer;
  const live = { version, releaseDigest, deploymentId, since: Date.parse(flippedAt) };
  const set = [assign(["live"], live), assign(["token"], state.token + 1)];
  return [{ kind: "update", key: stateIdOf(state.environment), set, remove: [], when: unchanged(state) }];
}

/** The state as it was read: every claim, start and operator's change has a token of its own, every other change a lock. */
export function unchanged(state: EnvironmentState): readonly Condition[] {
  const token: Condition =
    state.token === 0 ? { kind: "missing", path: ["token"] } : { kind: "equals", path: ["token"], value: state.token };
  return [token, ...(state.lock === undefined ? [{ kind: "missing", path: ["lock"] } as const] : holds(state.lock))];
}

/** What an end changes in a record that has none yet. */
export function ended(record: DeploymentRecord, because: string, failureKind: FailureKind, now: number) {
  if (record.status !== "in_progress") return {};
  return { status: "failed", endTime: now, failureReason: because.slice(0, MAX_TEXT), failureKind } as const;
}
