import { describe, expect, it } from "@jest/globals";
import type { RollbackProgress } from "../../../../runtime/deployments/domainRollback";
import {
  advance,
  givenUp,
  isRunning,
  outcomeOf,
  secondRound,
  stepDone,
  withFailure,
} from "../../../../runtime/rollback/domainProgress";
import { ROLLBACK_STEPS } from "../../../../runtime/types";
import { deploymentRecord, rollbackProgress } from "../support/deploymentRecord";

const PARTS = [{ environment: "production", deploymentId: "production#1000000" }] as const;
/** All steps, done one after the other. */
const through = (from: RollbackProgress) =>
  ROLLBACK_STEPS.reduce((rollback, step, index) => stepDone(rollback, step, `${step} is done`, index), from);

describe("a rollback", () => {
  it("is running while its record says so and has its progress", () => {
    const rollback = rollbackProgress();
    expect(isRunning(deploymentRecord({ rollbackStatus: "running", rollback }))).toBe(true);
    expect(isRunning(deploymentRecord({ rollbackStatus: "done", rollback }))).toBe(false);
    expect(isRunning(deploymentRecord({ rollbackStatus: "running" }))).toBe(false);
    expect(isRunning(undefined)).toBe(false);
  });

  it("goes through its steps in their order, and ends", () => {
    const order: string[] = [];
    let rollback = rollbackProgress();
    for (const step of ROLLBACK_STEPS) {
      order.push(rollback.next);
      rollback = stepDone(rollback, step, "", 0);
    }
    expect([...order, rollback.next]).toEqual([
      "stop-execution",
      "stop-build",
      "flip-pointer",
      "undo-infrastructure",
      "validate",
      "end",
    ]);
  });

  it("keeps when each step was done and what was found", () => {
    expect(stepDone(rollbackProgress({ round: 2 }), "flip-pointer", "current.json names it", 7).done).toEqual([
      { step: "flip-pointer", round: 2, at: 7, because: "current.json names it" },
    ]);
  });

  it("that is full goes on with its other environments", () => {
    expect(through(rollbackProgress({ parts: PARTS })).next).toBe("parts");
  });

  it("that goes through its environment again flips the pointer first, and forgets the build and the look before", () => {
    const first = through(
      rollbackProgress({
        infrastructureBuildId: "undo:1",
        validation: { startedAt: 1, deadline: 2, canaries: 1, canaryJobId: "job:1" },
      }),
    );
    const second = secondRound(first);
    expect(second).toMatchObject({ round: 2, next: "flip-pointer", done: first.done });
    expect([second.infrastructureBuildId, second.validation]).toEqual([undefined, undefined]);
  });

  it("tells what went wrong first", () => {
    const once = withFailure(rollbackProgress(), "the first");
    expect([once.failure, withFailure(once, "the second").failure]).toEqual(["the first", "the first"]);
  });

  it("that is given up ends, or goes on with its other environments", () => {
    expect(givenUp(rollbackProgress({ failure: "the first" }), "no")).toMatchObject({
      next: "end",
      failure: "the first",
    });
    expect(givenUp(rollbackProgress({ parts: PARTS }), "no")).toMatchObject({ next: "parts", failure: "no" });
  });

  it("advances to what is persisted next", () => {
    const rollback = rollbackProgress();
    expect(advance(rollback)).toEqual({ kind: "advance", rollback });
    const changes = { remove: [["infrastructureDigest"]] } as const;
    expect(advance(rollback, changes)).toEqual({ kind: "advance", rollback, changes });
  });
});

describe("the outcome", () => {
  const version = rollbackProgress().target.version;

  it("is failed where anything failed, even if more is unclear", () => {
    expect(outcomeOf(rollbackProgress({ failure: "no", inconclusive: "unclear" }))).toEqual({
      kind: "failed",
      because: "no",
    });
  });

  it("is inconclusive where not everything could be seen", () => {
    expect(outcomeOf(rollbackProgress({ inconclusive: "still in ALARM" }))).toEqual({
      kind: "inconclusive",
      because: "still in ALARM",
    });
  });

  it("is restored otherwise, with what the last validation saw", () => {
    const twice = stepDone(through(rollbackProgress()), "validate", "canary job 2 ran it", 9);
    expect(outcomeOf(twice)).toEqual({ kind: "restored", because: `${version} is live: canary job 2 ran it` });
    expect(outcomeOf(rollbackProgress())).toEqual({ kind: "restored", because: `${version} is live: validated` });
  });
});
