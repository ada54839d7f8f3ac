import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import type { DeploymentRecord } from "../../runtime/deployments/domain";
import { type Delivery, startDelivery } from "../support/delivery";
import { DirectDeployments } from "../support/directDeployments";
import {
  FAILS,
  FAILS_QUIETLY,
  FAILS_WHEN_ASKED,
  type Fabricated,
  type ReleaseForge,
} from "../support/fabricatedReleases";
import { killLambda } from "../support/lambdaProcess";

const FUNCTION = "kiro-pipeline-prod-rollback";
/** Makes a job of a release fail that fails when asked. */
const PLEASE_FAIL = { name: "fail-please", steps: [{ do: "word-statistics", text: "a" }] };
const LONGER = { "buildTimeout: 10,": "buildTimeout: 15," };

/**
 * On one local cloud whose minute has five seconds, so that ticks come quickly, with alarms that look back for ten. Each
 * scenario leaves production with the good release live and its lock free.
 */
describe("a bad release goes back by itself", () => {
  let delivery: Delivery;
  let direct: DirectDeployments;
  let forge: ReleaseForge;
  let first: string;
  let good: Fabricated;
  let quarantined: string;

  beforeAll(async () => {
    delivery = await startDelivery({
      minuteSeconds: 5,
      config: "  kiro-pipeline:rollbackBudget:\n    staging: 1\n    production: 100\n",
    });
    direct = new DirectDeployments(delivery);
    await delivery.worker.edit("infrastructure/index.ts", "period: 60,", "period: 10,");
    first = await delivery.worker.push("feat: first release of the worker");
    forge = direct.forge(first);
  }, 300_000);
  afterAll(() => delivery.stop(), 60_000);

  /** Deploys to production, lets a job fail there, and follows what happens then. */
  async function failInProduction(release: Fabricated): Promise<DeploymentRecord> {
    const { deploymentId, verified } = await direct.deploy("production", release);
    expect(verified?.buildStatus).toBe("SUCCEEDED");
    expect((await direct.job("production", PLEASE_FAIL)).status).toBe("FAILED");
    return direct.rolledBack(deploymentId);
  }

  async function expectGoodInProduction(): Promise<void> {
    expect(await direct.pointer("production")).toBe(good.version);
    expect(await direct.state("production")).toMatchObject({ live: { version: good.version } });
    expect((await direct.state("production")).lock).toBeUndefined();
    expect((await direct.job("production")).log).toContain(`release ${good.version}`);
  }

  it("a rejected approval rolls nothing back", async () => {
    const watched = await delivery.watch(first, async () => {
      await delivery.rig.mustCommand(["reject", "prod", "--reason", "scenario"]);
    });
    expect(watched.status).toBe("Failed");
    await sleep(6_000); // one tick
    expect(await delivery.environments()).toEqual([
      { environment: "test", version: first, status: "succeeded", locked: false },
      { environment: "staging", version: first, status: "succeeded", locked: false },
      { environment: "production", version: undefined, status: undefined, locked: false },
    ]);
    await direct.closePipeline();
  }, 400_000);

  it("the first deployment ever has nothing to go back to: it fails, frees its lock and pages", async () => {
    const { deploymentId, execution, verified } = await direct.deploy(
      "production",
      await forge.publish({ job: FAILS }),
    );
    expect(verified?.buildStatus).toBe("FAILED");
    await direct.stopExecution(execution);
    const record = await direct.until(deploymentId, ({ status }) => status === "failed");
    expect(record).toMatchObject({ failureKind: "health", rollbackStatus: "none" });
    await untilFree("production");
    expect(await direct.incidents()).toEqual(["kiro-pipeline-prod: production: attention needed"]);

    await quiet();
    good = await forge.publish({ job: "// good\n" });
    expect((await direct.deploy("production", good)).verified?.buildStatus).toBe("SUCCEEDED");
  }, 200_000);

  it("an alarm takes an application back, once, though its event comes ten times", async () => {
    await direct.relay("duplicate", "--times", "10");
    const bad = await forge.publish({ job: FAILS_WHEN_ASKED });
    const before = await direct.state("production");
    const record = await failInProduction(bad);
    await direct.relay("normal");

    expect(record).toMatchObject({ status: "rolled_back", rollbackStatus: "done", rollbackLevel: "stage" });
    expect(record.rollback?.done.map(({ step }) => step)).toEqual([
      "stop-execution",
      "stop-build",
      "flip-pointer",
      "undo-infrastructure",
      "validate",
    ]);
    await expectGoodInProduction();
    const after = await direct.state("production");
    // One token for the deployment, one for its rollback.
    expect(after.token - before.token).toBe(2);
    expect(after.lastKnownGood?.version).toBe(good.version);
    expect(after.automaticRollbacks).toHaveLength(1);
    quarantined = bad.version;
  }, 200_000);

  it("the next commit with the same bug is refused in production, and taken by test, where a fix is proven", async () => {
    const next = await forge.publish({ job: FAILS_WHEN_ASKED, ancestors: [quarantined] });
    const refused = await direct.ended(
      await direct.start("production", next, await direct.execution(), { MODE: "deploy" }),
    );
    expect(refused.buildStatus).toBe("FAILED");
    expect(await direct.log(refused)).toContain(quarantined);
    await expectGoodInProduction();
    expect((await direct.deploy("test", next)).verified?.buildStatus).toBe("SUCCEEDED");

    const { quarantine } = JSON.parse(await delivery.rig.mustCommand(["quarantine", "list", "prod", "--json"])) as {
      quarantine: readonly { environment: string; version: string }[];
    };
    expect(quarantine).toMatchObject([{ environment: "production", version: quarantined }]);
  }, 200_000);

  it("infrastructure that came with it is undone, though the function is killed again and again on the way", async () => {
    const bad = await forge.publish({ job: FAILS_WHEN_ASKED, infrastructure: LONGER });
    const { deploymentId } = await direct.deploy("production", bad);
    expect(await direct.timeout("production")).toBe(15);
    const killing = killLambda(FUNCTION, await emulatorPid(), 6_000);
    await direct.job("production", PLEASE_FAIL);
    expect(await killing).toBeGreaterThan(2);

    expect(await direct.rolledBack(deploymentId)).toMatchObject({ status: "rolled_back", rollbackLevel: "stage" });
    expect(await direct.timeout("production")).toBe(10);
    await expectGoodInProduction();
  }, 200_000);

  it("an alarm while production's update still runs stops it first", async () => {
    const slowly = {
      ...LONGER,
      "export const projectName":
        "if (!pulumi.runtime.isDryRun()) setTimeout(() => undefined, 60_000);\nexport const projectName",
    };
    const bad = await forge.publish({ infrastructure: slowly });
    const build = await direct.start("production", bad, await direct.execution(), { MODE: "deploy" });
    while ((await direct.timeout("production")) !== 15) await sleep(300);
    const deploymentId = (await direct.state("production")).lock?.deploymentId ?? "";
    expect(await direct.record(deploymentId)).toMatchObject({ phase: "changing", version: bad.version });
    await direct.failures("production");

    const record = await direct.rolledBack(deploymentId);
    expect(record).toMatchObject({ status: "rolled_back", infrastructureChanged: true });
    expect(record.rollback?.done.map(({ step }) => step)).toContain("undo-infrastructure");
    expect((await direct.ended(build)).buildStatus).not.toBe("SUCCEEDED");
    expect(await direct.timeout("production")).toBe(10);
    await expectGoodInProduction();
  }, 300_000);

  it("an event that is lost costs one tick", async () => {
    await direct.relay("drop", "--type", "CloudWatch Alarm State Change");
    const record = await failInProduction(await forge.publish({ job: FAILS_WHEN_ASKED }));
    await direct.relay("normal");
    expect(record).toMatchObject({ status: "rolled_back", rollback: { cause: "alarm" } });
    await expectGoodInProduction();
  }, 200_000);

  it("an alarm that was on before is not the deployment's fault", async () => {
    const noise = setInterval(() => void direct.failures("production"), 2_000);
    try {
      await direct.failures("production");
      await sleep(2_000);
      const { deploymentId, verified } = await direct.deploy("production", good);
      expect(verified?.buildStatus).toBe("SUCCEEDED");
      await sleep(6_000); // one tick
      expect(await direct.record(deploymentId)).toMatchObject({
        status: "succeeded",
        rollbackStatus: "none",
        alarmsBefore: ["kiro-worker-production-failed-jobs"],
      });
    } finally {
      clearInterval(noise);
    }
    await quiet();
  }, 200_000);

  it("what is right and healthy while the alarm stays on pages a human, and punishes no other environment", async () => {
    const staging = await direct.state("staging");
    const { deploymentId } = await direct.deploy("production", await forge.publish({ job: FAILS_WHEN_ASKED }));
    const noise = setInterval(() => void direct.failures("production"), 2_000);
    let record: DeploymentRecord;
    try {
      record = await direct.rolledBack(deploymentId);
    } finally {
      clearInterval(noise);
    }
    expect(record).toMatchObject({
      rollbackStatus: "done",
      rollbackLevel: "stage",
      rollback: { outcome: { kind: "inconclusive" } },
    });
    await quiet();
    await expectGoodInProduction();
    expect((await direct.state("staging")).token).toBe(staging.token);
    // One for the first deployment, one for this rollback; and the tick may see the alarm with the restored release, too.
    const pages = (await direct.incidents()).filter((title) => title.includes("attention needed"));
    expect(pages.length).toBeGreaterThanOrEqual(2);
  }, 200_000);

  it("a rollback build that fails freezes the environment and pages, with the application restored", async () => {
    const bad = await forge.publish({ job: FAILS_WHEN_ASKED, infrastructure: LONGER });
    const { deploymentId } = await direct.deploy("production", bad);
    const restore = await delivery.withoutPermission("kiro-pipeline-prod-deploy-production", "codebuild:UpdateProject");
    try {
      await direct.job("production", PLEASE_FAIL);
      expect(await direct.rolledBack(deploymentId)).toMatchObject({
        rollbackStatus: "failed",
        rollback: { outcome: { kind: "failed" } },
      });
    } finally {
      await restore();
    }
    await expectGoodInProduction();
    expect(await direct.incidents()).toContain("kiro-pipeline-prod: production: rollback failed");
    await sleep(6_000); // one tick: nobody tries again
    expect((await direct.record(deploymentId)).rollbackStatus).toBe("failed");

    const refused = await direct.ended(
      await direct.start("production", good, await direct.execution(), { MODE: "deploy" }),
    );
    expect(await direct.log(refused)).toMatch(/frozen/);
    await delivery.rig.mustCommand(["resume", "prod", "--environment", "production", "--reason", "looked at it"]);
    await direct.deploy("production", good);
    expect(await direct.timeout("production")).toBe(10);
    await quiet();
  }, 300_000);

  it("the wrong version after the flip takes every environment back in which the bad release is live", async () => {
    const before = { test: await direct.pointer("test"), staging: await direct.pointer("staging") };
    const bad = await forge.publish({ job: FAILS_WHEN_ASKED, infrastructure: LONGER });
    await direct.deploy("test", bad);
    await direct.deploy("staging", bad);
    const { deploymentId } = await direct.deploy("production", bad);
    await direct.job("production", PLEASE_FAIL);
    await direct.until(deploymentId, ({ rollback }) => rollback?.infrastructureBuildId !== undefined);
    await direct.pointByHand("production", bad);

    const record = await direct.rolledBack(deploymentId, 200);
    expect(record).toMatchObject({ status: "rolled_back", rollbackLevel: "full", rollback: { round: 2 } });
    expect(record.rollback?.parts?.map(({ environment }) => environment)).toEqual(["production", "staging", "test"]);
    await expectGoodInProduction();
    for (const environment of ["staging", "test"] as const) {
      expect(await direct.pointer(environment)).toBe(before[environment]);
      expect(await direct.timeout(environment)).toBe(10);
      expect((await direct.state(environment)).lock).toBeUndefined();
    }
  }, 400_000);

  it("a failed bake in staging goes back as well, and a spent budget freezes it", async () => {
    const live = await direct.pointer("staging");
    const { deploymentId, execution, verified } = await direct.deploy(
      "staging",
      await forge.publish({ job: FAILS_QUIETLY }),
    );
    expect(verified?.buildStatus).toBe("FAILED");
    await direct.stopExecution(execution);
    expect(await direct.rolledBack(deploymentId)).toMatchObject({
      status: "rolled_back",
      rollback: { cause: "health" },
    });
    expect(await direct.pointer("staging")).toBe(live);

    const another = await direct.deploy("staging", await forge.publish({ job: FAILS_WHEN_ASKED }));
    await direct.job("staging", PLEASE_FAIL);
    while ((await direct.state("staging")).hold === undefined) await sleep(300);
    expect(await direct.state("staging")).toMatchObject({ hold: { kind: "frozen", by: another.deploymentId } });
    expect(await direct.record(another.deploymentId)).toMatchObject({ status: "succeeded", rollbackStatus: "none" });
  }, 300_000);

  it("an operator takes a release back by hand, after asking what would happen", async () => {
    const { deploymentId } = await direct.deploy("production", await forge.publish({ job: FAILS_WHEN_ASKED }));
    const ask = ["rollback", "prod", "--environment", "production", "--reason", "customers complain", "--json"];
    const dry = JSON.parse(await delivery.rig.mustCommand([...ask, "--dry-run"])) as { decision: { kind: string } };
    expect(dry.decision.kind).toBe("roll-back");
    expect((await direct.record(deploymentId)).rollbackStatus).toBe("none");

    await delivery.rig.mustCommand(ask);
    expect(await direct.rolledBack(deploymentId)).toMatchObject({
      status: "rolled_back",
      rollback: { cause: "operator" },
    });
    await expectGoodInProduction();
  }, 200_000);

  async function untilFree(environment: "production" | "staging"): Promise<void> {
    while ((await direct.state(environment)).lock !== undefined) await sleep(300);
  }

  /** The alarm's ten seconds are over. */
  async function quiet(): Promise<void> {
    await sleep(13_000);
  }

  async function emulatorPid(): Promise<number> {
    const printed = await delivery.rig.mustCommand(["local", "status", "--json"]);
    return (JSON.parse(printed) as { emulatorPid: number }).emulatorPid;
  }
});
