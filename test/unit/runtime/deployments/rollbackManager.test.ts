import { beforeEach, describe, expect, it } from "@jest/globals";
import type { DeploymentRecord, EnvironmentState } from "../../../../runtime/deployments/domain";
import type { RollbackProgress } from "../../../../runtime/deployments/domainRollback";
import type { RollbackClaim } from "../../../../runtime/deployments/domainRollbackMoments";
import { RollbackStateManager } from "../../../../runtime/deployments/rollbackManager";
import type { RollbackCause } from "../../../../runtime/types";
import { BAD, digestOf, done, GOOD, LEASE, NEXT, World } from "../../../property/runtime/rollback/world";
import { rewrite, told } from "../rollback/support/bench";

let world: World;
let manager: RollbackStateManager;
/** The bad release, live and baking, after the good one. */
let bad: DeploymentRecord;
beforeEach(async () => {
  world = new World();
  manager = new RollbackStateManager(world.table, world.clock, LEASE);
  await world.deploy("production", GOOD, "done");
  bad = await world.deploy("production", BAD, "baking");
});

const state = () => world.table.state("production");
const recordOf = async ({ deploymentId }: DeploymentRecord) => {
  const record = await world.table.record(deploymentId);
  if (record === undefined) throw new Error(`${deploymentId} is gone`);
  return record;
};
const rewriteState = (over: Partial<EnvironmentState>) =>
  void world.table.items.set("state#production", { ...world.table.items.get("state#production"), ...over });
const events = () => told(world, "production").map(({ event }) => event);

const claimOf = (over: Partial<RollbackClaim> = {}): RollbackClaim => ({
  cause: "alarm",
  because: "alarm failed-jobs in ALARM state",
  failedAlarms: ["failed-jobs"],
  alarmAt: 5,
  target: { version: GOOD, releaseDigest: digestOf(GOOD), deploymentId: "production#7" },
  counts: true,
  ...over,
});
const claim = async (over: Partial<RollbackClaim> = {}, record = bad, waiting?: DeploymentRecord) =>
  manager.claim(record, await state(), claimOf(over), waiting);
