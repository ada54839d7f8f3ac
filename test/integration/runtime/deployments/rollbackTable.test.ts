import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type DeploymentRecord, LEASE_MS, stateIdOf } from "../../../../runtime/deployments/domain";
import type { RollbackProgress } from "../../../../runtime/deployments/domainRollback";
import type { RollbackClaim } from "../../../../runtime/deployments/domainRollbackMoments";
import { assign } from "../../../../runtime/deployments/domainWrites";
import { recordOf, stateOf } from "../../../../runtime/deployments/items";
import { DeploymentStateManager } from "../../../../runtime/deployments/manager";
import type { Outcome, StartOutcome } from "../../../../runtime/deployments/ports";
import { RollbackStateManager } from "../../../../runtime/deployments/rollbackManager";
import { dynamoDeploymentTable } from "../../../../runtime/deployments/table";
import type { NoticeMessage } from "../../../../runtime/notices/domain";
import { dynamoNoticeOutbox } from "../../../../runtime/notices/outbox";
import { ROLLBACK_STEPS } from "../../../../runtime/types";
import { startEmulator, type TestEmulator } from "../../../support/emulator";
import { deploymentInfo } from "../../../unit/runtime/support/fixtures";
import { dynamoDb, makeTable } from "../support";

const GOOD = "a".repeat(40);
const BAD = "b".repeat(40);
const NEXT = "c".repeat(40);

let emulator: TestEmulator;
let client: DynamoDBClient;
let tables = 0;
beforeAll(async () => {
  emulator = await startEmulator();
  client = dynamoDb(emulator);
}, 60_000);
afterAll(async () => {
  client.destroy();
  await emulator.stop();
});

/** Staging in a real table, where the bad release has followed the good one. */
class Staging {
  readonly name = `rollbacks-${tables++}`;
  now = 1_000_000;
  private readonly table = dynamoDeploymentTable(client, this.name);
  private readonly clock = () => this.now;
  readonly manager = new DeploymentStateManager(this.table, this.clock);
  readonly rollbacks = new RollbackStateManager(this.table, this.clock);

  static async made(): Promise<Staging> {
    const staging = new Staging();
    await makeTable(client, staging.name);
    return staging;
  }

  async starts(version: string): Promise<DeploymentRecord> {
    this.now += 1_000;
    return done(await this.manager.recordDeploymentStart(deploymentInfo({ environment: "staging", version })));
  }

  async succeeds(version: string): Promise<DeploymentRecord> {
    const changing = await this.manager.beginChange(await this.starts(version), { action: "up", because: "1 update" });
    const baking = done(await this.manager.beginBake(done(await this.manager.recordLive(done(changing)))));
    return done(await this.manager.succeed(baking, []));
  }

  state() {
    return this.manager.environmentState("staging");
  }

  /** As it is stored, without our reading. */
  async item(deploymentId: string): Promise<unknown> {
    // The options are the client's: `from` would take them away from the table that shares it.
    const table = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
    const found = await table.send(
      new GetCommand({ TableName: this.name, Key: { deploymentId }, ConsistentRead: true }),
    );
    return found.Item;
  }

  /** What is queued of rollbacks and failures, sorted by what it tells. */
  async told(): Promise<NoticeMessage[]> {
    const pending = await dynamoNoticeOutbox(client, this.name).pending();
    return pending
      .map(({ message }) => message)
      .filter(({ event }) => !["deployment_started", "deployment_succeeded"].includes(event))
      .sort((a, b) => (a.event < b.event ? -1 : 1));
  }
}

function done(outcome: Outcome | StartOutcome): DeploymentRecord {
  if (outcome.kind !== "done") throw new Error(`expected done, got ${JSON.stringify(outcome)}`);
  return outcome.record;
}
const claimOf = (bad: DeploymentRecord, over: Partial<RollbackClaim> = {}): RollbackClaim => ({
  cause: "alarm",
  because: "alarm failed-jobs in ALARM state",
  failedAlarms: ["failed-jobs"],
  alarmAt: 1_500_000,
  target: {
    version: bad.previousVersion ?? "",
    releaseDigest: bad.previousReleaseDigest ?? "",
    deploymentId: bad.previousDeploymentId ?? "",
    infrastructureVersion: bad.previousInfrastructureVersion,
  },
  counts: true,
  ...over,
});

/** The rollback after all its steps, with everything in it that may be. */
function full(rollback: RollbackProgress, at: number): RollbackProgress {
  return {
    ...rollback,
    next: "end",
    level: "full",
    round: 1,
    done: ROLLBACK_STEPS.map((step) => ({ step, round: 1, at, because: `${step} is done` })),
    infrastructureBuildId: "undo:1",
    validation: { startedAt: at, deadline: at + 60_000, canaries: 1, canaryJobId: "job:1" },
    parts: [{ environment: "staging", deploymentId: "staging#1" }],
  };
}

