import { describe, expect, it } from "@jest/globals";
import {
  deploymentIdOf,
  type HolderActivity,
  type Lock,
  mayBreak,
  mayTakeOver,
  stateIdOf,
  transition,
} from "../../../../runtime/deployments/domain";
import { DEPLOYMENT_STATUSES } from "../../../../runtime/types";

const DEAD: HolderActivity = { execution: "terminal", build: "terminal" };
const LOCK: Lock = {
  deploymentId: "test#1",
  purpose: "deployment",
  token: 1,
  leaseUntil: 1_000,
  buildId: "b",
  pipelineExecutionId: "e",
  since: 0,
};

describe("transition", () => {
  it("allows exactly these pairs", () => {
    const legal = DEPLOYMENT_STATUSES.flatMap((from) =>
      DEPLOYMENT_STATUSES.filter((to) => transition(from, to).kind === "allowed").map((to) => `${from} -> ${to}`),
    );
    expect(legal).toEqual([
      "in_progress -> succeeded",
      "in_progress -> failed",
      "in_progress -> rolled_back",
      "succeeded -> rolled_back",
      "failed -> rolled_back",
    ]);
  });

  it("says why it refuses", () => {
    expect(transition("failed", "succeeded")).toEqual({
      kind: "refused",
      because: "a deployment that is failed never becomes succeeded",
    });
  });
});

describe("a lock", () => {
  it("may be broken only when execution and build are terminal", () => {
    expect(mayBreak(LOCK, DEAD, 0)).toEqual({ kind: "allowed" });
    expect(mayBreak(LOCK, { ...DEAD, execution: "running" }, 0)).toEqual({
      kind: "refused",
      because: "its execution is still running",
    });
    expect(mayBreak(LOCK, { execution: "unknown", build: "running" }, 0)).toEqual({
      kind: "refused",
      because: "its execution is in an unknown state and its build is still running",
    });
  });

  it("may be taken over only when its lease has run out as well", () => {
    expect(mayTakeOver(LOCK, DEAD, 999)).toEqual({
      kind: "refused",
      because: "its lease runs until 1970-01-01T00:00:01.000Z",
    });
    expect(mayTakeOver(LOCK, DEAD, 1_000)).toEqual({ kind: "allowed" });
    expect(mayTakeOver(LOCK, { ...DEAD, build: "unknown" }, 1_000).kind).toBe("refused");
  });
});

describe("the keys", () => {
  it("are the environment with the time, and the environment's state", () => {
    expect([deploymentIdOf("staging", 12), stateIdOf("staging")]).toEqual(["staging#12", "state#staging"]);
  });
});