describe("a claim", () => {
  it("takes the environment with a token of its own, and ends the deployment", async () => {
    world.now += 500;
    const record = done(await claim());
    const rollback: RollbackProgress = {
      token: bad.lockToken + 1,
      cause: "alarm",
      because: "alarm failed-jobs in ALARM state",
      failedAlarms: ["failed-jobs"],
      target: claimOf().target,
      level: "stage",
      claimedAt: world.now,
      alarmAt: 5,
      round: 1,
      next: "stop-execution",
      done: [],
    };
    expect(record).toEqual({
      ...bad,
      status: "failed",
      endTime: world.now,
      failureReason: rollback.because,
      failureKind: "health",
      rollbackStatus: "running",
      rollbackReason: rollback.because,
      rollbackLevel: "stage",
      rollback,
    });
    expect(await recordOf(bad)).toEqual(JSON.parse(JSON.stringify(record)));
    expect(await state()).toMatchObject({
      token: rollback.token,
      lock: {
        deploymentId: bad.deploymentId,
        purpose: "rollback",
        token: rollback.token,
        leaseUntil: world.now + LEASE,
        buildId: bad.buildId,
        pipelineExecutionId: bad.pipelineExecutionId,
        since: world.now,
      },
    });
    expect(events()).toEqual(["rollback_initiated"]);
  });

  it("is nobody else's for a quarter of an hour, unless it is said otherwise", async () => {
    done(await new RollbackStateManager(world.table, world.clock).claim(bad, await state(), claimOf()));
    expect((await state()).lock?.leaseUntil).toBe(world.now + 900_000);
  });

  it("keeps whoever deployed from writing any more", async () => {
    await claim();
    expect((await world.manager.extendLease(bad)).kind).toBe("stale");
    expect((await world.manager.succeed(bad, [])).kind).toBe("stale");
  });

  it.each([
    ["alarm", "health"],
    ["health", "health"],
    ["tests", "tests"],
    ["step", "step"],
    ["operator", "step"],
  ] as [RollbackCause, string][])(
    "because of %s leaves a deployment that was under way as failed by %s",
    async (cause, kind) => {
      expect(done(await claim({ cause })).failureKind).toBe(kind);
    },
  );

  it("leaves a deployment that had ended as it ended, and moves the last known good back", async () => {
    bad = done(await world.manager.succeed(bad, []));
    world.now += 500;
    const record = done(await claim());
    expect(record).toMatchObject({ status: "succeeded", endTime: bad.endTime, rollbackStatus: "running" });
    expect(record.failureReason).toBeUndefined();
    expect((await state()).lastKnownGood).toEqual({ version: GOOD, deploymentId: "production#7" });
  });

  it("leaves the last known good where another deployment is that", async () => {
    const { lastKnownGood } = await state();
    await claim();
    expect(lastKnownGood).toMatchObject({ version: GOOD });
    expect((await state()).lastKnownGood).toEqual(lastKnownGood);
  });

  const quarantined = (version: string, since = 1) => ({
    version,
    deploymentId: "production#1",
    because: "old",
    since,
  });

  it("that counts uses the budget up and quarantines the release, once", async () => {
    rewriteState({ automaticRollbacks: [1, 2], quarantine: [quarantined(BAD), quarantined(NEXT)] });
    await claim();
    expect(await state()).toMatchObject({ automaticRollbacks: [1, 2, world.now] });
    expect((await state()).quarantine).toEqual([
      quarantined(NEXT),
      { version: BAD, deploymentId: bad.deploymentId, because: claimOf().because, since: world.now },
    ]);
  });

  it("that is the first to count begins both lists", async () => {
    await claim();
    expect(await state()).toMatchObject({ automaticRollbacks: [world.now], quarantine: [{ version: BAD }] });
  });

  it("that does not count leaves both as they are", async () => {
    rewriteState({ automaticRollbacks: [1], quarantine: [quarantined(NEXT)] });
    await claim({ counts: false });
    expect(await state()).toMatchObject({ automaticRollbacks: [1], quarantine: [quarantined(NEXT)] });
  });

  it("keeps no more times than any budget needs", async () => {
    rewriteState({ automaticRollbacks: Array.from({ length: 100 }, (_, at) => at) });
    await claim();
    const { automaticRollbacks = [] } = await state();
    expect([automaticRollbacks.length, automaticRollbacks[0], automaticRollbacks.at(-1)]).toEqual([100, 1, world.now]);
  });

  it("in the name of another environment's is a part of a full rollback", async () => {
    expect(done(await claim({ root: "staging#1" }))).toMatchObject({
      rollbackLevel: "full",
      rollback: { level: "full", root: "staging#1" },
    });
  });

  it("shortens what is too long to keep", async () => {
    const { rollbackReason, failureReason, rollback } = done(await claim({ because: "x".repeat(9_000) }));
    expect([rollbackReason, failureReason, rollback?.because].map((text) => text?.length)).toEqual([
      4_000, 4_000, 4_000,
    ]);
  });

  it("is recognised when its first answer was lost", async () => {
    world.table.loseNextAnswer = true;
    expect(await claim()).toMatchObject({ kind: "done", record: { rollback: { token: bad.lockToken + 1 } } });
  });

  it("is lost to whoever was faster, and leaves nothing behind", async () => {
    const decidedOn = await state();
    const first = done(await claim());
    world.now += 1;
    const second = await manager.claim(bad, decidedOn, claimOf({ because: "too late" }));
    const because = `${bad.deploymentId} is failed (rollback running) and production has token ${bad.lockToken + 1} by now`;
    expect(second).toEqual({ kind: "stale", because, record: await recordOf(bad), lock: (await state()).lock });
    expect((await recordOf(bad)).rollback?.because).toBe(first.rollback?.because);
    expect(events()).toEqual(["rollback_initiated"]);
  });

  it.each([
    ["the token is another", { token: 99 }],
    ["the lock is freed", { lock: undefined }],
  ])("is lost when %s since the decision", async (_, over) => {
    const decidedOn = await state();
    rewriteState(over);
    expect((await manager.claim(bad, decidedOn, claimOf())).kind).toBe("stale");
    expect(events()).toEqual([]);
  });

  it("is lost when the lock was taken since the decision", async () => {
    const { lock } = await state();
    rewriteState({ lock: undefined });
    const decidedOn = await state();
    rewriteState({ lock });
    expect((await manager.claim(bad, decidedOn, claimOf())).kind).toBe("stale");
  });

  it("is lost when the deployment went back already", async () => {
    const decidedOn = await state();
    rewrite(world, bad, { rollbackStatus: "done" });
    expect((await manager.claim(bad, decidedOn, claimOf())).kind).toBe("stale");
  });

  it("is lost when the deployment ended since the decision, or its record expired", async () => {
    const decidedOn = await state();
    await world.manager.fail(bad, "red", "health");
    expect((await manager.claim(bad, decidedOn, claimOf())).kind).toBe("stale");
    world.table.items.delete(bad.deploymentId);
    expect(await manager.claim(bad, decidedOn, claimOf())).toMatchObject({
      kind: "stale",
      because: `there is no deployment ${bad.deploymentId}`,
      record: undefined,
    });
  });
});

describe("a claim over a deployment that waits", () => {
  let waiting: DeploymentRecord;
  beforeEach(async () => {
    bad = done(await world.manager.succeed(bad, []));
    world.now += 500;
    waiting = await world.deploy("production", NEXT, "locked");
  });

  it("ends it, says why, and tells of it", async () => {
    done(await claim({}, bad, waiting));
    expect(await recordOf(waiting)).toMatchObject({
      status: "failed",
      failureKind: "step",
      endTime: world.now,
      failureReason: `${bad.deploymentId} is taken back: nothing may be deployed over it`,
    });
    expect((await state()).lock).toMatchObject({ deploymentId: bad.deploymentId, purpose: "rollback" });
    expect([...world.table.items.keys()].filter((key) => key.endsWith("#deployment_failed"))).toEqual([
      `${waiting.deploymentId}#deployment_failed`,
    ]);
  });

  it("is lost when it begins to change something", async () => {
    const decidedOn = await state();
    await world.manager.beginChange(waiting, { action: "none", because: "equal" });
    expect((await manager.claim(bad, decidedOn, claimOf(), waiting)).kind).toBe("stale");
    expect(await recordOf(waiting)).toMatchObject({ status: "in_progress" });
  });

  it("is lost when it has failed by itself", async () => {
    const decidedOn = await state();
    await world.manager.fail(waiting, "busy", "step");
    expect((await manager.claim(bad, decidedOn, claimOf(), waiting)).kind).toBe("stale");
  });
});
