import { beforeEach, describe, expect, it } from "@jest/globals";
import type { RollbackPorts } from "../../../../runtime/rollback/ports";
import { BAD, GOOD, LEASE, MINUTE, type World } from "../../../property/runtime/rollback/world";
import { BadRelease } from "./support/badRelease";
import { benchOf, requestFor, told } from "./support/bench";

let release: BadRelease;
let world: World;
beforeEach(async () => {
  release = await BadRelease.everywhere();
  ({ world } = release);
});

describe("executeRollback", () => {
  it("does the stage first: application, then infrastructure, then it validates, each when the one before is done", async () => {
    const { orchestrator } = benchOf(world);
    const bad = await release.in("production");
    const request = await requestFor(world, bad);
    const undo = `undo-production:${bad.deploymentId}:${request.state.token + 1}:1`;
    expect(await orchestrator.executeRollback(request)).toEqual({
      kind: "waiting",
      because: `build ${undo} undoes the infrastructure`,
    });
    expect(release.pointers()).toEqual({ test: BAD, staging: BAD, production: GOOD });
    expect(world.executions.get(bad.pipelineExecutionId)).toBe("terminal");
    expect(await release.steps("production")).toEqual(["stop-execution", "stop-build", "flip-pointer"]);

    release.outside("succeeded");
    expect(await orchestrator.resume(bad.deploymentId)).toMatchObject({
      kind: "waiting",
      because: expect.stringMatching(/^canary job .*: running$/),
    });
    release.outside("succeeded");
    expect(await orchestrator.resume(bad.deploymentId)).toMatchObject({
      kind: "ended",
      result: { success: true, level: "stage" },
    });
    expect(release.pointers()).toEqual({ test: BAD, staging: BAD, production: GOOD });
    expect(await release.steps("production")).toEqual([
      "stop-execution",
      "stop-build",
      "flip-pointer",
      "undo-infrastructure",
      "validate",
    ]);
  });

  it("records where it got to, and leaves the environment free with what is live again", async () => {
    const bench = benchOf(world);
    const { deploymentId } = await release.takenBack(bench);
    expect(await release.in("production")).toMatchObject({ status: "failed", rollbackStatus: "running" });
    expect((await world.table.state("production")).lock).toMatchObject({ purpose: "rollback" });
    await release.finish(bench);
    expect(await release.in("production")).toMatchObject({
      status: "rolled_back",
      rollbackStatus: "done",
      rollbackLevel: "stage",
      rollbackReason: "alarm in ALARM state",
      rollbackTime: world.now,
      rollback: { outcome: { kind: "restored" } },
    });
    const state = await world.table.state("production");
    expect(state).toMatchObject({
      live: { version: GOOD, restoredFrom: deploymentId },
      infrastructureVersion: GOOD,
      lastKnownGood: { version: GOOD },
      quarantine: [{ version: BAD }],
    });
    expect([state.lock, state.hold]).toEqual([undefined, undefined]);
  });

  it("tells, counts and logs that it began and that it ended", async () => {
    const bench = benchOf(world);
    const { deploymentId, environment, version } = await release.takenBack(bench);
    expect(bench.metrics).toEqual([["count", "production", "stage"]]);
    expect(told(world, "production").map(({ event }) => event)).toEqual(["rollback_initiated"]);
    expect(bench.log.lines[0]).toEqual([
      "info",
      "rollback claimed",
      { deploymentId, environment, version, cause: "alarm", because: "alarm in ALARM state", target: GOOD },
    ]);

    const claimedAt = world.now;
    await release.finish(bench);
    const seconds = (world.now - claimedAt) / 1000;
    expect(seconds).toBeGreaterThan(0);
    expect(bench.metrics).toEqual([
      ["count", "production", "stage"],
      ["duration", "production", "stage", seconds],
    ]);
    expect(told(world, "production")).toMatchObject([
      { event: "rollback_initiated", currentVersion: BAD, targetVersion: GOOD, level: "stage" },
      { event: "rollback_succeeded", currentVersion: BAD, targetVersion: GOOD, level: "stage" },
    ]);
    expect(bench.log.lines.at(-1)).toMatchObject([
      "info",
      "rollback ended",
      { deploymentId, environment, kind: "restored", level: "stage", seconds },
    ]);
  });

  it("is stale for whoever comes second, who changes nothing", async () => {
    const bench = benchOf(world);
    const bad = await release.in("production");
    const request = await requestFor(world, bad);
    await bench.orchestrator.executeRollback(request);
    // Not in the same millisecond, or it would be the same claim.
    world.now += 1;
    const before = world.digest();
    expect(await bench.orchestrator.executeRollback(request)).toMatchObject({
      kind: "stale",
      because: expect.stringContaining(`${bad.deploymentId} is failed (rollback running)`),
    });
    expect(world.digest()).toBe(before);
    expect(bench.metrics).toHaveLength(1);
  });

  it("that is healthy but still in ALARM at its deadline is inconclusive: a human is told, nobody is punished", async () => {
    const bench = benchOf(world);
    await release.takenBack(bench);
    world.alarmSince = world.now;
    expect(await release.finish(bench)).toMatchObject({ kind: "ended", result: { success: true, level: "stage" } });
    expect(release.pointers()).toEqual({ test: BAD, staging: BAD, production: GOOD });
    const because = "still in ALARM: kiro-worker-production-failed-jobs";
    expect((await release.in("production")).rollback?.outcome).toEqual({ kind: "inconclusive", because });
    expect(told(world, "production")).toMatchObject([
      { event: "attention_needed", reason: because },
      { event: "rollback_initiated" },
      { event: "rollback_succeeded", reason: because },
    ]);
  });
});

