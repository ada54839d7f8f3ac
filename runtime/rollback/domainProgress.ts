import type { DeploymentRecord } from "../deployments/domain";
import type { RollbackOutcome, RollbackProgress } from "../deployments/domainRollback";
import type { StateChanges } from "../deployments/domainRollbackMoments";
import { ROLLBACK_STEPS, type RollbackStep } from "../types";

/** What one step came to: progress to persist, with what it changes in the environment's state, or something to wait for. */
export type StepResult =
  | { readonly kind: "advance"; readonly rollback: RollbackProgress; readonly changes?: StateChanges }
  /** `rollback`: what the look itself changed; absent: nothing. */
  | { readonly kind: "wait"; readonly because: string; readonly rollback?: RollbackProgress };

/** @param changes what the step changed in the environment's state. */
export function advance(rollback: RollbackProgress, changes?: StateChanges): Extract<StepResult, { kind: "advance" }> {
  return { kind: "advance", rollback, ...(changes && { changes }) };
}

/** The record of a rollback that is under way. */
export type Running = DeploymentRecord & { readonly rollback: RollbackProgress };

export function isRunning(record: DeploymentRecord | undefined): record is Running {
  return record?.rollbackStatus === "running" && record.rollback !== undefined;
}

/** The step is done; the one after it is next. After `validate` a full rollback looks at its other environments again. */
export function stepDone(
  rollback: RollbackProgress,
  step: RollbackStep,
  because: string,
  now: number,
): RollbackProgress {
  const following = ROLLBACK_STEPS[ROLLBACK_STEPS.indexOf(step) + 1];
  return {
    ...rollback,
    done: [...rollback.done, { step, round: rollback.round, at: now, because }],
    next: following ?? (rollback.parts === undefined ? "end" : "parts"),
  };
}

/** The environment goes back once more, as its part of a full rollback. */
export function secondRound(rollback: RollbackProgress): RollbackProgress {
  return { ...rollback, round: 2, next: "flip-pointer", infrastructureBuildId: undefined, validation: undefined };
}

/** What went wrong first is what people read. */
export function withFailure(rollback: RollbackProgress, failure: string): RollbackProgress {
  return { ...rollback, failure: rollback.failure ?? failure };
}

/** This environment cannot go back; the others of a full rollback still do. */
export function givenUp(rollback: RollbackProgress, failure: string): RollbackProgress {
  return { ...withFailure(rollback, failure), next: rollback.parts === undefined ? "end" : "parts" };
}

/** The outcome that the persisted steps amount to, once nothing is left to do. */
export function outcomeOf({ failure, inconclusive, done, target }: RollbackProgress): RollbackOutcome {
  if (failure !== undefined) return { kind: "failed", because: failure };
  if (inconclusive !== undefined) return { kind: "inconclusive", because: inconclusive };
  const validated = done.findLast(({ step }) => step === "validate")?.because ?? "validated";
  return { kind: "restored", because: `${target.version} is live: ${validated}` };
}
