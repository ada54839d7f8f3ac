import { beforeEach, describe, expect, it } from "@jest/globals";
import type {
  CanaryRun,
  DeploymentInfo,
  DeploymentRecord,
  HolderActivity,
  InfrastructureDecision,
} from "../../../../runtime/deployments/domain";
import { DeploymentStateManager } from "../../../../runtime/deployments/manager";
import type { Outcome, StartOutcome } from "../../../../runtime/deployments/ports";
import { deploymentInfo, TEST_RESULTS, VERSION } from "../support/fixtures";
import { MemoryTable } from "../support/memoryTable";

const LEASE = 1_000;
const NONE: InfrastructureDecision = { action: "none", because: "the digests are equal" };
const UP: InfrastructureDecision = { action: "up", because: "1 create", operations: { create: 1 } };
const DEAD: HolderActivity = { execution: "terminal", build: "terminal" };
const CANARIES: CanaryRun[] = [{ jobId: "job:1", startedAt: 5, status: "succeeded" }];

let table: MemoryTable;
let now: number;
let manager: DeploymentStateManager;
beforeEach(() => {
  table = new MemoryTable();
  now = 1_000_000;
  manager = new DeploymentStateManager(table, () => now, LEASE);
});

describe("a deployment that goes well", () => {
  it("locks, captures nothing the first time, and expires after 90 days", async () => {
    const record = await started();
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
    expect(await manager.environmentState("test")).toEqual({
      environment: "test",
      token: 1,
      lock: {
        deploymentId: "test#1000000",
        token: 1,
        leaseUntil: 1_001_000,
        buildId: "deploy:1",
        pipelineExecutionId: "execution-1",
        since: 1_000_000,
      },
    });
  });

  it("becomes live, is tested, baked and the last known good, and frees the lock", async () => {
    const record = await started();
    now = 1_000_010;
    const changing = done(await manager.beginChange(record, UP));
    expect(changing).toMatchObject({ phase: "changing", changingAt: 1_000_010, infrastructureChanged: true });
    now = 1_000_020;
    const live = done(await manager.recordLive(changing));
    expect(await manager.environmentState("test")).toMatchObject({
      live: { version: VERSION, releaseDigest: "d".repeat(64), deploymentId: "test#1000000", since: 1_000_020 },
      infrastructureVersion: VERSION,
      infrastructureDigest: "e".repeat(64),
    });
    const tested = done(await manager.recordTests(live, TEST_RESULTS));
    now = 1_000_030;
    const baking = done(await manager.beginBake(tested));
    expect(await manager.extendLease(baking)).toEqual({ kind: "done", leaseUntil: 1_001_030 });
    now = 1_000_040;
    const good = done(await manager.succeed(baking, CANARIES));

    expect(await manager.deployment("test#1000000")).toEqual(JSON.parse(JSON.stringify(good)));
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
    const state = await manager.environmentState("test");
    expect(state.lock).toBeUndefined();
    expect(state.lastKnownGood).toEqual({ version: VERSION, deploymentId: "test#1000000" });
    expect(await manager.getLastKnownGoodDeployment("test")).toEqual({
      ...state.lastKnownGood,
      record: await manager.deployment("test#1000000"),
    });
  });

  it("hands what was live to the next one, which gets a greater token", async () => {
    const first = await succeeded();
    now += 10;
    const next = await started({ version: "b".repeat(40), buildId: "deploy:2" });
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
    await succeeded();
    now += 10;
    const record = await started({ buildId: "deploy:2" });
    await manager.beginChange(record, UP);
    const state = await manager.environmentState("test");
    expect(state.infrastructureVersion).toBe(VERSION);
    expect(state).not.toHaveProperty("infrastructureDigest");
  });

  it("stays known when nothing is applied", async () => {
    await succeeded();
    now += 10;
    await manager.beginChange(await started({ buildId: "deploy:2" }), NONE);
    expect((await manager.environmentState("test")).infrastructureDigest).toBe("e".repeat(64));
  });

  it("is known to be none when the release has none", async () => {
    const record = await started({ infrastructureDigest: null });
    await manager.recordLive(done(await manager.beginChange(record, NONE)));
    expect((await manager.environmentState("test")).infrastructureDigest).toBeNull();
  });
});

