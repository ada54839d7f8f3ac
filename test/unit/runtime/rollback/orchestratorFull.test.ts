import { beforeEach, describe, expect, it } from "@jest/globals";
import type { RollbackRun } from "../../../../runtime/rollback/ports";
import type { Environment } from "../../../../runtime/types";
import { BAD, GOOD, NEXT, type World } from "../../../property/runtime/rollback/world";
import { BadRelease } from "./support/badRelease";
import { benchOf, rewrite, told } from "./support/bench";

let release: BadRelease;
let world: World;
beforeEach(async () => {
  release = await BadRelease.everywhere();
  ({ world } = release);
});

/** Resumes, builds and jobs going well, until it waits for what is said. */
async function untilItWaits({ orchestrator }: ReturnType<typeof benchOf>, because: string): Promise<RollbackRun> {
  const { deploymentId } = await release.in("production");
  for (let look = 0; look < 10; look++) {
    const run = await orchestrator.resume(deploymentId);
    if (run.kind !== "waiting" || run.because === because) return run;
    release.outside("succeeded");
  }
  throw new Error(`it never waited because ${because}`);
}

describe("executeRollback falls back to full when its validation fails", () => {
  it("and rollbackFull goes production → staging → test", async () => {
    const flips: Environment[] = [];
    const { pointer } = world.ports();
    const bench = benchOf(world, {
      pointer: (environment) => ({
        readCurrent: () => pointer(environment).readCurrent(),
        flip: (expected, next) => (flips.push(environment), pointer(environment).flip(expected, next)),
      }),
    });
    await release.untilCanaryFails(bench);
    expect(await release.finish(bench)).toMatchObject({ kind: "ended", result: { success: true, level: "full" } });

    expect(flips).toEqual(["production", "production", "staging", "test"]);
    expect(release.pointers()).toEqual({ test: GOOD, staging: GOOD, production: GOOD });
    expect((await release.steps("production")).slice(4)).toEqual([
      "validate",
      "flip-pointer again",
      "undo-infrastructure again",
      "validate again",
    ]);
  });

  it("and each other environment goes back by a rollback of its own, which it did nothing wrong for", async () => {
    const bench = benchOf(world);
    await release.untilCanaryFails(bench);
    await release.finish(bench);
    expect(bench.metrics.filter(([kind]) => kind === "count")).toEqual([
      ["count", "production", "stage"],
      ["count", "staging", "full"],
      ["count", "test", "full"],
    ]);
    const { deploymentId: root } = await release.in("production");
    for (const environment of ["staging", "test"] as const) {
      expect(await release.in(environment)).toMatchObject({
        rollbackStatus: "done",
        rollbackLevel: "full",
        rollback: { root, because: expect.stringMatching(/^full rollback of b+ from production: alarm/) },
      });
      expect(await world.table.state(environment)).not.toHaveProperty("quarantine");
      expect(told(world, environment).map(({ event }) => event)).toEqual(["rollback_initiated", "rollback_succeeded"]);
    }
    expect(told(world, "production").at(-1)).toMatchObject({ event: "rollback_succeeded", level: "full" });
  });

  it("and fails where that does not help: the environment is held until a human has looked", async () => {
    const bench = benchOf(world);
    const { deploymentId } = await release.takenBack(bench);
    expect(await release.finish(bench, "failed")).toMatchObject({
      kind: "ended",
      result: { success: false, level: "none" },
    });
    expect(await release.in("production")).toMatchObject({ status: "failed", rollbackStatus: "failed" });
    const { hold, lock } = await world.table.state("production");
    expect(hold).toMatchObject({ kind: "frozen", by: deploymentId });
    expect(lock).toBeUndefined();
    expect(told(world, "production").map(({ event, level }) => [event, level])).toEqual([
      ["rollback_failed", "none"],
      ["rollback_initiated", "stage"],
    ]);
    expect(bench.log.lines.at(-1)).toMatchObject(["info", "rollback ended", { kind: "failed", level: "full" }]);
  });
});

describe("an environment of a full rollback that cannot go back", () => {
  it("does not keep the others from it, and makes it fail in the end", async () => {
    const staging = await release.in("staging");
    rewrite(world, staging, { previousVersion: undefined });
    const bench = benchOf(world);
    await release.untilCanaryFails(bench);
    expect(await release.finish(bench)).toMatchObject({ kind: "ended", result: { success: false, level: "none" } });
    expect(release.pointers()).toEqual({ test: GOOD, staging: BAD, production: GOOD });
    expect((await release.in("production")).rollback?.outcome).toEqual({
      kind: "failed",
      because: "staging: it is the first release in staging: there is nothing to go back to",
    });
  });

  it("may be production itself, whose infrastructure cannot be undone again", async () => {
    const bench = benchOf(world);
    await release.untilCanaryFails(bench);
    const { deploymentId } = await release.in("production");
    await bench.orchestrator.resume(deploymentId);
    release.outside("succeeded", "failed");
    expect(await release.finish(bench)).toMatchObject({ kind: "ended", result: { success: false, level: "none" } });
    expect(release.pointers()).toEqual({ test: GOOD, staging: GOOD, production: GOOD });
    expect((await release.in("production")).rollback?.outcome).toMatchObject({
      kind: "failed",
      because: expect.stringMatching("which undoes the infrastructure, ended as failed"),
    });
  });
});

describe("an environment of a full rollback is waited for", () => {
  it("while a deployment is changing it", async () => {
    // The next release arrives in staging: the bad one is still what is live there.
    const next = await world.deploy("staging", NEXT, "changing");
    const bench = benchOf(world);
    await release.untilCanaryFails(bench);
    const because = `${next.deploymentId} is changing staging`;
    expect(await untilItWaits(bench, because)).toEqual({ kind: "waiting", because });
    expect(release.pointers()).toMatchObject({ staging: BAD, test: BAD });
  });

  it("when somebody else has changed it since it was looked at", async () => {
    const bench = benchOf(world);
    const { rollbacks } = bench.ports;
    const claim = rollbacks.claim.bind(rollbacks);
    const because = "staging has token 9 by now";
    rollbacks.claim = async (record, ...rest) =>
      record.environment === "staging"
        ? { kind: "stale", because, record: undefined, lock: undefined }
        : claim(record, ...rest);
    await release.untilCanaryFails(bench);
    expect(await untilItWaits(bench, because)).toEqual({ kind: "waiting", because });

    rollbacks.claim = claim;
    expect(await release.finish(bench)).toMatchObject({ kind: "ended", result: { success: true, level: "full" } });
  });
});
