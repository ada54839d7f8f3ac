import { beforeEach, describe, expect, it } from "@jest/globals";
import type { DeploymentRecord } from "../../../../runtime/deployments/domain";
import type { Ending } from "../../../../runtime/deployments/domainEndings";
import { RollbackStateManager } from "../../../../runtime/deployments/rollbackManager";
import { noticeOf, OUTBOX } from "../../../../runtime/notices/items";
import { rewrite } from "../rollback/support/bench";
import { BAD, done, LEASE, NEXT, World } from "../../../property/runtime/rollback/world";

let world: World;
let manager: RollbackStateManager;
let record: DeploymentRecord;
beforeEach(async () => {
  world = new World();
  manager = new RollbackStateManager(world.table, world.clock, LEASE);
  record = await world.deploy("production", BAD, "locked");
});

const state = () => world.table.state("production");
const found = ({ deploymentId }: DeploymentRecord) => world.table.record(deploymentId);
const end = async (over: Partial<Ending> = {}, of = record) =>
  manager.endWithout(of, await state(), {
    because: "its stage was stopped",
    failureKind: "step",
    attention: false,
    freeze: false,
    ...over,
  });
/** What was told since the start, with the reason. */
const told = () =>
  [...world.table.items.values()]
    .filter((item) => item["environment"] === OUTBOX)
    .map((item) => noticeOf(item).message)
    .filter(({ event }) => event !== "deployment_started")
    .map(({ event, reason }) => [event, reason]);

describe("a deployment that is not taken back", () => {
  it("fails, its lock is freed, and it is told", async () => {
    const { token } = await state();
    world.now += 500;
    const ended = done(await end());
    expect(ended).toEqual({
      ...record,
      status: "failed",
      endTime: world.now,
      failureReason: "its stage was stopped",
      failureKind: "step",
    });
    expect(await found(record)).toEqual(JSON.parse(JSON.stringify(ended)));
    // A token of its own: whoever decided on the state as it was decides again.
    expect(await state()).toEqual({ environment: "production", token: token + 1 });
    expect(told()).toEqual([["deployment_failed", "its stage was stopped"]]);
  });

  it("leaves whoever deploys nothing to write under", async () => {
    await end();
    expect((await world.manager.beginChange(record, { action: "none", because: "equal" })).kind).toBe("stale");
  });

  it("that had failed already keeps its reason, and is not told again", async () => {
    const failed = done(await world.manager.fail(record, "red", "inconclusive"));
    expect(done(await end({}, failed))).toEqual(failed);
    expect(await found(record)).toMatchObject({ failureReason: "red", failureKind: "inconclusive" });
    expect((await state()).lock).toBeUndefined();
    expect(told()).toEqual([["deployment_failed", "red"]]);
  });

  it("whose failure was delivered long ago is not queued again", async () => {
    const failed = done(await world.manager.fail(record, "red", "tests"));
    world.table.items.delete(`${record.deploymentId}#deployment_failed`);
    await end({}, failed);
    expect(told()).toEqual([]);
  });

  it("needs a human where no rule may decide", async () => {
    await end({ attention: true });
    expect(told()).toEqual([
      ["deployment_failed", "its stage was stopped"],
      ["attention_needed", "its stage was stopped"],
    ]);
    expect((await state()).hold).toBeUndefined();
  });

  it("freezes the environment where nothing may follow it", async () => {
    await end({ freeze: true, because: "z".repeat(9_000) });
    expect((await state()).hold).toEqual({
      kind: "frozen",
      by: record.deploymentId,
      because: "z".repeat(4_000),
      since: world.now,
    });
    expect((await found(record))?.failureReason).toHaveLength(4_000);
  });

  it("leaves the hold of an operator where one is already", async () => {
    const hold = { kind: "operator", by: "ada", because: "a holiday", since: 1 } as const;
    world.table.items.set("state#production", { ...world.table.items.get("state#production"), hold });
    await end({ freeze: true });
    expect((await state()).hold).toEqual(hold);
  });

  it("has nothing to free where another deployment has the lock", async () => {
    const old = done(await end());
    const next = await world.deploy("production", NEXT, "locked");
    done(await end({ freeze: true }, old));
    expect(await state()).toMatchObject({ lock: { deploymentId: next.deploymentId }, hold: { by: old.deploymentId } });
  });

  it("has nothing to free where nobody has the lock", async () => {
    const old = done(await end());
    const { token } = await state();
    done(await end({ freeze: true }, old));
    expect(await state()).toMatchObject({ token: token + 1, hold: { kind: "frozen" } });
  });

  it("may be of an environment whose state was lost", async () => {
    world.table.items.delete("state#production");
    done(await end());
    expect(await state()).toEqual({ environment: "production", token: 1 });
  });
});

describe("ending it", () => {
  it("is recognised when its first answer was lost", async () => {
    world.table.loseNextAnswer = true;
    expect(await end()).toMatchObject({ kind: "done", record: { status: "failed" } });
  });

  it.each([
    ["begins to change something", () => world.manager.beginChange(record, { action: "none", because: "equal" })],
    ["fails by itself", () => world.manager.fail(record, "red", "tests")],
  ])("is too late when it %s meanwhile", async (_, meanwhile) => {
    world.table.beforeCommit = async () => void (await meanwhile());
    const outcome = await end({ attention: true, freeze: true });
    expect(outcome).toMatchObject({ kind: "stale", lock: { deploymentId: record.deploymentId } });
    expect(told().map(([event]) => event)).not.toContain("attention_needed");
    expect((await state()).hold).toBeUndefined();
  });

  it("is too late when a failed one is written to meanwhile", async () => {
    const failed = done(await world.manager.fail(record, "red", "tests"));
    world.table.beforeCommit = () => rewrite(world, failed, { status: "rolled_back" });
    expect((await end({}, failed)).kind).toBe("stale");
    expect((await state()).lock).toBeDefined();
  });

  it("is too late when the state of an environment without one was written meanwhile", async () => {
    world.table.items.delete("state#production");
    world.table.beforeCommit = () => {
      world.table.items.set("state#production", { deploymentId: "state#production", token: 9 });
    };
    expect((await end()).kind).toBe("stale");
  });

  it("is too late when the environment has changed since the decision", async () => {
    const decidedOn = await state();
    done(await end());
    world.now += 500;
    const next = await world.deploy("production", NEXT, "locked");
    const ending = { because: "late", failureKind: "step", attention: false, freeze: false } as const;
    expect(await manager.endWithout(next, decidedOn, ending)).toMatchObject({
      kind: "stale",
      because: `${next.deploymentId} is in_progress (rollback none) and production has token ${next.lockToken} by now`,
    });
    expect((await state()).lock).toMatchObject({ deploymentId: next.deploymentId });
  });
});