describe("a start", () => {
  it("tells who holds the lock", async () => {
    const record = await started();
    now += 5;
    expect(await manager.recordDeploymentStart(deploymentInfo({ buildId: "deploy:2" }))).toMatchObject({
      kind: "lock-held",
      lock: { deploymentId: record.deploymentId, buildId: "deploy:1" },
    });
  });

  it("tells who was faster", async () => {
    table.beforeCommit = async () => {
      await started({ buildId: "faster" });
    };
    expect(await manager.recordDeploymentStart(deploymentInfo())).toMatchObject({
      kind: "lock-held",
      lock: { buildId: "faster" },
    });
  });

  it("captures anew when another deployment came and went meanwhile", async () => {
    table.beforeCommit = async () => {
      await succeeded({ version: "c".repeat(40), buildId: "faster" });
    };
    const record = done(await manager.recordDeploymentStart(deploymentInfo()));
    expect(record).toMatchObject({ deploymentId: "test#1000001", previousVersion: "c".repeat(40), lockToken: 2 });
  });

  it("gives up with a value when that happens again and again", async () => {
    let others = 0;
    const interfere = async () => {
      now += 100;
      await succeeded({ buildId: `faster:${others++}` });
      table.beforeCommit = interfere;
    };
    const commit = table.commit.bind(table);
    table.commit = async (writes) => {
      const mine = writes.some((write) => write.kind === "put" && write.record.buildId === "deploy:1");
      if (mine) await interfere();
      table.beforeCommit = undefined;
      return commit(writes);
    };
    expect(await manager.recordDeploymentStart(deploymentInfo())).toMatchObject({
      kind: "stale",
      because: "other deployments started and ended while this one tried to start",
    });
    expect(others).toBe(5);
  });

  it("recognises its own earlier write", async () => {
    table.loseNextAnswer = true;
    const outcome = await manager.recordDeploymentStart(deploymentInfo());
    expect(outcome).toMatchObject({ kind: "done", record: { deploymentId: "test#1000000" } });
  });

  it("shortens what is too long to keep", async () => {
    expect((await started({ commitMessage: "m".repeat(9_000) })).commitMessage).toHaveLength(4_000);
  });
});

describe("taking over", () => {
  it("needs a lease that has run out and a dead holder", async () => {
    const { deploymentId } = await started();
    const lock = await lockOf();
    expect(await manager.takeOver(deploymentInfo({ buildId: "2" }), lock, DEAD)).toEqual({ kind: "lock-held", lock });
    now += LEASE;
    const alive = { ...DEAD, execution: "running" } as const;
    expect(await manager.takeOver(deploymentInfo({ buildId: "2" }), lock, alive)).toEqual({ kind: "lock-held", lock });

    const record = done(await manager.takeOver(deploymentInfo({ buildId: "2" }), lock, DEAD));
    expect(record.lockToken).toBe(2);
    expect(await manager.deployment(deploymentId)).toMatchObject({
      status: "failed",
      failureReason: `its lock was taken over by ${record.deploymentId}`,
    });
  });

  it("keeps the end that a failed holder already had", async () => {
    const held = await started();
    await manager.fail(held, "red");
    now += LEASE;
    done(await manager.takeOver(deploymentInfo({ buildId: "2" }), await lockOf(), DEAD));
    expect(await manager.deployment(held.deploymentId)).toMatchObject({ status: "failed", failureReason: "red" });
  });

  it("is lost when the holder extends the lease meanwhile, or another one was faster", async () => {
    const held = await started();
    const lock = await lockOf();
    now += LEASE;
    table.beforeCommit = async () => {
      await manager.extendLease(held);
    };
    const stale = await manager.takeOver(deploymentInfo({ buildId: "2" }), lock, DEAD);
    expect(stale.kind).toBe("stale");

    now += LEASE;
    await manager.takeOver(deploymentInfo({ buildId: "3" }), await lockOf(), DEAD);
    expect(await manager.takeOver(deploymentInfo({ buildId: "2" }), lock, DEAD)).toMatchObject({
      kind: "lock-held",
      lock: { buildId: "3" },
    });
  });

  it("is an ordinary start when the lock was freed meanwhile", async () => {
    await started();
    const lock = await lockOf();
    now += LEASE;
    await manager.breakLock("test", lock, DEAD, "Ada", "dead");
    expect(done(await manager.takeOver(deploymentInfo({ buildId: "2" }), lock, DEAD)).lockToken).toBe(2);
  });
});

