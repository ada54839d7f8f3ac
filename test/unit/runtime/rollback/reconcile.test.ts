import { beforeEach, describe, expect, it } from "@jest/globals";
import type { CurrentPointer } from "../../../../runtime/releases/domain";
import { reconcile } from "../../../../runtime/rollback/reconcile";
import { BAD, digestOf, GOOD, World } from "../../../property/runtime/rollback/world";
import { RecordedLog } from "./support/bench";

const BY_HAND: CurrentPointer = {
  version: GOOD,
  releaseDigest: digestOf(GOOD),
  deploymentId: "by-hand",
  flippedAt: "2026-11-25T10:00:00.000Z",
};

let world: World;
let log: RecordedLog;
beforeEach(async () => {
  world = new World();
  log = new RecordedLog();
  await world.deploy("production", BAD, "done");
});
const reconciled = () => reconcile("production", { ...world.ports(), log });
const state = () => world.table.state("production");

describe("the state of an environment", () => {
  it("follows a pointer that was flipped by hand, with a token of its own", async () => {
    const before = await state();
    world.pointers.set("production", BY_HAND);
    await reconciled();
    const { flippedAt, ...live } = BY_HAND;
    expect(await state()).toEqual({
      ...before,
      token: before.token + 1,
      live: { ...live, since: Date.parse(flippedAt) },
    });
    expect(log.lines).toEqual([
      [
        "warn",
        "the pointer was flipped by hand",
        { environment: "production", was: BAD, is: GOOD, written: "committed" },
      ],
    ]);
  });

  it("follows one that names another build of the very same release", async () => {
    world.pointers.set("production", { ...BY_HAND, version: BAD, releaseDigest: digestOf(GOOD) });
    await reconciled();
    expect((await state()).live).toMatchObject({ version: BAD, releaseDigest: digestOf(GOOD) });
  });

  it("follows the first pointer of an environment that nothing was deployed to", async () => {
    world.table.items.delete("state#production");
    world.pointers.set("production", BY_HAND);
    await reconciled();
    expect(await state()).toMatchObject({ token: 1, live: { version: GOOD } });
    expect(log.lines).toMatchObject([["warn", expect.any(String), { was: "nothing" }]]);
  });

  it("is blamed for no alarm afterwards: what was deployed there does not run", async () => {
    world.pointers.set("production", BY_HAND);
    await reconciled();
    const alarm = { name: "kiro-worker-production-failed-jobs", state: "ALARM", since: world.now } as const;
    expect(await world.desk().dryRun("production", { kind: "alarm", alarm })).toMatchObject({
      decision: { kind: "ignore" },
    });
  });
});

describe("nothing is to be done", () => {
  const untouched = async () => {
    const before = world.digest();
    await reconciled();
    expect([world.digest(), log.lines]).toEqual([before, []]);
  };

  it("where the pointer names what is live, whoever flipped it", async () => {
    world.pointers.set("production", { ...BY_HAND, version: BAD, releaseDigest: digestOf(BAD) });
    await untouched();
  });

  it("where nothing is live", async () => {
    world.pointers.delete("production");
    await untouched();
  });

  it("while somebody holds the lock, who brings both together", async () => {
    await world.deploy("production", GOOD, "changing");
    world.pointers.set("production", BY_HAND);
    await untouched();
  });
});

describe("an environment that changes while its pointer is read", () => {
  it("is left to the next look", async () => {
    world.pointers.set("production", BY_HAND);
    const start = async () => void (await world.deploy("production", GOOD, "locked"));
    world.table.beforeCommit = start;
    await reconciled();
    expect(await state()).toMatchObject({ live: { version: BAD }, lock: { purpose: "deployment" } });
    expect(log.lines).toMatchObject([["warn", expect.any(String), { written: "refused" }]]);
  });
});
