import { beforeEach, describe, expect, it } from "@jest/globals";
import { DEAD, DeploymentsWorld, done, LEASE, NONE } from "../support/deployments";
import { deploymentInfo, TEST_RESULTS } from "../support/fixtures";

let world: DeploymentsWorld;
beforeEach(() => {
  world = new DeploymentsWorld();
});

describe("a start", () => {
  it("tells who holds the lock", async () => {
    const record = await world.started();
    world.now += 5;
    expect(await world.manager.recordDeploymentStart(deploymentInfo({ buildId: "deploy:2" }))).toMatchObject({
      kind: "lock-held",
      lock: { deploymentId: record.deploymentId, buildId: "deploy:1" },
    });
  });

  it("tells who was faster", async () => {
    world.table.beforeCommit = async () => {
      await world.started({ buildId: "faster" });
    };
    expect(await world.manager.recordDeploymentStart(deploymentInfo())).toMatchObject({
      kind: "lock-held",
      lock: { buildId: "faster" },
    });
  });

  it("captures anew when another deployment came and went meanwhile", async () => {
    world.table.beforeCommit = async () => {
      await world.succeeded({ version: "c".repeat(40), buildId: "faster" });
    };
    const record = done(await world.manager.recordDeploymentStart(deploymentInfo()));
    expect(record).toMatchObject({ deploymentId: "test#1000001", previousVersion: "c".repeat(40), lockToken: 2 });
  });

  it("gives up with a value when that happens again and again", async () => {
    let others = 0;
    const interfere = async () => {
      world.now += 100;
      await world.succeeded({ buildId: `faster:${others++}` });
      world.table.beforeCommit = interfere;
    };
    const commit = world.table.commit.bind(world.table);
    world.table.commit = async (writes) => {
      const mine = writes.some((write) => write.kind === "put" && write.record.buildId === "deploy:1");
      if (mine) await interfere();
      world.table.beforeCommit = undefined;
      return commit(writes);
    };
    expect(await world.manager.recordDeploymentStart(deploymentInfo())).toMatchObject({
      kind: "stale",
      because: "other deployments started and ended while this one tried to start",
    });
    expect(others).toBe(5);
  });

  it("recognises its own earlier write", async () => {
    world.table.loseNextAnswer = true;
    const outcome = await world.manager.recordDeploymentStart(deploymentInfo());
    expect(outcome).toMatchObject({ kind: "done", record: { deploymentId: "test#1000000" } });
  });

  it("shortens what is too long to keep", async () => {
    expect((await world.started({ commitMessage: "m".repeat(9_000) })).commitMessage).toHaveLength(4_000);
  });
});

describe("taking over", () => {
  it("needs a lease that has run out and a dead holder", async () => {
    const { deploymentId } = await world.started();
    const lock = await world.lock();
    expect(await world.manager.takeOver(deploymentInfo({ buildId: "2" }), lock, DEAD)).toEqual({
      kind: "lock-held",
      lock,
    });
    world.now += LEASE;
    const alive = { ...DEAD, execution: "running" } as const;
    expect(await world.manager.takeOver(deploymentInfo({ buildId: "2" }), lock, alive)).toEqual({
      kind: "lock-held",
      lock,
    });

    const record = done(await world.manager.takeOver(deploymentInfo({ buildId: "2" }), lock, DEAD));
    expect(record.lockToken).toBe(2);
    expect(await world.manager.deployment(deploymentId)).toMatchObject({
      status: "failed",
      failureReason: `its lock was taken over by ${record.deploymentId}`,
    });
  });

  it("keeps the end that a failed holder already had", async () => {
    const held = await world.started();
    await world.manager.fail(held, "red", "tests");
    world.now += LEASE;
    done(await world.manager.takeOver(deploymentInfo({ buildId: "2" }), await world.lock(), DEAD));
    expect(await world.manager.deployment(held.deploymentId)).toMatchObject({ status: "failed", failureReason: "red" });
  });

  it("is lost when the holder extends the lease meanwhile, or another one was faster", async () => {
    const held = await world.started();
    const lock = await world.lock();
    world.now += LEASE;
    world.table.beforeCommit = async () => {
      await world.manager.extendLease(held);
    };
    const stale = await world.manager.takeOver(deploymentInfo({ buildId: "2" }), lock, DEAD);
    expect(stale.kind).toBe("stale");

    world.now += LEASE;
    await world.manager.takeOver(deploymentInfo({ buildId: "3" }), await world.lock(), DEAD);
    expect(await world.manager.takeOver(deploymentInfo({ buildId: "2" }), lock, DEAD)).toMatchObject({
      kind: "lock-held",
      lock: { buildId: "3" },
    });
  });

  it("is an ordinary start when the lock was freed meanwhile", async () => {
    await world.started();
    const lock = await world.lock();
    world.now += LEASE;
    await world.manager.breakLock("test", lock, DEAD, "Ada", "dead");
    expect(done(await world.manager.takeOver(deploymentInfo({ buildId: "2" }), lock, DEAD)).lockToken).toBe(2);
  });
});