describe("a deployment that lost its lock", () => {
  it("writes nothing any more and hears why", async () => {
    const held = await started();
    now += LEASE;
    const next = done(await manager.takeOver(deploymentInfo({ buildId: "2" }), await lockOf(), DEAD));
    const because = `${next.deploymentId} holds the lock, no longer ${held.deploymentId}`;
    for (const outcome of [
      await manager.beginChange(held, NONE),
      await manager.recordLive(held),
      await manager.recordTests(held, TEST_RESULTS),
      await manager.beginBake(held),
      await manager.extendLease(held),
      await manager.succeed(held, []),
    ]) {
      expect(outcome).toMatchObject({ kind: "stale", because, lock: { deploymentId: next.deploymentId } });
    }
  });

  it("hears that the lock is freed, or that the record is gone", async () => {
    const held = await succeeded();
    expect(await manager.beginChange(held, NONE)).toMatchObject({
      kind: "stale",
      because: `${held.deploymentId} is succeeded and its lock is freed`,
    });
    table.items.delete(held.deploymentId);
    expect(await manager.beginChange(held, NONE)).toMatchObject({
      because: `there is no deployment ${held.deploymentId}`,
    });
  });
});

describe("steps out of order", () => {
  it("are refused by the phase", async () => {
    const record = await started();
    expect(await manager.recordLive(record)).toMatchObject({
      kind: "stale",
      because: "test#1000000 is in_progress in phase locked",
    });
    expect((await manager.succeed(record, [])).kind).toBe("stale");
    expect((await manager.recordTests(record, TEST_RESULTS)).kind).toBe("stale");
  });

  it("are recognised when it is the same step again", async () => {
    const record = await started();
    const steps: (() => Promise<Outcome | { kind: "done" }>)[] = [
      () => manager.beginChange(record, NONE),
      () => manager.recordLive(record),
      () => manager.beginBake(record),
      () => manager.extendLease(record),
      () => manager.succeed(record, CANARIES),
    ];
    for (const step of steps) {
      table.loseNextAnswer = true;
      expect((await step()).kind).toBe("done");
      expect((await step()).kind).toBe("done");
    }
    expect((await manager.deployment(record.deploymentId))?.status).toBe("succeeded");
  });
});

describe("a failure", () => {
  it("keeps the lock, the phase and the first reason", async () => {
    const record = await started();
    const changing = done(await manager.beginChange(record, NONE));
    now += 7;
    done(await manager.fail(changing, "the up failed", CANARIES));
    expect(done(await manager.fail(changing, "something else"))).toMatchObject({
      status: "failed",
      phase: "changing",
      failureReason: "the up failed",
      canaries: CANARIES,
      endTime: now,
    });
    expect((await lockOf()).deploymentId).toBe(record.deploymentId);
  });
});

describe("updateDeploymentStatus", () => {
  it("ends a deployment by its id, with its test results", async () => {
    const { deploymentId } = await baked();
    const outcome = await manager.updateDeploymentStatus(deploymentId, "succeeded", { testResults: TEST_RESULTS });
    expect(done(outcome)).toMatchObject({ status: "succeeded", coveragePercentage: 93.5, canaries: [] });
    expect((await manager.updateDeploymentStatus(deploymentId, "succeeded")).kind).toBe("done");
    expect(await manager.updateDeploymentStatus(deploymentId, "failed")).toMatchObject({
      kind: "stale",
      because: "a deployment that is succeeded never becomes failed",
      lock: undefined,
    });
  });

  it("fails one with or without a reason", async () => {
    const { deploymentId } = await started();
    expect(await manager.updateDeploymentStatus(deploymentId, "failed", { testResults: TEST_RESULTS })).toMatchObject({
      kind: "stale",
      because: `${deploymentId} is in_progress in phase locked`,
    });
    expect(done(await manager.updateDeploymentStatus(deploymentId, "failed"))).toMatchObject({
      failureReason: "no reason was given",
    });
  });

  it("keeps the reason that it is given", async () => {
    const { deploymentId } = await started();
    const failed = done(await manager.updateDeploymentStatus(deploymentId, "failed", { reason: "red tests" }));
    expect(failed.failureReason).toBe("red tests");
  });

  it("does not know what was never started", async () => {
    expect(await manager.updateDeploymentStatus("test#9", "failed")).toMatchObject({
      kind: "stale",
      because: "there is no deployment test#9",
    });
  });
});

