import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { DisableStageTransitionCommand, EnableStageTransitionCommand } from "@aws-sdk/client-codepipeline";
import { buildLog } from "../../local/demo/pipelineWatch";
import { setTimeout as sleep } from "node:timers/promises";
import { runJob } from "../../local/demo/rig";
import { type Delivery, startDelivery } from "../support/delivery";

/** One local cloud for all of it, in the order of a team's day; each scenario leaves the pipeline usable for the next. */
describe("the way of a commit", () => {
  let delivery: Delivery;
  let first: string;

  beforeAll(async () => {
    delivery = await startDelivery({ minuteSeconds: 10 });
    first = await delivery.worker.push("feat: first release of the worker");
  }, 300_000);
  afterAll(() => delivery.stop(), 60_000);

  it("takes a commit through five stages to production, where a job prints its SHA", async () => {
    const watched = await delivery.watch(first);

    expect(watched.lines.map((line) => `${line.stage}/${line.name} ${line.status}`)).toEqual([
      "Source/Source Succeeded",
      "Build/Build Succeeded",
      "TestEnv/Deploy Succeeded",
      "TestEnv/IntegrationTests Succeeded",
      "TestEnv/Verify Succeeded",
      "StagingEnv/Deploy Succeeded",
      "StagingEnv/EndToEndTests Succeeded",
      "StagingEnv/Verify Succeeded",
      "ProductionEnv/Plan Succeeded",
      "ProductionEnv/Approve_Production_Deployment Succeeded",
      "ProductionEnv/Deploy Succeeded",
      "ProductionEnv/Verify Succeeded",
    ]);
    expect(await delivery.environments()).toEqual([
      { environment: "test", version: first, status: "succeeded", locked: false },
      { environment: "staging", version: first, status: "succeeded", locked: false },
      { environment: "production", version: first, status: "succeeded", locked: false },
    ]);
    const job = await runJob(delivery.rig, "kiro-worker-production");
    expect({ status: job.status, release: job.release }).toEqual({ status: "SUCCEEDED", release: first });
    expect(job.log).toContain(`release ${first}`);
  }, 600_000);

  it("changes nothing when the installation is brought up a second time", async () => {
    const { counts } = JSON.parse(await delivery.rig.mustCommand(["up", "prod", "--yes", "--json"])) as {
      counts: Record<string, number>;
    };
    expect(Object.keys(counts)).toEqual(["same"]);
  }, 120_000);

  it("runs no update for a commit without an infrastructure change, and the pointer decides what a job runs", async () => {
    const before = await delivery.workerUpdates();
    expect(before).toEqual({ test: 1, staging: 1, production: 1 });
    await delivery.worker.write("NOTES.md", "An application-only commit.\n");
    const second = await delivery.worker.push("docs: notes");
    const watched = await delivery.watch(second);

    expect(watched.status).toBe("Succeeded");
    expect(await delivery.workerUpdates()).toEqual(before);
    expect((await runJob(delivery.rig, "kiro-worker-production")).release).toBe(second);

    await delivery.pointTo("production", first);
    expect((await runJob(delivery.rig, "kiro-worker-production")).log).toContain(`release ${first}`);
    // The next tick finds that the pointer says something else than the state, and the pointer is right.
    while ((await delivery.environments())[2]?.version !== first) await sleep(1_000);
  }, 600_000);

  it("stops before staging when an integration test is red, and test goes back by itself", async () => {
    const before = await delivery.environments();
    await delivery.breakTests("integration");
    const red = await delivery.worker.push("test: an expectation that does not hold");
    const watched = await delivery.watch(red);

    expect(watched.status).toBe("Failed");
    expect(watched.lines.at(-1)).toMatchObject({ stage: "TestEnv", name: "IntegrationTests", status: "Failed" });
    const [test, ...others] = await delivery.settled("test");
    expect(others).toEqual(before.slice(1));
    expect(test).toEqual({ ...before[0], status: "rolled_back" });
    await delivery.repairTests("integration");
  }, 400_000);

  it("stops before production when an end-to-end test is red, and staging goes back by itself", async () => {
    const before = await delivery.environments();
    await delivery.breakTests("e2e");
    const red = await delivery.worker.push("test: an expectation that does not hold end to end");
    const watched = await delivery.watch(red);

    expect(watched.lines.at(-1)).toMatchObject({ stage: "StagingEnv", name: "EndToEndTests", status: "Failed" });
    const [, staging, production] = await delivery.settled("staging");
    expect(staging).toEqual({ ...before[1], status: "rolled_back" });
    expect(production).toEqual(before[2]);
    await delivery.repairTests("e2e");
  }, 400_000);

  it("refuses a bundle that is not the one that was built", async () => {
    const stage = { pipelineName: delivery.pipeline, stageName: "TestEnv", transitionType: "Inbound" as const };
    await delivery.rig.pipelines.send(new DisableStageTransitionCommand({ ...stage, reason: "tampering" }));
    const commit = await delivery.worker.push("feat: about to be tampered with");
    await delivery.waitForAction(commit, "Build", "Build");
    await delivery.tamperWith(commit);
    await delivery.rig.pipelines.send(new EnableStageTransitionCommand(stage));

    const watched = await delivery.watch(commit);
    const failed = watched.lines.at(-1);
    expect(failed).toMatchObject({ stage: "TestEnv", name: "Deploy", status: "Failed" });
    expect(await buildLog(delivery.rig.builds, delivery.rig.logs, failed?.buildId ?? "")).toMatch(
      /application\.zip.*tampered|tampered.*application\.zip/i,
    );
    expect((await delivery.environments())[0]).not.toMatchObject({ version: commit });
  }, 400_000);

  it("fails with an AccessDenied that names the permission when a role lacks one", async () => {
    const restore = await delivery.withoutPermission("kiro-pipeline-prod-deploy-test", "s3:PutObject");
    const commit = await delivery.worker.push("feat: deployed by a role that lacks a right");
    const watched = await delivery.watch(commit);

    const failed = watched.lines.at(-1);
    expect(failed).toMatchObject({ stage: "TestEnv", name: "Deploy", status: "Failed" });
    expect(await buildLog(delivery.rig.builds, delivery.rig.logs, failed?.buildId ?? "")).toMatch(
      /AccessDenied[^]*s3:PutObject/,
    );
    await restore();
  }, 400_000);
});