describe("a rollback in a real table", () => {
  it("is claimed, advances step by step, and ends; everything is read back as it was written", async () => {
    const staging = await Staging.made();
    const good = await staging.succeeds(GOOD);
    const bad = await staging.succeeds(BAD);
    expect(await staging.state()).toMatchObject({ live: { version: BAD, before: { version: GOOD } } });
    staging.now += 60_000;

    const claimed = done(await staging.rollbacks.claim(bad, await staging.state(), claimOf(bad)));
    const token = bad.lockToken + 1;
    expect(await staging.manager.deployment(bad.deploymentId)).toEqual(JSON.parse(JSON.stringify(claimed)));
    expect(await staging.state()).toMatchObject({
      token,
      lock: { deploymentId: bad.deploymentId, purpose: "rollback", token, leaseUntil: staging.now + LEASE_MS },
      lastKnownGood: { version: GOOD, deploymentId: good.deploymentId },
      automaticRollbacks: [staging.now],
      quarantine: [{ version: BAD, deploymentId: bad.deploymentId, since: staging.now }],
    });

    if (claimed.rollback === undefined) throw new Error("the claim left no progress");
    staging.now += 1_000;
    const live = {
      version: GOOD,
      releaseDigest: good.releaseDigest,
      deploymentId: good.deploymentId,
      since: staging.now,
    };
    const restored = { ...live, restoredFrom: bad.deploymentId };
    const progress = full(claimed.rollback, staging.now);
    const set = [assign(["live"], restored), assign(["infrastructureVersion"], GOOD)];
    const advanced = done(
      await staging.rollbacks.advance(claimed, progress, { set, remove: [["infrastructureDigest"]] }),
    );
    expect(recordOf(await staging.item(bad.deploymentId))).toEqual(JSON.parse(JSON.stringify(advanced)));
    expect(recordOf(await staging.item(bad.deploymentId)).rollback).toEqual(JSON.parse(JSON.stringify(progress)));

    expect(await staging.state()).not.toHaveProperty("infrastructureDigest");

    staging.now += 1_000;
    const outcome = { kind: "restored", because: "it works" } as const;
    const ended = done(await staging.rollbacks.end(advanced, outcome));
    expect(recordOf(await staging.item(bad.deploymentId))).toEqual(JSON.parse(JSON.stringify(ended)));
    expect(ended).toMatchObject({ status: "rolled_back", rollbackStatus: "done", rollbackLevel: "full" });
    const state = stateOf("staging", await staging.item(stateIdOf("staging")));
    expect(state).toMatchObject({ token, live: restored, infrastructureVersion: GOOD });
    expect([state.lock, state.hold]).toEqual([undefined, undefined]);
    expect(await staging.told()).toMatchObject([
      { event: "rollback_initiated", currentVersion: BAD, targetVersion: GOOD },
      { event: "rollback_succeeded", currentVersion: BAD, targetVersion: GOOD, reason: "it works", duration: "0m 2s" },
    ]);
  });

  it("that failed holds the environment, and only what counts uses the budget up", async () => {
    const staging = await Staging.made();
    await staging.succeeds(GOOD);
    const bad = await staging.succeeds(BAD);
    const claimed = done(await staging.rollbacks.claim(bad, await staging.state(), claimOf(bad, { counts: false })));
    done(await staging.rollbacks.end(claimed, { kind: "failed", because: "the undo failed" }));
    const state = await staging.state();
    expect(state).toMatchObject({ hold: { kind: "frozen", by: bad.deploymentId, because: "the undo failed" } });
    expect([state.lock, state.quarantine, state.automaticRollbacks]).toEqual([undefined, undefined, undefined]);
    expect(await staging.manager.deployment(bad.deploymentId)).toMatchObject({
      status: "succeeded",
      rollbackStatus: "failed",
    });
    expect((await staging.told()).map(({ event }) => event)).toEqual(["rollback_failed", "rollback_initiated"]);
  });

  it("is claimed by one of many, and leaves what a claim does not concern as it was", async () => {
    const staging = await Staging.made();
    await staging.succeeds(GOOD);
    const bad = done(await staging.manager.beginBake(await live(staging)));
    const { lastKnownGood } = await staging.state();
    const decidedOn = await staging.state();
    // Of different milliseconds, or they would be the same claim.
    const claims = Array.from({ length: 4 }, (_, n) => {
      staging.now += 1;
      return staging.rollbacks.claim(bad, decidedOn, claimOf(bad, { because: `claim ${n}`, counts: false }));
    });
    const outcomes = await Promise.all(claims);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["done", "stale", "stale", "stale"]);
    const stale = outcomes.find((outcome) => outcome.kind === "stale");
    expect(stale).toMatchObject({
      because: `${bad.deploymentId} is failed (rollback running) and staging has token ${bad.lockToken + 1} by now`,
      lock: { purpose: "rollback" },
    });
    const winner = outcomes.find((outcome) => outcome.kind === "done");
    expect((await staging.manager.deployment(bad.deploymentId))?.rollback?.because).toBe(
      winner?.record?.rollback?.because,
    );
    expect((await staging.state()).lastKnownGood).toEqual(lastKnownGood);
    expect((await staging.told()).map(({ event }) => event)).toEqual(["rollback_initiated"]);
    // Whoever deployed it is not entitled to anything any more.
    expect((await staging.manager.extendLease(bad)).kind).toBe("stale");
    expect((await staging.manager.succeed(bad, [])).kind).toBe("stale");
  });

  it("takes the lock of a deployment that waits, which it ends in the same transaction", async () => {
    const staging = await Staging.made();
    await staging.succeeds(GOOD);
    const bad = await staging.succeeds(BAD);
    const waiting = await staging.starts(NEXT);
    const changing = await staging.state();
    done(await staging.rollbacks.claim(bad, changing, claimOf(bad), waiting));
    expect(await staging.manager.deployment(waiting.deploymentId)).toMatchObject({
      status: "failed",
      failureReason: `${bad.deploymentId} is taken back: nothing may be deployed over it`,
    });
    expect((await staging.told()).map(({ event, deploymentId }) => [event, deploymentId])).toEqual([
      ["deployment_failed", waiting.deploymentId],
      ["rollback_initiated", bad.deploymentId],
    ]);
  });

  it("is advanced by one of two at the same step", async () => {
    const staging = await Staging.made();
    await staging.succeeds(GOOD);
    const bad = await staging.succeeds(BAD);
    const claimed = done(await staging.rollbacks.claim(bad, await staging.state(), claimOf(bad)));
    if (claimed.rollback === undefined) throw new Error("the claim left no progress");
    const next = { ...claimed.rollback, next: "stop-build" as const };
    const outcomes = [await staging.rollbacks.advance(claimed, next), await staging.rollbacks.advance(claimed, next)];
    expect(outcomes).toMatchObject([{ kind: "done" }, { kind: "stale", record: { rollback: { next: "stop-build" } } }]);
  });
});