describe("breaking a lock", () => {
  it("ends the deployment, frees the lock and records who did it", async () => {
    const { deploymentId } = await started();
    const lock = await lockOf();
    now += 3;
    expect(await manager.breakLock("test", lock, DEAD, "Ada", "the build died")).toEqual({ kind: "broken", lock });
    expect(await manager.deployment(deploymentId)).toMatchObject({
      status: "failed",
      endTime: now,
      failureReason: "its lock was broken by Ada: the build died",
      lockBroken: { by: "Ada", because: "the build died", at: now },
    });
    expect(await manager.breakLock("test", lock, DEAD, "Ada", "again")).toEqual({ kind: "not-locked" });
  });

  it("keeps how a failed deployment ended", async () => {
    const record = await started();
    await manager.fail(record, "red");
    await manager.breakLock("test", await lockOf(), DEAD, "Ada", "looked at it");
    expect(await manager.deployment(record.deploymentId)).toMatchObject({
      failureReason: "red",
      lockBroken: { by: "Ada" },
    });
  });

  it("works when the record has expired", async () => {
    const { deploymentId } = await started();
    table.items.delete(deploymentId);
    expect((await manager.breakLock("test", await lockOf(), DEAD, "Ada", "old")).kind).toBe("broken");
  });

  it("is refused while somebody may still act under it", async () => {
    await started();
    const lock = await lockOf();
    expect(await manager.breakLock("test", lock, { ...DEAD, build: "running" }, "Ada", "now")).toEqual({
      kind: "refused",
      because: "its build is still running",
      lock,
    });
  });

  it("is refused when the record or the lock changed since it was looked at", async () => {
    const record = await started();
    const lock = await lockOf();
    table.beforeCommit = async () => {
      await manager.fail(record, "red");
    };
    expect(await manager.breakLock("test", lock, DEAD, "Ada", "now")).toMatchObject({
      kind: "refused",
      because: "its deployment has just been written to: look again",
    });
    await manager.breakLock("test", lock, DEAD, "Ada", "now");
    now += 1;
    await started({ buildId: "2" });
    expect(await manager.breakLock("test", lock, DEAD, "Ada", "now")).toMatchObject({
      kind: "refused",
      because: "it is another lock by now: look again",
      lock: { buildId: "2" },
    });
  });
});

describe("what is asked", () => {
  it("is null where nothing was ever good, and without a record once that has expired", async () => {
    expect(await manager.getLastKnownGoodDeployment("production")).toBeNull();
    const { deploymentId } = await succeeded();
    table.items.delete(deploymentId);
    expect(await manager.getLastKnownGoodDeployment("test")).toEqual({
      version: VERSION,
      deploymentId,
      record: undefined,
    });
  });

  it("comes in pages, newest first", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) {
      ids.unshift((await succeeded()).deploymentId);
      now += 10;
    }
    const first = await manager.getDeploymentHistory("test", { limit: 2 });
    const second = await manager.getDeploymentHistory("test", { limit: 2, cursor: first.cursor });
    expect([...first.records, ...second.records].map((record) => record.deploymentId)).toEqual(ids);
    expect(second.cursor).toBeUndefined();
    expect((await manager.getDeploymentHistory("test")).records).toHaveLength(3);
  });

  it("limits what failed tests leave in the record", async () => {
    const live = done(await manager.recordLive(done(await manager.beginChange(await started(), NONE))));
    const test = { name: "t", suite: "s", error: "e".repeat(9_000), stackTrace: "x".repeat(9_000) };
    const results = { ...TEST_RESULTS, failedTests: Array.from({ length: 30 }, () => test) };
    const { failedTests = [] } = done(await manager.recordTests(live, results));
    expect([failedTests.length, failedTests[0]?.error.length, failedTests[0]?.stackTrace?.length]).toEqual([
      20, 4_000, 4_000,
    ]);
    expect(
      done(await manager.recordTests(live, { ...TEST_RESULTS, failedTests: undefined })).failedTests,
    ).toBeUndefined();
  });
});

// Helpers

function done(outcome: StartOutcome): DeploymentRecord {
  if (outcome.kind !== "done") throw new Error(`expected done, got ${JSON.stringify(outcome)}`);
  return outcome.record;
}

async function started(over: Partial<DeploymentInfo> = {}): Promise<DeploymentRecord> {
  return done(await manager.recordDeploymentStart(deploymentInfo(over)));
}

async function baked(over: Partial<DeploymentInfo> = {}): Promise<DeploymentRecord> {
  const changing = done(await manager.beginChange(await started(over), NONE));
  return done(await manager.beginBake(done(await manager.recordLive(changing))));
}

async function succeeded(over: Partial<DeploymentInfo> = {}): Promise<DeploymentRecord> {
  return done(await manager.succeed(await baked(over), CANARIES));
}

async function lockOf() {
  const { lock } = await manager.environmentState("test");
  if (lock === undefined) throw new Error("the lock is free");
  return lock;
}
