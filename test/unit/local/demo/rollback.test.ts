import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, it } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { breakWordStatistics, changeInfrastructure, FAILING_JOB, TIMEOUT } from "../../../../local/demo/badRelease";
import { type RollbackRecord, rollbackSteps, summarizeRollback } from "../../../../local/demo/rollbackTimeline";
import { watchRollback } from "../../../../local/demo/rollbackWatch";
import { requirePrints } from "../../../../local/demo/stage";
import { createWorkerRepository } from "../../../../local/demo/workerRepository";
import { rollbackProgress } from "../../runtime/support/deploymentRecord";
import { removeTemporary, temporaryFolder } from "../../../support/temporary";

afterAll(removeTemporary);

const AT = 1_100_000;
const done = (step: "stop-execution" | "flip-pointer" | "undo-infrastructure", after: number) => ({
  step,
  round: 1,
  at: AT + after,
  because: `${step} is done`,
});
const record = (over: Partial<RollbackRecord> = {}): RollbackRecord => ({
  deploymentId: "production#1",
  environment: "production",
  version: "b".repeat(40),
  rollbackStatus: "running",
  infrastructureChanged: true,
  rollback: rollbackProgress({ claimedAt: AT + 100, alarmAt: AT, done: [done("flip-pointer", 300)] }),
  ...over,
});

describe("the steps of a rollback, as the demo shows them", () => {
  it("count from the alarm: the claim, what was done, the end", () => {
    const ended = record({
      rollbackTime: AT + 80_000,
      rollback: rollbackProgress({
        claimedAt: AT + 100,
        alarmAt: AT,
        done: [done("flip-pointer", 300), done("undo-infrastructure", 22_700)],
        outcome: { kind: "restored", because: "it runs" },
      }),
    });
    expect(rollbackSteps(ended).map(({ step, seconds }) => [step, seconds])).toEqual([
      ["claim", 0.1],
      ["flip-pointer", 0.3],
      ["undo-infrastructure", 22.7],
      ["restored", 80],
    ]);
    expect(summarizeRollback({ ...ended, rollbackStatus: "done" })).toMatchObject({
      environment: "production",
      level: "stage",
      status: "done",
      from: "b".repeat(40),
      secondsToRestored: 0.3,
      secondsToInfrastructure: 22.7,
    });
  });

  it("count from the claim where there was no alarm, and say nothing of infrastructure that was not changed", () => {
    const rollback = rollbackProgress({ claimedAt: AT, done: [done("flip-pointer", 300)] });
    const summary = summarizeRollback(record({ infrastructureChanged: false, rollback }));
    expect([summary.secondsToRestored, summary.secondsToInfrastructure]).toEqual([0.3, null]);
  });

  it("are none before the claim", () => {
    expect(rollbackSteps(record({ rollback: undefined }))).toEqual([]);
    expect(summarizeRollback(record({ rollback: undefined }))).toMatchObject({
      level: "none",
      to: "nothing",
      secondsToRestored: null,
    });
  });
});

describe("watching a rollback", () => {
  const table = mockClient(DynamoDBDocumentClient);
  const client = new DynamoDBClient({ region: "us-east-1" });
  beforeEach(() => void table.reset());
  const watch = (patienceMs = 5_000) => {
    const told: string[] = [];
    const onStep = ({ step }: { step: string }) => void told.push(step);
    return { told, ended: watchRollback(client, { table: "t", deploymentId: "production#1", onStep, patienceMs }) };
  };

  it("tells each step once, until the rollback has ended", async () => {
    const later = record({
      rollback: rollbackProgress({ done: [done("stop-execution", 1), done("flip-pointer", 2)] }),
    });
    table
      .on(GetCommand)
      .resolvesOnce({ Item: record({ rollback: undefined, rollbackStatus: "none" }) })
      .resolvesOnce({ Item: record({ rollback: rollbackProgress({ done: [done("stop-execution", 1)] }) }) })
      .resolves({ Item: { ...later, rollbackStatus: "failed" } });
    const { told, ended } = watch();
    expect((await ended).rollbackStatus).toBe("failed");
    expect(told).toEqual(["claim", "stop-execution", "flip-pointer"]);
  });

  it("gives up when nobody claims it, and says so", async () => {
    table.on(GetCommand).resolves({ Item: record({ rollback: undefined, rollbackStatus: "none" }) });
    await expect(watch(0).ended).rejects.toThrow(/did not end within 0 s: nobody has claimed it/);
    table.on(GetCommand).resolves({ Item: record() });
    await expect(watch(0).ended).rejects.toThrow(/did not end within 0 s: stop-execution/);
  });

  it("says when there is no such deployment", async () => {
    table.on(GetCommand).resolves({});
    await expect(watch().ended).rejects.toThrow("there is no record of production#1");
  });
});

describe("the bad release", () => {
  it("is a change of the sample worker that only production's own jobs meet", async () => {
    const sample = join(__dirname, "../../../../examples/worker");
    const worker = await createWorkerRepository(sample, join(temporaryFolder("bad-release"), "worker"), "/nowhere");
    await breakWordStatistics(worker);
    await changeInfrastructure(worker);
    const steps = await readFile(join(worker.dir, "src/steps.ts"), "utf8");
    const limit = Number(/counts\.size >= (\d+)/.exec(steps)?.[1]);
    const { steps: asked } = JSON.parse(FAILING_JOB) as { steps: { text: string }[] };
    expect(new Set(asked[0]?.text.split(" ")).size).toBeGreaterThan(limit);
    expect(await readFile(join(worker.dir, "infrastructure/index.ts"), "utf8")).toContain(
      `buildTimeout: ${TIMEOUT.after}`,
    );
  });
});

describe("a job in production", () => {
  const sha = "a".repeat(40);
  it("must succeed and print the release's SHA", () => {
    expect(() => requirePrints({ status: "SUCCEEDED", log: `x\nrelease ${sha}\n` }, sha)).not.toThrow();
    expect(() => requirePrints({ status: "FAILED", log: `release ${sha}` }, sha)).toThrow(/ended FAILED/);
    expect(() => requirePrints({ status: "SUCCEEDED", log: "release b" }, sha)).toThrow(/does not print/);
  });
});
