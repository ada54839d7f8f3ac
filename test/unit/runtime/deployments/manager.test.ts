import { beforeEach, describe, expect, it } from "@jest/globals";
import type { Outcome } from "../../../../runtime/deployments/ports";
import { CANARIES, DeploymentsWorld, done, NONE, UP } from "../support/deployments";
import { deploymentInfo, TEST_RESULTS, VERSION } from "../support/fixtures";

let world: DeploymentsWorld;
beforeEach(() => {
  world = new DeploymentsWorld();
});

describe("a deployment that goes well", () => {
  it("locks, captures nothing the first time, and expires after 90 days", async () => {
    const record = await world.started();
    expect(record).toEqual({
      ...deploymentInfo(),
      deploymentId: "test#1000000",
      status: "in_progress",
      phase: "locked",
      startTime: 1_000_000,
      lockToken: 1,
      infrastructureChanged: false,
      integrationTestsPassed: false,
      e2eTestsPassed: false,
      rollbackStatus: "none",
      expiresAt: 1_000 + 7_776_000,
      previousVersion: undefined,
      previousDeploymentId: undefined,
      previousInfrastructureVersion: undefined,
    });
    expect(await world.manager.environmentState("test")).toEqual({
      environment: "test",
      token: 1,
      lock: {
        deploymentId: "test#1000000",
        purpose: "deployment",
        token: 1,
        leaseUntil: 1_001_000,
        buildId: "deploy:1",
        pipelineExecutionId: "execution-1",
        since: 1_000_000,
      },
    });
  });

  it("becomes live, is tested, baked and the last known good, and frees the lock", async () => {
    const record = await world.started();
    world.now = 1_000_010;
    const changing = done(await world.manager.beginChange(record, UP));
    expect(changing).toMatchObject({ phase: "changing", changingAt: 1_000_010, infrastructureChanged: true });
    world.now = 1_000_020;
    const live = done(await world.manager.recordLive(changing));
    expect(await world.manager.environmentState("test")).toMatchObject({
      live: { version: VERSION, releaseDigest: "d".repeat(64), deploymentId: "test#1000000", since: 1_000_020 },
      infrastructureVersion: VERSION,
      infrastructureDigest: "e".repeat(64),
    });
    const tested = done(await world.manager.recordTests(live, TEST_RESULTS));
    world.now = 1_000_030;
    const baking = done(await world.manager.beginBake(tested));
    expect(await world.manager.extendLease(baking)).toEqual({ kind: "done", leaseUntil: 1_001_030 });
    world.now = 1_000_040;
    const good = done(await world.manager.succeed(baking, CANARIES));

    expect(await world.manager.deployment("test#1000000")).toEqual(JSON.parse(JSON.stringify(good)));
    expect(good).toMatchObject({
      status: "succeeded",
      phase: "done",
      endTime: 1_000_040,
      activatedAt: 1_000_020,
      integrationTestsPassed: true,
      testSummary: TEST_RESULTS.testSummary,
      failedTests: TEST_RESULTS.failedTests,
      canaries: CANARIES,
    });
    const state = await world.manager.environmentState("test");
    expect(state.lock).toBeUndefined();
    expect(state.lastKnownGood).toEqual({ version: VERSION, deploymentId: "test#1000000" });
    expect(await world.manager.getLastKnownGoodDeployment("test")).toEqual({
      ...state.lastKnownGood,
      record: await world.manager.deployment("test#1000000"),
    });
  });

  it("hands what was live to the next one, which gets a greater token", async () => {
    const first = await world.succeeded();
    world.now += 10;
    const next = await world.started({ version: "b".repeat(40), buildId: "deploy:2" });
    expect(next).toMatchObject({
      lockToken: 2,
      previousVersion: first.version,
      previousDeploymentId: first.deploymentId,
      previousInfrastructureVersion: first.version,
    });
  });
});

describe("infrastructure", () => {
  it("counts as unknown from the moment it is changed until the release is live", async () => {
    await world.succeeded();
    world.now += 10;
    const record = await world.started({ buildId: "deploy:2" });
    await world.manager.beginChange(record, UP);
    const state = await world.manager.environmentState("test");
    expect(state.infrastructureVersion).toBe(VERSION);
    expect(state).not.toHaveProperty("infrastructureDigest");
  });

  it("stays known when nothing is applied", async () => {
    await world.succeeded();
    world.now += 10;
    await world.manager.beginChange(await world.started({ buildId: "deploy:2" }), NONE);
    expect((await world.manager.environmentState("test")).infrastructureDigest).toBe("e".repeat(64));
  });

  it("is known to be none when the release has none", async () => {
    const record = await world.started({ infrastructureDigest: null });
    await world.manager.recordLive(done(await world.manager.beginChange(record, NONE)));
    expect((await world.manager.environmentState("test")).infrastructureDigest).toBeNull();
  });
});

