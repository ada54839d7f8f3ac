import { beforeEach, describe, expect, it } from "@jest/globals";
import { ReleaseNotFoundError, TamperedError } from "../../../../runtime/errors";
import type { RollbackPorts } from "../../../../runtime/rollback/ports";
import type { Running } from "../../../../runtime/rollback/domainProgress";
import { LONGEST_STOP_MS, runStep } from "../../../../runtime/rollback/steps";
import type { Phase, RollbackStep } from "../../../../runtime/types";
import { BAD, digestOf, GOOD, VALIDATION, World } from "../../../property/runtime/rollback/world";
import { release } from "../support/fixtures";
import { running } from "./support/bench";

let world: World;
beforeEach(() => {
  world = new World();
  world.now = 1_200_000;
});
const run = (step: RollbackStep, record: Running, over: Partial<RollbackPorts> = {}) =>
  runStep(step, record, { ...world.ports(), ...over }, VALIDATION);
const done = (step: RollbackStep, because: string, round = 1) => ({ step, round, at: world.now, because });

describe("stopping the execution", () => {
  it("keeps it from going any further, and says why", async () => {
    const stopped: unknown[] = [];
    const executions = { stop: async (...said: unknown[]) => void stopped.push(said) };
    const result = await run("stop-execution", running(), { executions });
    expect(stopped).toEqual([["execution-1", running().rollback.because]]);
    expect(result).toMatchObject({
      kind: "advance",
      rollback: { next: "stop-build", done: [done("stop-execution", "execution execution-1 goes no further")] },
    });
  });

  it("is for a retry when it cannot be asked for", async () => {
    const executions = { stop: () => Promise.reject(new Error("Throttled")) };
    await expect(run("stop-execution", running(), { executions })).rejects.toThrow("Throttled");
  });
});

describe("stopping the build", () => {
  const build = (status: "running" | "succeeded" | "failed") =>
    world.builds.set("deploy:1", { status, environment: "production", mode: "deploy" });
  const record = (phase: Phase = "changing") => running({ next: "stop-build", claimedAt: world.now }, { phase });

  it.each(["succeeded", "failed"] as const)("goes on when it has %s", async (status) => {
    build(status);
    expect(await run("stop-build", record())).toMatchObject({
      kind: "advance",
      rollback: { next: "flip-pointer", done: [done("stop-build", "build deploy:1 has ended")] },
    });
  });

  it("asks one that runs to end, and waits for it", async () => {
    build("running");
    expect(await run("stop-build", record())).toEqual({ kind: "wait", because: "build deploy:1 is running" });
    expect(world.builds.get("deploy:1")?.status).toBe("failed");
  });

  it.each(["locked", "changing", "live"] as const)(
    "waits for one that nobody knows while its deployment is %s: that is no proof of its end",
    async (phase) => {
      expect(await run("stop-build", record(phase))).toEqual({ kind: "wait", because: "build deploy:1 is unknown" });
      expect(world.effects).toBe(0);
    },
  );

  it.each(["baking", "done"] as const)(
    "goes on when nobody knows it and its deployment is %s: its last step wrote that",
    async (phase) => {
      expect(await run("stop-build", record(phase))).toMatchObject({ rollback: { next: "flip-pointer" } });
    },
  );

  it("fails when it cannot be proven to have ended, and nothing is undone beside it", async () => {
    build("running");
    const waiting = record();
    world.now += LONGEST_STOP_MS;
    expect((await run("stop-build", waiting)).kind).toBe("wait");
    build("running");
    world.now += 1;
    expect(await run("stop-build", waiting)).toEqual({
      kind: "advance",
      rollback: {
        ...waiting.rollback,
        next: "end",
        failure: "build deploy:1 could not be proven to have ended (it is running): nothing was undone beside it",
      },
    });
  });
});

describe("flipping the pointer", () => {
  const current = { version: BAD, releaseDigest: digestOf(BAD), deploymentId: "production#1", flippedAt: "then" };
  const record = running({ next: "flip-pointer" });
  const live = () => ({
    version: GOOD,
    releaseDigest: digestOf(GOOD),
    deploymentId: "production#900000",
    since: world.now,
    restoredFrom: record.deploymentId,
  });
  beforeEach(() => void world.pointers.set("production", current));

  it("makes the target live again, by the deployment that made it live", async () => {
    expect(await run("flip-pointer", record)).toEqual({
      kind: "advance",
      rollback: {
        ...record.rollback,
        next: "undo-infrastructure",
        done: [done("flip-pointer", `current.json of production names ${GOOD}`)],
      },
      changes: { set: [{ path: ["live"], value: live() }] },
    });
    expect(world.pointers.get("production")).toEqual({
      version: GOOD,
      releaseDigest: digestOf(GOOD),
      deploymentId: "production#900000",
      flippedAt: "1970-01-01T00:20:00.000Z",
    });
  });

  it("is done when it was flipped by the call before", async () => {
    await run("flip-pointer", record);
    expect(await run("flip-pointer", record)).toMatchObject({ kind: "advance", changes: { set: [{ value: live() }] } });
  });

  /** Somebody else flips it as often between reading and writing. */
  const contested = (times: number): Partial<RollbackPorts> => {
    let left = times;
    const pointer: RollbackPorts["pointer"] = (environment) => {
      const real = world.ports().pointer(environment);
      return {
        readCurrent: () => real.readCurrent(),
        flip: async (expected, next) => (left-- > 0 ? { kind: "lost", current } : real.flip(expected, next)),
      };
    };
    return { pointer };
  };

  it("is tried again when somebody else flips it at the same moment", async () => {
    expect(await run("flip-pointer", record, contested(2))).toMatchObject({ kind: "advance" });
    expect(world.pointers.get("production")?.version).toBe(GOOD);
  });

  it("is left to a retry when somebody else does so again and again", async () => {
    await expect(run("flip-pointer", record, contested(3))).rejects.toThrow(
      "current.json of production is being changed by somebody else",
    );
  });

  it.each([
    ["is not what it was", new TamperedError("release.json", digestOf(GOOD), digestOf(BAD))],
    ["is gone", new ReleaseNotFoundError(`releases/${GOOD}/release.json`)],
  ])("fails for good when the target %s, and leaves what is live", async (_, error) => {
    const releases = { readRelease: () => Promise.reject(error) };
    expect(await run("flip-pointer", record, { releases })).toEqual({
      kind: "advance",
      rollback: { ...record.rollback, next: "end", failure: `flip-pointer: ${error.message}` },
    });
    expect(world.pointers.get("production")).toEqual(current);
  });

  it("reads the target as it was when it was live, before anything else", async () => {
    const read: unknown[] = [];
    const releases: RollbackPorts["releases"] = {
      readRelease: async (...asked) => {
        read.push([...asked, world.pointers.get("production")?.version]);
        return { release: release(), digest: "" };
      },
    };
    await run("flip-pointer", record, { releases });
    expect(read).toEqual([[GOOD, digestOf(GOOD), BAD]]);
  });
});

describe("a validation", () => {
  it("is one look of the validator", async () => {
    const result = await run("validate", running({ next: "validate" }));
    expect(result).toMatchObject({ kind: "advance", rollback: { validation: { canaries: 1 } } });
  });
});