describe("a deployment that is not taken back, in a real table", () => {
  it("ends with its lock freed, its environment frozen, and everything told", async () => {
    const staging = await Staging.made();
    const record = await staging.starts(BAD);
    const ending = { because: "its budget is spent", failureKind: "step", attention: true, freeze: true } as const;
    const ended = done(await staging.rollbacks.endWithout(record, await staging.state(), ending));
    expect(recordOf(await staging.item(record.deploymentId))).toEqual(JSON.parse(JSON.stringify(ended)));
    const state = stateOf("staging", await staging.item(stateIdOf("staging")));
    expect(state).toEqual({
      environment: "staging",
      token: record.lockToken + 1,
      hold: { kind: "frozen", by: record.deploymentId, because: "its budget is spent", since: staging.now },
    });
    expect(await staging.told()).toMatchObject([
      { event: "attention_needed", reason: "its budget is spent" },
      { event: "deployment_failed", reason: "its budget is spent" },
    ]);
  });

  it("is left alone once it has begun to change something", async () => {
    const staging = await Staging.made();
    const record = await staging.starts(BAD);
    const decidedOn = await staging.state();
    done(await staging.manager.beginChange(record, { action: "none", because: "equal" }));
    const ending = { because: "its stage was stopped", failureKind: "step", attention: false, freeze: false } as const;
    expect(await staging.rollbacks.endWithout(record, decidedOn, ending)).toMatchObject({
      kind: "stale",
      record: { status: "in_progress", phase: "changing" },
      lock: { deploymentId: record.deploymentId },
    });
    expect(await staging.told()).toEqual([]);
  });

  it("that had failed already only gives its lock back", async () => {
    const staging = await Staging.made();
    const failed = done(await staging.manager.fail(await staging.starts(BAD), "red", "tests"));
    const ending = { because: "red", failureKind: "tests", attention: false, freeze: false } as const;
    expect(done(await staging.rollbacks.endWithout(failed, await staging.state(), ending))).toEqual(failed);
    expect(await staging.state()).toEqual({ environment: "staging", token: failed.lockToken + 1 });
    expect((await staging.told()).map(({ event }) => event)).toEqual(["deployment_failed"]);
  });
});

/** The bad release, live in staging. */
async function live(staging: Staging): Promise<DeploymentRecord> {
  const record = await staging.starts(BAD);
  const changing = done(await staging.manager.beginChange(record, { action: "none", because: "equal" }));
  return done(await staging.manager.recordLive(changing));
}