describe("steps out of order", () => {
  it("are refused by the phase", async () => {
    const record = await world.started();
    expect(await world.manager.recordLive(record)).toMatchObject({
      kind: "stale",
      because: "test#1000000 is in_progress in phase locked",
    });
    expect((await world.manager.succeed(record, [])).kind).toBe("stale");
    expect((await world.manager.recordTests(record, TEST_RESULTS)).kind).toBe("stale");
  });

  it("are recognised when it is the same step again", async () => {
    const record = await world.started();
    const steps: (() => Promise<Outcome | { kind: "done" }>)[] = [
      () => world.manager.beginChange(record, NONE),
      () => world.manager.recordLive(record),
      () => world.manager.beginBake(record),
      () => world.manager.extendLease(record),
      () => world.manager.succeed(record, CANARIES),
    ];
    for (const step of steps) {
      world.table.loseNextAnswer = true;
      expect((await step()).kind).toBe("done");
      expect((await step()).kind).toBe("done");
    }
    expect((await world.manager.deployment(record.deploymentId))?.status).toBe("succeeded");
  });
});

describe("a failure", () => {
  it("keeps the lock, the phase and the first reason", async () => {
    const record = await world.started();
    const changing = done(await world.manager.beginChange(record, NONE));
    world.now += 7;
    done(await world.manager.fail(changing, "the up failed", "step", { canaries: CANARIES }));
    expect(done(await world.manager.fail(changing, "something else", "step"))).toMatchObject({
      status: "failed",
      phase: "changing",
      failureReason: "the up failed",
      canaries: CANARIES,
      endTime: world.now,
    });
    expect((await world.lock()).deploymentId).toBe(record.deploymentId);
  });
});

describe("updateDeploymentStatus", () => {
  it("ends a deployment by its id, with its test results", async () => {
    const { deploymentId } = await world.baked();
    const outcome = await world.manager.updateDeploymentStatus(deploymentId, "succeeded", {
      testResults: TEST_RESULTS,
    });
    expect(done(outcome)).toMatchObject({ status: "succeeded", coveragePercentage: 93.5, canaries: [] });
    expect((await world.manager.updateDeploymentStatus(deploymentId, "succeeded")).kind).toBe("done");
    expect(await world.manager.updateDeploymentStatus(deploymentId, "failed")).toMatchObject({
      kind: "stale",
      because: "a deployment that is succeeded never becomes failed",
      lock: undefined,
    });
  });

  it("fails one with or without a reason", async () => {
    const { deploymentId } = await world.started();
    expect(
      await world.manager.updateDeploymentStatus(deploymentId, "failed", { testResults: TEST_RESULTS }),
    ).toMatchObject({
      kind: "stale",
      because: `${deploymentId} is in_progress in phase locked`,
    });
    expect(done(await world.manager.updateDeploymentStatus(deploymentId, "failed"))).toMatchObject({
      failureReason: "no reason was given",
    });
  });

  it("keeps the reason that it is given", async () => {
    const { deploymentId } = await world.started();
    const failed = done(await world.manager.updateDeploymentStatus(deploymentId, "failed", { reason: "red tests" }));
    expect(failed.failureReason).toBe("red tests");
  });

  it("does not know what was never started", async () => {
    expect(await world.manager.updateDeploymentStatus("test#9", "failed")).toMatchObject({
      kind: "stale",
      because: "there is no deployment test#9",
    });
  });
});

describe("what is asked", () => {
  it("is null where nothing was ever good, and without a record once that has expired", async () => {
    expect(await world.manager.getLastKnownGoodDeployment("production")).toBeNull();
    const { deploymentId } = await world.succeeded();
    world.table.items.delete(deploymentId);
    expect(await world.manager.getLastKnownGoodDeployment("test")).toEqual({
      version: VERSION,
      deploymentId,
      record: undefined,
    });
  });

  it("comes in pages, newest first", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) {
      ids.unshift((await world.succeeded()).deploymentId);
      world.now += 10;
    }
    const first = await world.manager.getDeploymentHistory("test", { limit: 2 });
    const second = await world.manager.getDeploymentHistory("test", { limit: 2, cursor: first.cursor });
    expect([...first.records, ...second.records].map((record) => record.deploymentId)).toEqual(ids);
    expect(second.cursor).toBeUndefined();
    expect((await world.manager.getDeploymentHistory("test")).records).toHaveLength(3);
  });

  it("limits what failed tests leave in the record", async () => {
    const live = done(
      await world.manager.recordLive(done(await world.manager.beginChange(await world.started(), NONE))),
    );
    const test = { name: "t", suite: "s", error: "e".repeat(9_000), stackTrace: "x".repeat(9_000) };
    const results = { ...TEST_RESULTS, failedTests: Array.from({ length: 30 }, () => test) };
    const { failedTests = [] } = done(await world.manager.recordTests(live, results));
    expect([failedTests.length, failedTests[0]?.error.length, failedTests[0]?.stackTrace?.length]).toEqual([
      20, 4_000, 4_000,
    ]);
    expect(
      done(await world.manager.recordTests(live, { ...TEST_RESULTS, failedTests: undefined })).failedTests,
    ).toBeUndefined();
  });
});
