import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { DeploymentInfo, DeploymentRecord } from "../../../../runtime/deployments/domain";
import { DeploymentStateManager } from "../../../../runtime/deployments/manager";
import type { Outcome, StartOutcome } from "../../../../runtime/deployments/ports";
import { dynamoDeploymentTable } from "../../../../runtime/deployments/table";
import { UnreadableItemError } from "../../../../runtime/errors";
import { commands, emptyModel, real } from "../../../property/runtime/deployments/commands";
import { startEmulator, type TestEmulator } from "../../../support/emulator";
import { deploymentInfo, TEST_RESULTS } from "../../../unit/runtime/support/fixtures";
import { dynamoDb, makeTable } from "../support";

const BEGIN = 1_000_000;
const DEAD = { execution: "terminal", build: "terminal" } as const;

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

describe("deployments in a real table", () => {
  it("live their whole life, and hand over to the next", async () => {
    const { manager, clock } = await freshTable();
    const first = await succeed(manager);
    expect(await manager.getLastKnownGoodDeployment("test")).toEqual({
      version: first.version,
      deploymentId: first.deploymentId,
      record: JSON.parse(JSON.stringify(first)) as unknown,
    });
    clock.now += 5;
    const info = deploymentInfo({ version: "c".repeat(40), infrastructureDigest: null });
    const next = done(await manager.recordDeploymentStart(info));
    expect(next).toMatchObject({ lockToken: 2, previousDeploymentId: first.deploymentId });
    done(await manager.beginChange(next, { action: "up", because: "1 update", operations: { update: 1 } }));
    expect(await manager.environmentState("test")).not.toHaveProperty("infrastructureDigest");
    done(await manager.fail(next, "the up failed", "step"));
    const { lock } = await manager.environmentState("test");
    if (lock === undefined) throw new Error("a failure freed the lock");
    expect(await manager.breakLock("test", lock, DEAD, "Ada", "it is dead")).toMatchObject({ kind: "broken" });
    expect(await manager.deployment(next.deploymentId)).toMatchObject({ status: "failed", lockBroken: { by: "Ada" } });
  });

  it("let one of many start at the same moment", async () => {
    const { manager } = await freshTable();
    const starts = Array.from({ length: 6 }, (_, n) =>
      manager.recordDeploymentStart(deploymentInfo({ buildId: `b:${n}` })),
    );
    const kinds = (await Promise.all(starts)).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(["done", ...Array<string>(5).fill("lock-held")]);
  });

  it("are listed newest first, page after page, without the state items and other environments", async () => {
    const { manager, clock } = await freshTable();
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      clock.now += 10;
      ids.unshift((await succeed(manager)).deploymentId);
      done(
        await manager.updateDeploymentStatus((await start(manager, { environment: "staging" })).deploymentId, "failed"),
      );
      await free(manager, "staging");
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await manager.getDeploymentHistory("test", { limit: 2, ...(cursor !== undefined && { cursor }) });
      seen.push(...page.records.map((record) => record.deploymentId));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(ids);
  });

  it("that are unreadable are named", async () => {
    const { manager, name } = await freshTable();
    await client.send(
      new PutItemCommand({ TableName: name, Item: { deploymentId: { S: "test#1" }, phase: { S: "x" } } }),
    );
    await expect(manager.deployment("test#1")).rejects.toThrow(UnreadableItemError);
  });

  it("keep every promise of the model, step by step", async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands(new Map()), { maxCommands: 12 }), async (steps) => {
        const { table } = await freshTable();
        await fc.asyncModelRun(() => ({ model: emptyModel(BEGIN), real: real(table, BEGIN) }), steps);
      }),
      { numRuns: 8, endOnFailure: true },
    );
  }, 120_000);
});

// Helpers

async function freshTable() {
  const name = `deployments-${tables++}`;
  await makeTable(client, name);
  const clock = { now: BEGIN };
  const table = dynamoDeploymentTable(client, name);
  return { name, table, clock, manager: new DeploymentStateManager(table, () => clock.now) };
}

function done(outcome: StartOutcome | Outcome): DeploymentRecord {
  if (outcome.kind !== "done") throw new Error(`expected done, got ${JSON.stringify(outcome)}`);
  return outcome.record;
}

async function start(manager: DeploymentStateManager, over: Partial<DeploymentInfo>): Promise<DeploymentRecord> {
  return done(await manager.recordDeploymentStart(deploymentInfo(over)));
}

async function succeed(manager: DeploymentStateManager): Promise<DeploymentRecord> {
  const changing = done(await manager.beginChange(await start(manager, {}), { action: "none", because: "equal" }));
  const live = done(await manager.recordTests(done(await manager.recordLive(changing)), TEST_RESULTS));
  const baking = done(await manager.beginBake(live));
  expect((await manager.extendLease(baking)).kind).toBe("done");
  return done(await manager.succeed(baking, [{ jobId: "job:1", startedAt: BEGIN, status: "succeeded" }]));
}

async function free(manager: DeploymentStateManager, environment: "staging"): Promise<void> {
  const { lock } = await manager.environmentState(environment);
  if (lock !== undefined) await manager.breakLock(environment, lock, DEAD, "test", "next");
}
