import { beforeEach, describe, expect, it } from "@jest/globals";
import type { DeploymentRecord, EnvironmentState } from "../../../../runtime/deployments/domain";
import type { RollbackOutcome, RollbackProgress } from "../../../../runtime/deployments/domainRollback";
import type { RollbackClaim } from "../../../../runtime/deployments/domainRollbackMoments";
import { assign } from "../../../../runtime/deployments/domainWrites";
import { RollbackStateManager } from "../../../../runtime/deployments/rollbackManager";
import type { RollbackCause } from "../../../../runtime/types";
import { BAD, digestOf, done, GOOD, LEASE, NEXT, World } from "../../../property/runtime/rollback/world";
import { told } from "../rollback/support/bench";

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
const events = (topic: "rollbacks" | "deployments" = "rollbacks") =>
  topic === "rollbacks"
    ? told(world, "production").map(({ event }) => event)
    : [...world.table.items.keys()].filter((key) => key.endsWith("#deployment_failed"));

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
/** Claimed, with its progress. */
async function claimed(over: Partial<RollbackClaim> = {}, record = bad) {
  const running = done(await claim(over, record));
  if (running.rollback === undefined) throw new Error("the claim left no progress");
  return { ...running, rollback: running.rollback };
}

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
    expect(events("deployments")).toEqual([`${waiting.deploymentId}#deployment_failed`]);
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

describe("a step that is done", () => {
  it("is kept with what it changed, under a longer lease", async () => {
    const running = await claimed();
    world.now += 500;
    const rollback: RollbackProgress = { ...running.rollback, level: "full", next: "stop-build" };
    const live = { version: GOOD, releaseDigest: digestOf(GOOD), deploymentId: "production#7", since: world.now };
    const record = done(await manager.advance(running, rollback, [assign(["live"], live)]));
    expect(record).toEqual({ ...running, rollback, rollbackLevel: "full" });
    expect(await recordOf(bad)).toEqual(JSON.parse(JSON.stringify(record)));
    const after = await state();
    expect([after.live, after.lock?.leaseUntil, after.lock?.purpose]).toEqual([live, world.now + LEASE, "rollback"]);
  });

  it("changes nothing else where nothing is said", async () => {
    const running = await claimed();
    const before = await state();
    world.now += 500;
    await manager.advance(running, { ...running.rollback, next: "stop-build" });
    const { lock } = before;
    expect(await state()).toEqual({ ...before, lock: lock && { ...lock, leaseUntil: world.now + LEASE } });
  });

  it("is refused to whoever comes second, who goes on from what is there", async () => {
    const running = await claimed();
    const next = { ...running.rollback, next: "stop-build" as const };
    done(await manager.advance(running, next));
    expect(await manager.advance(running, next)).toMatchObject({
      kind: "stale",
      record: { rollback: { next: "stop-build" } },
    });
  });

  it("is refused in another round, under another token, and once the rollback has ended", async () => {
    const running = await claimed();
    const of = (over: Partial<RollbackProgress>) => ({ ...running, rollback: { ...running.rollback, ...over } });
    for (const earlier of [of({ round: 2 }), of({ token: 1 })])
      expect((await manager.advance(earlier, running.rollback)).kind).toBe("stale");
    const elsewhere = { ...running.rollback, token: 1 };
    expect((await manager.advance(running, elsewhere)).kind).toBe("stale");
    done(await manager.end(running, { kind: "restored", because: "" }));
    expect((await manager.advance({ ...of({ next: "end" }) }, running.rollback)).kind).toBe("stale");
  });

  it("of no rollback is a mistake of the caller", () => {
    expect(() => manager.advance(bad, {} as RollbackProgress)).toThrow(`${bad.deploymentId} has no rollback under way`);
  });
});

describe("the end of a rollback", () => {
  const ended = async (outcome: RollbackOutcome) => {
    const running = await claimed();
    world.now += 60_000;
    return { running, record: done(await manager.end(running, outcome)) };
  };

  it("that restored the environment frees it", async () => {
    const outcome = { kind: "restored", because: "the good one is live" } as const;
    const { running, record } = await ended(outcome);
    expect(record).toEqual({
      ...running,
      status: "rolled_back",
      rollbackStatus: "done",
      rollbackTime: world.now,
      rollback: { ...running.rollback, next: "end", outcome },
    });
    expect(await recordOf(bad)).toEqual(JSON.parse(JSON.stringify(record)));
    const after = await state();
    expect([after.lock, after.hold]).toEqual([undefined, undefined]);
    expect(events()).toEqual(["rollback_initiated", "rollback_succeeded"]);
  });

  it("that is inconclusive frees it as well, and a human is told", async () => {
    const { record } = await ended({ kind: "inconclusive", because: "still in ALARM" });
    expect(record).toMatchObject({ status: "rolled_back", rollbackStatus: "done" });
    expect((await state()).lock).toBeUndefined();
    expect(events()).toEqual(["attention_needed", "rollback_initiated", "rollback_succeeded"]);
  });

  it("that failed frees it for nobody: nothing is deployed until somebody has looked", async () => {
    const { running, record } = await ended({ kind: "failed", because: "y".repeat(9_000) });
    expect(record).toMatchObject({ status: "failed", rollbackStatus: "failed" });
    expect(await state()).toMatchObject({
      hold: { kind: "frozen", by: running.deploymentId, because: "y".repeat(4_000), since: world.now },
    });
    expect((await state()).lock).toBeUndefined();
    expect(events()).toEqual(["rollback_failed", "rollback_initiated"]);
  });

  it("is recognised when its first answer was lost", async () => {
    const running = await claimed();
    world.table.loseNextAnswer = true;
    const outcome = { kind: "restored", because: "it works" } as const;
    expect(await manager.end(running, outcome)).toMatchObject({ kind: "done", record: { rollback: { outcome } } });
  });

  it("is not taken for another rollback's", async () => {
    const running = await claimed();
    const other = { ...running, rollback: { ...running.rollback, token: 1 } };
    done(await manager.end(running, { kind: "restored", because: "it works" }));
    expect((await manager.end(other, { kind: "failed", because: "no" })).kind).toBe("stale");
    expect(await recordOf(bad)).toMatchObject({ rollbackStatus: "done" });
  });

  it("of no rollback is a mistake of the caller", () => {
    expect(() => manager.end(bad, { kind: "restored", because: "" })).toThrow(
      `${bad.deploymentId} has no rollback that could end`,
    );
  });
});