describe("a deployment that lost its lock", () => {
  it("writes nothing any more and hears why", async () => {
    const held = await world.started();
    world.now += LEASE;
    const next = done(await world.manager.takeOver(deploymentInfo({ buildId: "2" }), await world.lock(), DEAD));
    const because = `${next.deploymentId} holds the lock, no longer ${held.deploymentId}`;
    for (const outcome of [
      await world.manager.beginChange(held, NONE),
      await world.manager.recordLive(held),
      await world.manager.recordTests(held, TEST_RESULTS),
      await world.manager.beginBake(held),
      await world.manager.extendLease(held),
      await world.manager.succeed(held, []),
    ]) {
      expect(outcome).toMatchObject({ kind: "stale", because, lock: { deploymentId: next.deploymentId } });
    }
  });

  it("may not go on though it is where the step leads", async () => {
    const live = done(
      await world.manager.recordLive(done(await world.manager.beginChange(await world.started(), NONE))),
    );
    await world.manager.breakLock("test", await world.lock(), DEAD, "Ada", "dead");
    expect(await world.manager.recordLive(live)).toMatchObject({
      kind: "stale",
      because: `${live.deploymentId} is failed and its lock is freed`,
    });
  });

  it("hears that the lock is freed, or that the record is gone", async () => {
    const held = await world.succeeded();
    expect(await world.manager.beginChange(held, NONE)).toMatchObject({
      kind: "stale",
      because: `${held.deploymentId} is succeeded and its lock is freed`,
    });
    world.table.items.delete(held.deploymentId);
    expect(await world.manager.beginChange(held, NONE)).toMatchObject({
      because: `there is no deployment ${held.deploymentId}`,
    });
  });
});

describe("breaking a lock", () => {
  it("ends the deployment, frees the lock and records who did it", async () => {
    const { deploymentId } = await world.started();
    const lock = await world.lock();
    world.now += 3;
    expect(await world.manager.breakLock("test", lock, DEAD, "Ada", "the build died")).toEqual({
      kind: "broken",
      lock,
    });
    expect(await world.manager.deployment(deploymentId)).toMatchObject({
      status: "failed",
      endTime: world.now,
      failureReason: "its lock was broken by Ada: the build died",
      lockBroken: { by: "Ada", because: "the build died", at: world.now },
    });
    expect(await world.manager.breakLock("test", lock, DEAD, "Ada", "again")).toEqual({ kind: "not-locked" });
  });

  it("keeps how a failed deployment ended", async () => {
    const record = await world.started();
    await world.manager.fail(record, "red", "tests");
    await world.manager.breakLock("test", await world.lock(), DEAD, "Ada", "looked at it");
    expect(await world.manager.deployment(record.deploymentId)).toMatchObject({
      failureReason: "red",
      lockBroken: { by: "Ada" },
    });
  });

  it("works when the record has expired", async () => {
    const { deploymentId } = await world.started();
    world.table.items.delete(deploymentId);
    expect((await world.manager.breakLock("test", await world.lock(), DEAD, "Ada", "old")).kind).toBe("broken");
  });

  it("is refused while somebody may still act under it", async () => {
    await world.started();
    const lock = await world.lock();
    expect(await world.manager.breakLock("test", lock, { ...DEAD, build: "running" }, "Ada", "now")).toEqual({
      kind: "refused",
      because: "its build is still running",
      lock,
    });
  });

  it("is refused when the record or the lock changed since it was looked at", async () => {
    const record = await world.started();
    const lock = await world.lock();
    world.table.beforeCommit = async () => {
      await world.manager.fail(record, "red", "tests");
    };
    expect(await world.manager.breakLock("test", lock, DEAD, "Ada", "now")).toMatchObject({
      kind: "refused",
      because: "its deployment has just been written to: look again",
    });
    await world.manager.breakLock("test", lock, DEAD, "Ada", "now");
    world.now += 1;
    await world.started({ buildId: "2" });
    expect(await world.manager.breakLock("test", lock, DEAD, "Ada", "now")).toMatchObject({
      kind: "refused",
      because: "it is another lock by now: look again",
      lock: { buildId: "2" },
    });
  });
});
