import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { RetryStageExecutionCommand } from "@aws-sdk/client-codepipeline";
import { buildLog, type Watched } from "../../local/demo/pipelineWatch";
import { setTimeout as sleep } from "node:timers/promises";
import { runJob } from "../../local/demo/rig";
import { type Delivery, startDelivery } from "../support/delivery";

/** One local cloud for all of it, in the order of a team's day; each scenario leaves the pipeline usable for the next. */
describe("the way of a commit", () => {
  let delivery: Delivery;
  let first: string;
  let denied: Watched & { readonly commit: string };

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

  /** Pushes one commit, and comes back when the test environment is through with it, while it goes on. */
  async function onward(message: string, change: () => Promise<void>) {
    await change();
    const commit = await delivery.worker.push(message);
    const watched = delivery.watch(commit);
    await delivery.waitForAction(commit, "TestEnv", "Verify");
    return { commit, watched };
  }

  it("changes nothing when the installation is brought up a second time", async () => {
    const { counts } = JSON.parse(await delivery.rig.mustCommand(["up", "prod", "--yes", "--json"])) as {
      counts: Record<string, number>;
    };
    expect(Object.keys(counts)).toEqual(["same"]);
  }, 120_000);

  it("previews the other installations under the policies, without an exemption", async () => {
    for (const installation of ["test", "staging"]) {
      await delivery.rig.mustCommand(["setup", "backend", installation]);
      const document = JSON.parse(await delivery.rig.mustCommand(["preview", installation, "--json"])) as object;
      expect(document).toMatchObject({ ending: "ok", exemptions: [] });
    }
  }, 120_000);

  it("runs no update for documents, an application and tags, and the pointer decides what a job runs", async () => {
    const before = await delivery.workerUpdates();
    expect(before).toEqual({ test: 1, staging: 1, production: 1 });
    const worker = delivery.worker;
    await worker.write("NOTES.md", "How we work.\n");
    const application = await onward("feat: another word", () =>
      worker.write("src/words.ts", "export const word = 1;\n"),
    );
    const tags = await onward("chore: an owner", () =>
      worker.edit("infrastructure/index.ts", 'Project: "KiroWorker",', 'Owner: "jobs-team", Project: "KiroWorker",'),
    );
    for (const { commit, watched } of [application, tags]) {
      expect({ commit, status: (await watched).status }).toEqual({ commit, status: "Succeeded" });
    }
    expect(await delivery.workerUpdates()).toEqual(before);
    expect(await delivery.infrastructureDecisions(application.commit)).toEqual(["none", "none", "none"]);
    expect(await delivery.infrastructureDecisions(tags.commit)).toEqual([
      "none (metadata-only)",
      "none (metadata-only)",
      "none (metadata-only)",
    ]);
    expect(await delivery.ownerTag("production")).toBeUndefined();
    expect((await runJob(delivery.rig, "kiro-worker-production")).release).toBe(tags.commit);

    await delivery.pointTo("production", first);
    expect((await runJob(delivery.rig, "kiro-worker-production")).log).toContain(`release ${first}`);
    // The next tick finds that the pointer says something else than the state, and the pointer is right.
    while ((await delivery.environments())[2]?.version !== first) await sleep(1_000);
  }, 600_000);

  it("stops in staging where permissions widen until a person says so; then the skipped tags come along", async () => {
    const rights = '"logs:CreateLogStream", "logs:PutLogEvents"';
    await delivery.worker.edit("infrastructure/index.ts", rights, `"logs:GetLogEvents", ${rights}`);
    const commit = await delivery.worker.push("feat: a job reads its own log");
    const stopped = await delivery.watch(commit);
    expect(
      stopped.lines.filter(({ status }) => status === "Failed").map(({ stage, name }) => `${stage}/${name}`),
    ).toEqual(["StagingEnv/Deploy"]);
    expect(await delivery.workerUpdates()).toEqual({ test: 2, staging: 1, production: 1 });
    const digest = await delivery.changeThatWaits("staging");
    await delivery.settled("staging");

    const command = ["approve", "prod", "--change", digest, "--reason", "scenario", "--json"];
    expect(JSON.parse(await delivery.rig.mustCommand(command))).toMatchObject({ retried: { kind: "retried" } });
    expect((await delivery.watch(commit)).status).toBe("Succeeded");
    expect(await delivery.workerUpdates()).toEqual({ test: 2, staging: 2, production: 2 });
    expect(await delivery.infrastructureDecisions(commit)).toEqual([
      "up (widens-permissions)",
      "up (widens-permissions)",
      "up (widens-permissions)",
    ]);
    expect(await delivery.ownerTag("production")).toBe("jobs-team");
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

  it("fails with an AccessDenied that names the permission when a role lacks one", async () => {
    const restore = await delivery.withoutPermission("kiro-pipeline-prod-deploy-test", "s3:PutObject");
    const commit = await delivery.worker.push("feat: deployed by a role that lacks a right");
    denied = { commit, ...(await delivery.watch(commit)) };

    const failed = denied.lines.at(-1);
    expect(failed).toMatchObject({ stage: "TestEnv", name: "Deploy", status: "Failed" });
    expect(await buildLog(delivery.rig.builds, delivery.rig.logs, failed?.buildId ?? "")).toMatch(
      /AccessDenied[^]*s3:PutObject/,
    );
    await restore();
  }, 400_000);

  it("refuses a bundle that is not the one that was built, when it is tried again", async () => {
    const { commit, executionId: pipelineExecutionId } = denied;
    await delivery.tamperWith(commit);
    const stage = { pipelineName: delivery.pipeline, stageName: "TestEnv", pipelineExecutionId };
    await delivery.rig.pipelines.send(new RetryStageExecutionCommand({ ...stage, retryMode: "FAILED_ACTIONS" }));

    const failed = (await delivery.watch(commit)).lines.findLast(({ name }) => name === "Deploy");
    expect(failed).toMatchObject({ stage: "TestEnv", status: "Failed" });
    expect(await buildLog(delivery.rig.builds, delivery.rig.logs, failed?.buildId ?? "")).toMatch(
      /application\.zip.*tampered|tampered.*application\.zip/i,
    );
    expect((await delivery.environments())[0]).not.toMatchObject({ version: commit });
  }, 400_000);
});
