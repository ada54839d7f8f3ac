import { beforeEach, describe, expect, it } from "@jest/globals";
import type { DeploymentRecord, HolderActivity, Lock } from "../../../../runtime/deployments/domain";
import { ReleaseNotFoundError } from "../../../../runtime/errors";
import type { Notice } from "../../../../runtime/notices/domain";
import { type DeskPorts, RollbackDesk } from "../../../../runtime/rollback/desk";
import type { Trigger } from "../../../../runtime/rollback/domain";
import type { RollbackRequest, RollbackRun } from "../../../../runtime/rollback/ports";
import { release } from "../support/fixtures";
import { BAD, digestOf, GOOD, MINUTE, NEXT, PREFIX, RULES, World } from "../../../property/runtime/rollback/world";
import { told } from "./support/bench";

const WAITING: RollbackRun = { kind: "waiting", because: "build undo:1 undoes the infrastructure" };
const STALE: RollbackRun = { kind: "stale", because: "somebody was faster" };
const TERMINAL: HolderActivity = { execution: "terminal", build: "terminal" };

let world: World;
/** What the orchestrator was asked for, and its answers, the last of them again and again. */
let asked: (RollbackRequest | string)[];
let answers: RollbackRun[];
let queued: Notice[];
let holders: { lock: Lock }[];
let holder: HolderActivity;

beforeEach(async () => {
  world = new World();
  await world.deploy("production", GOOD, "done");
  asked = [];
  answers = [WAITING];
  queued = [];
  holders = [];
  holder = { execution: "running", build: "running" };
});

function desk(over: Partial<DeskPorts> = {}): RollbackDesk {
  const answer = (request: RollbackRequest | string) => {
    asked.push(request);
    return (answers.length > 1 ? answers.shift() : answers[0]) ?? STALE;
  };
  const ports: DeskPorts = {
    ...world.ports(),
    holders: { activity: async (lock) => (holders.push({ lock }), holder) },
    notices: { queue: async (notice) => (queued.push(notice), "queued") },
    ...over,
  };
  const orchestrator = {
    executeRollback: async (request: RollbackRequest) => answer(request),
    resume: async (deploymentId: string) => answer(deploymentId),
  };
  return new RollbackDesk(ports, orchestrator, RULES);
}

const alarm = (): Trigger => {
  world.now += 1_000;
  return { kind: "alarm", alarm: { name: `${PREFIX.production}failed-jobs`, state: "ALARM", since: world.now } };
};
const failed = (executionId = "execution-b"): Trigger => ({ kind: "stage", executionId, outcome: "failed" });
const baking = () => world.deploy("production", BAD, "baking");
const again = async ({ deploymentId }: DeploymentRecord) => {
  const record = await world.table.record(deploymentId);
  if (record === undefined) throw new Error(`${deploymentId} is gone`);
  return record;
};

describe("what goes back", () => {
  it("is handed over as it was decided, on the state that it was decided on", async () => {
    const record = await baking();
    const state = await world.table.state("production");
    const answer = await desk().handle("production", alarm());
    expect(answer).toMatchObject({ environment: "production", decision: { kind: "roll-back" }, run: WAITING });
    expect(asked).toMatchObject([
      {
        record: { deploymentId: record.deploymentId },
        state,
        claim: {
          cause: "alarm",
          because: `alarm ${PREFIX.production}failed-jobs in ALARM state`,
          target: { version: GOOD, releaseDigest: digestOf(GOOD) },
          failedAlarms: [`${PREFIX.production}failed-jobs`],
          counts: true,
        },
      },
    ]);
    expect(queued).toEqual([]);
  });

  it("takes the lock of a later deployment that has changed nothing yet", async () => {
    const record = await world.deploy("production", BAD, "done");
    const waiting = await world.deploy("production", NEXT, "locked");
    await desk().handle("production", alarm());
    expect(asked).toMatchObject([
      { record: { deploymentId: record.deploymentId }, waiting: { deploymentId: waiting.deploymentId } },
    ]);
  });

  it("is what made the live release live, where nobody holds the lock", async () => {
    const record = await world.deploy("production", BAD, "done");
    await desk().handle("production", alarm());
    expect(asked).toMatchObject([{ record: { deploymentId: record.deploymentId } }]);
    expect((asked[0] as RollbackRequest).waiting).toBeUndefined();
  });

  it("is gone on with while it is under way", async () => {
    const record = await baking();
    const item = world.table.items.get("state#production");
    const { lock } = await world.table.state("production");
    world.table.items.set("state#production", { ...item, lock: { ...lock, purpose: "rollback" } });
    expect(await desk().handle("production", { kind: "tick", alarms: [] })).toMatchObject({
      decision: { kind: "resume" },
      run: WAITING,
    });
    expect(asked).toEqual([record.deploymentId]);
    // Who takes a deployment back is asked by its steps, not here.
    expect(holders).toEqual([]);
  });
});