describe("a rollback that waits", () => {
  it("keeps its lease, logs what for, and stays where it is", async () => {
    const bench = benchOf(world);
    const before = await release.takenBack(bench);
    world.now += MINUTE;
    expect((await bench.orchestrator.resume(before.deploymentId)).kind).toBe("waiting");
    expect(await release.in("production")).toEqual(before);
    expect((await world.table.state("production")).lock?.leaseUntil).toBe(world.now + LEASE);
    expect(bench.log.lines.at(-1)).toMatchObject([
      "info",
      "rollback waits",
      { deploymentId: before.deploymentId, next: "undo-infrastructure", because: expect.stringContaining("undoes") },
    ]);
  });

  it("does not start one job after the other while none can be measured", async () => {
    const started: string[] = [];
    const broken: RollbackPorts["jobs"] = () => ({
      start: async (token) => (started.push(token), token),
      status: () => Promise.reject(new Error("AccessDenied")),
    });
    const bench = benchOf(world, { jobs: broken });
    const { deploymentId } = await release.takenBack(bench);
    release.outside("succeeded");
    for (let look = 1; look <= 3; look++) {
      expect(await bench.orchestrator.resume(deploymentId)).toMatchObject({
        kind: "waiting",
        because: expect.stringContaining("AccessDenied"),
      });
      expect(started).toHaveLength(look);
    }
    expect(await release.finish(bench)).toMatchObject({
      kind: "ended",
      record: { rollback: { outcome: { kind: "inconclusive" } } },
    });
  });

  it("ends although no job can ever be started", async () => {
    const broken: RollbackPorts["jobs"] = () => ({
      start: () => Promise.reject(new Error("AccountLimitExceeded")),
      status: () => Promise.reject(new Error("not asked")),
    });
    const bench = benchOf(world, { jobs: broken });
    await release.takenBack(bench);
    expect(await release.finish(bench)).toMatchObject({
      kind: "ended",
      record: { rollback: { inconclusive: expect.stringContaining("AccountLimitExceeded") } },
    });
  });
});

describe("resume", () => {
  it("of a rollback that has ended answers as its end did, and does nothing", async () => {
    const bench = benchOf(world);
    const { deploymentId } = await release.takenBack(bench);
    const ended = await release.finish(bench);
    const before = [world.digest(), bench.metrics.length];
    expect(await bench.orchestrator.resume(deploymentId)).toEqual(ended);
    expect([world.digest(), bench.metrics.length]).toEqual(before);
  });

  it.each([
    ["failed", { success: false, level: "none" }],
    // An older version may not have written the level.
    ["done", { success: true, level: "stage" }],
  ])("of one that is %s answers so", async (rollbackStatus, result) => {
    const bad = await release.in("production");
    world.table.items.set(bad.deploymentId, { ...bad, rollbackStatus });
    expect(await benchOf(world).orchestrator.resume(bad.deploymentId)).toMatchObject({ kind: "ended", result });
  });

  it("of a deployment that is not taken back, or does not exist, is stale", async () => {
    const { orchestrator } = benchOf(world);
    const { deploymentId } = await release.in("production");
    expect(await orchestrator.resume(deploymentId)).toEqual({
      kind: "stale",
      because: `${deploymentId} is not taken back`,
    });
    expect(await orchestrator.resume("production#1")).toEqual({
      kind: "stale",
      because: "there is no deployment production#1",
    });
  });

  it("gives up loudly on one that comes to no end", async () => {
    const bench = benchOf(world);
    const { deploymentId } = await release.takenBack(bench);
    release.outside("succeeded");
    bench.ports.rollbacks.advance = async () => ({
      kind: "stale",
      because: "somebody was faster",
      record: undefined,
      lock: undefined,
    });
    await expect(bench.orchestrator.resume(deploymentId)).rejects.toThrow(
      `the rollback of ${deploymentId} did not come to an end in 60 steps`,
    );
  });
});

describe("an end that somebody else wrote first", () => {
  it("is stale, and neither measured nor told again", async () => {
    const bench = benchOf(world);
    const running = await release.takenBack(bench);
    if (running.rollback === undefined) throw new Error("no rollback");
    const earlier = { ...running, rollback: { ...running.rollback, token: 1 } };
    const outcome = { kind: "restored", because: "it works" } as const;
    for (const end of [
      () => bench.orchestrator.recordRollbackSuccess(earlier, outcome),
      () => bench.orchestrator.recordRollbackFailure(earlier, { ...outcome, kind: "failed" }),
    ]) {
      expect(await end()).toMatchObject({ kind: "stale", because: expect.stringContaining("rollback running") });
    }
    expect(bench.metrics).toEqual([["count", "production", "stage"]]);
    expect(told(world, "production").map(({ event }) => event)).toEqual(["rollback_initiated"]);
  });
});

describe("a step that fails for a reason that passes", () => {
  it("is for a retry, which goes on from it", async () => {
    const { builds } = world.ports();
    const throttled = () => Promise.reject(new Error("Throttled"));
    const bench = benchOf(world, { builds: { ...builds, startUndo: throttled } });
    await expect(release.takenBack(bench)).rejects.toThrow("Throttled");
    expect(await release.steps("production")).toEqual(["stop-execution", "stop-build", "flip-pointer"]);
    expect(await release.finish(benchOf(world))).toMatchObject({ kind: "ended", result: { success: true } });
  });
});
