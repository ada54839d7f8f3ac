import { describe, expect, it } from "@jest/globals";
import type { RollbackProgress } from "../../../../runtime/deployments/domainRollback";
import { recordOf, stateOf } from "../../../../runtime/deployments/items";
import { ROLLBACK_STEPS } from "../../../../runtime/types";
import { deploymentRecord, rollbackProgress } from "../support/deploymentRecord";

const FULL: Required<RollbackProgress> = {
  ...rollbackProgress(),
  target: { ...rollbackProgress().target, infrastructureVersion: "9".repeat(40) },
  root: "staging#1",
  alarmAt: 1_090_000,
  next: "parts",
  done: ROLLBACK_STEPS.map((step, index) => ({ step, round: 1, at: index, because: `${step} is done` })),
  infrastructureBuildId: "undo:1",
  validation: { startedAt: 1, deadline: 2, canaries: 1, canaryJobId: "job:1" },
  failure: "staging: no",
  inconclusive: "still in ALARM",
  parts: [{ environment: "production", deploymentId: "production#1000000" }],
  outcome: { kind: "failed", because: "no" },
};
const itemOf = (over: object) => ({
  ...deploymentRecord({ rollbackStatus: "running", rollbackLevel: "full" }),
  rollback: { ...FULL, ...over },
});

describe("a rollback in a record", () => {
  it("is read as it was written", () => {
    expect(recordOf(itemOf({})).rollback).toEqual(FULL);
    expect(recordOf({ ...itemOf({}), rollback: rollbackProgress() }).rollback).toEqual(rollbackProgress());
  });

  it.each(["restored", "inconclusive", "failed"])("is read when it is %s", (kind) => {
    const outcome = { kind, because: "so" };
    expect(recordOf(itemOf({ outcome })).rollback?.outcome).toEqual(outcome);
  });

  it("is read though a later version added to it", () => {
    expect(recordOf(itemOf({ addedLater: 1 })).rollback).toEqual(FULL);
  });

  it.each([
    ["token", { token: 0 }],
    ["cause", { cause: "mood" }],
    ["level", { level: "none" }],
    ["next", { next: "pray" }],
    ["round", { round: 0 }],
    ["claimedAt", { claimedAt: -1 }],
    ["target.releaseDigest", { target: { version: "v", deploymentId: "d" } }],
    ["done.0.step", { done: [{ step: "end", round: 1, at: 0, because: "" }] }],
    ["validation.deadline", { validation: { startedAt: 1, canaries: 0 } }],
    ["parts.0.environment", { parts: [{ environment: "prod", deploymentId: "d" }] }],
    ["outcome.kind", { outcome: { kind: "done", because: "" } }],
  ])("is unreadable by its %s", (name, over) => {
    expect(() => recordOf(itemOf(over))).toThrow(`rollback.${name}: `);
  });
});

describe("an environment's state", () => {
  const target = { version: "v", releaseDigest: "d", deploymentId: "test#1", infrastructureVersion: "i" };
  const state = {
    token: 4,
    live: {
      version: "w",
      releaseDigest: "e",
      deploymentId: "test#2",
      since: 5,
      restoredFrom: "test#3",
      before: target,
    },
    lock: {
      deploymentId: "test#3",
      purpose: "rollback",
      token: 4,
      leaseUntil: 9,
      buildId: "b",
      pipelineExecutionId: "e",
      since: 6,
    },
    hold: { kind: "frozen", by: "test#3", because: "no", since: 7 },
    quarantine: [{ version: "x", deploymentId: "test#3", because: "alarm", since: 8 }],
    automaticRollbacks: [1, 2],
  };

  it("is read with what a rollback leaves in it", () => {
    expect(stateOf("test", state)).toEqual({ environment: "test", ...state });
  });

  it.each([
    ["lock.purpose", { lock: { ...state.lock, purpose: "repair" } }],
    ["hold.kind", { hold: { ...state.hold, kind: "maybe" } }],
    ["quarantine.0.version", { quarantine: [{ ...state.quarantine[0], version: 1 }] }],
    ["automaticRollbacks.0", { automaticRollbacks: [-1] }],
    ["live.before.version", { live: { ...state.live, before: {} } }],
  ])("is unreadable by its %s", (name, over) => {
    expect(() => stateOf("test", { ...state, ...over })).toThrow(`${name}: `);
  });
});