describe("what may not go back so far", () => {
  it("is decided again with what both releases say, and a human is told", async () => {
    const record = await baking();
    const releases: DeskPorts["releases"] = {
      readRelease: async (version) => ({
        release: release({ sequence: version === GOOD ? 4 : 9, rollbackCompatibleFrom: 5 }),
        digest: "",
      }),
    };
    const { decision, run } = await desk({ releases }).handle("production", alarm());
    expect(decision).toMatchObject({ kind: "page-human", because: expect.stringContaining("at the lowest") });
    expect([run, asked]).toEqual([undefined, []]);
    expect(await again(record)).toMatchObject({ status: "failed", failureKind: "health", rollbackStatus: "none" });
    expect(told(world, "production")).toMatchObject([{ event: "attention_needed", reason: decision.because }]);
  });

  it("is told as well when a release is gone", async () => {
    await baking();
    const error = new ReleaseNotFoundError("releases/a/release.json");
    const releases = { readRelease: () => Promise.reject(error) };
    expect(await desk({ releases }).handle("production", alarm())).toMatchObject({
      decision: { kind: "page-human", because: expect.stringContaining(error.message) },
    });
  });

  it("is for a retry when the releases cannot be read", async () => {
    await baking();
    const releases = { readRelease: () => Promise.reject(new Error("SlowDown")) };
    await expect(desk({ releases }).handle("production", alarm())).rejects.toThrow("SlowDown");
  });
});

describe("a deployment that ends without a rollback", () => {
  it("frees its lock when it had changed nothing, and needs nobody's attention", async () => {
    const record = await world.deploy("production", BAD, "locked");
    const answer = await desk().handle("production", failed());
    expect(answer).toMatchObject({ decision: { kind: "release-lock" } });
    expect(answer.run).toBeUndefined();
    expect(await again(record)).toMatchObject({
      status: "failed",
      failureKind: "step",
      failureReason: "its stage failed",
    });
    const state = await world.table.state("production");
    expect([state.lock, state.hold]).toEqual([undefined, undefined]);
    expect(told(world, "production")).toEqual([]);
  });

  it("keeps why it failed, and a human is told where nobody knows whether it works", async () => {
    const record = await baking();
    await world.manager.fail(record, "no canary job ran", "inconclusive");
    const answer = await desk().handle("production", failed());
    expect(answer).toMatchObject({ decision: { kind: "page-human" } });
    expect(await again(record)).toMatchObject({ failureKind: "inconclusive", failureReason: "no canary job ran" });
    const state = await world.table.state("production");
    expect([state.lock, state.hold]).toEqual([undefined, undefined]);
    expect(told(world, "production")).toMatchObject([{ event: "attention_needed" }]);
    expect(queued).toEqual([]);
  });

  it("freezes the environment when its budget is spent", async () => {
    const record = await baking();
    const item = world.table.items.get("state#production");
    world.table.items.set("state#production", { ...item, automaticRollbacks: Array<number>(4).fill(world.now) });
    const { decision } = await desk().handle("production", alarm());
    expect(decision).toMatchObject({ kind: "hold", because: expect.stringContaining("spent its budget") });
    expect(asked).toEqual([]);
    expect(await world.table.state("production")).toMatchObject({
      hold: { kind: "frozen", by: record.deploymentId, because: decision.because },
    });
    expect(told(world, "production")).toMatchObject([{ event: "attention_needed", reason: decision.because }]);
  });
});

