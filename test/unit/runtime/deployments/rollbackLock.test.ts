import { beforeEach, describe, expect, it } from "@jest/globals";
import {
  capturedBy,
  type HolderActivity,
  type Lock,
  mayBreak,
  mayTakeOver,
} from "../../../../runtime/deployments/domain";
import { RollbackStateManager } from "../../../../runtime/deployments/rollbackManager";
import { requestFor } from "../rollback/support/bench";
import { deploymentRecord } from "../support/deploymentRecord";
import { BAD, digestOf, done, GOOD, NEXT, World } from "../../../property/runtime/rollback/world";

const DEAD: HolderActivity = { execution: "terminal", build: "terminal" };
const LOCK: Lock = {
  deploymentId: "production#1",
  purpose: "rollback",
  token: 2,
  leaseUntil: 1_000,
  buildId: "b",
  pipelineExecutionId: "e",
  since: 0,
};

describe("the lock of a rollback", () => {
  it("is broken only when its lease has run out: whoever takes a deployment back extends it all the time", () => {
    expect(mayBreak(LOCK, DEAD, 999)).toEqual({
      kind: "refused",
      because: "its deployment is being taken back, the lease runs until 1970-01-01T00:00:01.000Z",
    });
    expect(mayBreak(LOCK, DEAD, 1_000)).toEqual({ kind: "allowed" });
  });

  it("is not broken while the deployment's own build may still act", () => {
    expect(mayBreak(LOCK, { ...DEAD, build: "running" }, 1_000)).toEqual({
      kind: "refused",
      because: "its build is still running",
    });
  });

  it("is never taken over by a deployment: the rollback ends by itself", () => {
    expect(mayTakeOver(LOCK, DEAD, 2_000)).toEqual({
      kind: "refused",
      because: "production#1 is being taken back, which ends by itself",
    });
  });
});

describe("what a record captured", () => {
  const full = {
    previousVersion: GOOD,
    previousReleaseDigest: digestOf(GOOD),
    previousDeploymentId: "production#7",
    previousInfrastructureVersion: NEXT,
  };

  it("is the release that was live, and the infrastructure that it had", () => {
    expect(capturedBy(deploymentRecord(full))).toEqual({
      version: GOOD,
      releaseDigest: digestOf(GOOD),
      deploymentId: "production#7",
      infrastructureVersion: NEXT,
    });
  });

  it.each(["previousVersion", "previousReleaseDigest", "previousDeploymentId"] as const)(
    "is nothing to go back to without its %s",
    (name) => {
      expect(capturedBy(deploymentRecord({ ...full, [name]: undefined }))).toBeUndefined();
    },
  );

  it("may have had no infrastructure", () => {
    expect(capturedBy(deploymentRecord({ ...full, previousInfrastructureVersion: undefined }))).toMatchObject({
      version: GOOD,
      infrastructureVersion: undefined,
    });
  });
});

describe("a deployment captures", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  const captured = async (version: string) => {
    const record = await world.deploy("production", version, "done");
    return capturedBy(record)?.version;
  };

  it("nothing when it is the first", async () => {
    expect(await captured(GOOD)).toBeUndefined();
  });

  it("what is live", async () => {
    await captured(GOOD);
    expect(await captured(BAD)).toBe(GOOD);
  });

  it("what was live before, when the very same release is live already, however often", async () => {
    await captured(GOOD);
    const first = await world.deploy("production", BAD, "done");
    const second = await world.deploy("production", BAD, "done");
    const third = await world.deploy("production", BAD, "done");
    expect(capturedBy(first)).toMatchObject({ version: GOOD, infrastructureVersion: GOOD });
    expect([capturedBy(second), capturedBy(third)]).toEqual([capturedBy(first), capturedBy(first)]);
    expect(await captured(NEXT)).toBe(BAD);
  });

  it("nothing when the very same first release is deployed again", async () => {
    await captured(GOOD);
    expect(await captured(GOOD)).toBeUndefined();
  });

  it("the infrastructure that was applied last, which may be older than what is live", async () => {
    await world.deploy("production", GOOD, "done");
    const item = world.table.items.get("state#production");
    world.table.items.set("state#production", { ...item, infrastructureVersion: NEXT });
    expect(capturedBy(await world.deploy("production", BAD, "locked"))).toMatchObject({
      version: GOOD,
      infrastructureVersion: NEXT,
    });
  });
});

describe("breaking and taking over through the manager", () => {
  it("leaves the lock of a rollback alone that somebody still works on", async () => {
    const world = new World();
    await world.deploy("production", BAD, "locked");
    const item = world.table.items.get("state#production");
    const { lock } = await world.table.state("production");
    if (lock === undefined) throw new Error("not locked");
    const rollback: Lock = { ...lock, purpose: "rollback" };
    world.table.items.set("state#production", { ...item, lock: rollback });
    expect(await world.manager.breakLock("production", rollback, DEAD, "Ada", "slow")).toMatchObject({
      kind: "refused",
      because: expect.stringContaining("is being taken back"),
    });
    world.now = lock.leaseUntil;
    expect(await world.manager.breakLock("production", rollback, DEAD, "Ada", "dead")).toMatchObject({
      kind: "broken",
    });
    expect(done(await world.manager.recordDeploymentStart(infoOf(NEXT))).lockToken).toBe(lock.token + 1);
  });

  it("ends the rollback that lost its lock as failed, so that an operator may ask for it again", async () => {
    const world = new World();
    await world.deploy("production", GOOD, "done");
    const bad = await world.deploy("production", BAD, "baking");
    const rollbacks = new RollbackStateManager(world.table, world.clock);
    const { state, claim } = await requestFor(world, bad);
    done(await rollbacks.claim(bad, state, claim));
    const { lock } = await world.table.state("production");
    if (lock === undefined) throw new Error("not locked");
    world.now = lock.leaseUntil;
    await world.manager.breakLock("production", lock, DEAD, "Ada", "it hangs");
    expect(await world.table.record(bad.deploymentId)).toMatchObject({
      status: "failed",
      failureReason: claim.because,
      rollbackStatus: "failed",
      rollbackTime: world.now,
      lockBroken: { by: "Ada", because: "it hangs" },
    });
    expect((await world.table.state("production")).lock).toBeUndefined();
  });

  it("leaves how a rollback ended that does not run", async () => {
    const world = new World();
    await world.deploy("production", GOOD, "done");
    const bad = await world.deploy("production", BAD, "baking");
    const { lock } = await world.table.state("production");
    if (lock === undefined) throw new Error("not locked");
    await world.manager.breakLock("production", lock, DEAD, "Ada", "it hangs");
    const found = await world.table.record(bad.deploymentId);
    expect([found?.rollbackStatus, found?.rollbackTime]).toEqual(["none", undefined]);
  });
});

function infoOf(version: string) {
  const { environment, releaseDigest, infrastructureDigest, commitMessage, commitAuthor, artifactLocation } =
    deploymentRecord();
  return {
    environment,
    version,
    releaseDigest,
    infrastructureDigest,
    commitMessage,
    commitAuthor,
    artifactLocation,
    buildId: "deploy:2",
    pipelineExecutionId: "execution-2",
    unitTestsPassed: true,
    coveragePercentage: 90,
    alarmsBefore: [],
  };
}
