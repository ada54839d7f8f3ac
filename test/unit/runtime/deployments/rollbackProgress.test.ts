import { beforeEach, describe, expect, it } from "@jest/globals";
import type { DeploymentRecord } from "../../../../runtime/deployments/domain";
import type { RollbackOutcome, RollbackProgress } from "../../../../runtime/deployments/domainRollback";
import { assign } from "../../../../runtime/deployments/domainWrites";
import { RollbackStateManager } from "../../../../runtime/deployments/rollbackManager";
import { BAD, digestOf, done, GOOD, LEASE, World } from "../../../property/runtime/rollback/world";
import { requestFor, rewrite, told } from "../rollback/support/bench";

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
const found = () => world.table.record(bad.deploymentId);
const events = () => told(world, "production").map(({ event }) => event);

/** Claimed, with its progress. */
async function claimed() {
  const request = await requestFor(world, bad);
  const running = done(await manager.claim(bad, request.state, request.claim));
  if (running.rollback === undefined) throw new Error("the claim left no progress");
  return { ...running, rollback: running.rollback };
}

describe("a step that is done", () => {
  it("is kept with what it changed, under a longer lease", async () => {
    const running = await claimed();
    expect(await state()).toHaveProperty("infrastructureDigest");
    world.now += 500;
    const rollback: RollbackProgress = { ...running.rollback, level: "full", next: "stop-build" };
    const live = { version: GOOD, releaseDigest: digestOf(GOOD), deploymentId: "production#7", since: world.now };
    const record = done(
      await manager.advance(running, rollback, { set: [assign(["live"], live)], remove: [["infrastructureDigest"]] }),
    );
    expect(record).toEqual({ ...running, rollback, rollbackLevel: "full" });
    expect(await found()).toEqual(JSON.parse(JSON.stringify(record)));
    const after = await state();
    expect(after).not.toHaveProperty("infrastructureDigest");
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

  it("is refused once the rollback was given up, wherever it had got to", async () => {
    const running = await claimed();
    rewrite(world, running, { rollbackStatus: "failed" });
    expect((await manager.advance(running, running.rollback)).kind).toBe("stale");
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
    expect(await found()).toEqual(JSON.parse(JSON.stringify(record)));
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
    expect(await found()).toMatchObject({ rollbackStatus: "done" });
  });

  it("of no rollback is a mistake of the caller", () => {
    expect(() => manager.end(bad, { kind: "restored", because: "" })).toThrow(
      `${bad.deploymentId} has no rollback that could end`,
    );
  });
});