describe("a trouble that ends nothing", () => {
  it("is told to a human, and the environment is left as it is", async () => {
    // The good release has succeeded long ago; there is nothing before it.
    const before = world.digest();
    const trigger = alarm();
    const answer = await desk().handle("production", trigger);
    expect(answer).toMatchObject({ decision: { kind: "page-human" } });
    expect([answer.run, asked]).toEqual([undefined, []]);
    expect(queued).toMatchObject([
      {
        topic: "rollbacks",
        createdAt: world.now,
        message: { event: "attention_needed", reason: answer.decision.because },
      },
    ]);
    world.now -= 1_000;
    expect(world.digest()).toBe(before);
  });

  it("has the same id however often it is seen, so that it is told once", async () => {
    const trigger = alarm();
    await desk().handle("production", trigger);
    world.now += MINUTE;
    await desk().handle("production", trigger);
    expect(new Set(queued.map(({ id }) => id)).size).toBe(1);
  });

  it("is told of the live release while another deployment has the lock", async () => {
    await world.deploy("production", BAD, "locked");
    await desk().handle("production", alarm());
    expect(queued).toMatchObject([{ message: { version: GOOD } }]);
    expect((await world.table.state("production")).lock).toBeDefined();
  });
});

describe("what is nobody's fault", () => {
  it("changes nothing", async () => {
    const before = world.digest();
    const answer = await desk().handle("production", failed("execution-z"));
    expect(answer).toMatchObject({ environment: "production", decision: { kind: "ignore" } });
    expect([answer.run, asked, queued, world.digest()]).toEqual([undefined, [], [], before]);
  });

  it("is anything in an environment that was never deployed to", async () => {
    expect(await desk().handle("staging", alarm())).toMatchObject({ decision: { kind: "ignore" } });
  });
});

describe("the tick", () => {
  it("asks whether the holder of a lock can still act, and ends a deployment whose execution is over", async () => {
    const record = await baking();
    holder = TERMINAL;
    expect(await desk().handle("production", { kind: "tick", alarms: [] })).toMatchObject({
      decision: { kind: "roll-back", record: { deploymentId: record.deploymentId } },
    });
    expect(holders).toMatchObject([{ lock: { deploymentId: record.deploymentId } }]);
  });

  it("lets a deployment go on that is at it", async () => {
    await baking();
    expect(await desk().handle("production", { kind: "tick", alarms: [] })).toMatchObject({
      decision: { kind: "ignore" },
    });
  });

  it("asks nobody where there is no lock, nor does any other trigger", async () => {
    await desk().handle("production", { kind: "tick", alarms: [] });
    await baking();
    await desk().handle("production", alarm());
    expect(holders).toEqual([]);
  });
});

describe("what changes while it is decided on", () => {
  it("is decided again when the claim comes too late", async () => {
    await baking();
    answers = [STALE, STALE, WAITING];
    expect(await desk().handle("production", alarm())).toMatchObject({ run: WAITING });
    expect(asked).toHaveLength(3);
  });

  it("is decided again when a deployment began to change something before it could be ended", async () => {
    const record = await world.deploy("production", BAD, "locked");
    world.table.beforeCommit = async () => {
      await world.manager.beginChange(record, { action: "none", because: "equal" });
    };
    expect(await desk().handle("production", failed())).toMatchObject({
      decision: { kind: "roll-back" },
      run: WAITING,
    });
    expect(await again(record)).toMatchObject({ status: "in_progress", phase: "changing" });
  });

  it("is decided again when the environment was held before it could be frozen", async () => {
    await baking();
    const spent = { automaticRollbacks: Array<number>(4).fill(world.now) };
    world.table.items.set("state#production", { ...world.table.items.get("state#production"), ...spent });
    world.table.beforeCommit = () => {
      const item = world.table.items.get("state#production");
      world.table.items.set("state#production", { ...item, token: Number(item?.["token"]) + 1 });
    };
    const { decision } = await desk().handle("production", alarm());
    expect(decision.kind).toBe("hold");
    expect(await world.table.state("production")).toMatchObject({ hold: { kind: "frozen" } });
  });

  it("five times over is for a retry", async () => {
    await baking();
    answers = [STALE];
    await expect(desk().handle("production", alarm())).rejects.toThrow(
      "production changed 5 times while it was decided on",
    );
    expect(asked).toHaveLength(5);
  });
});

describe("a rehearsal", () => {
  it("decides on live state and does nothing", async () => {
    await baking();
    const before = world.digest();
    const trigger: Trigger = { kind: "operator", by: "ada", because: "slow" };
    const answer = await desk().dryRun("production", trigger);
    expect(answer).toMatchObject({ environment: "production", decision: { kind: "roll-back", because: "ada: slow" } });
    expect(answer.run).toBeUndefined();
    expect([asked, queued, world.digest()]).toEqual([[], [], before]);
  });
});
