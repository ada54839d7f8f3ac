import { CodeBuildClient, CreateProjectCommand } from "@aws-sdk/client-codebuild";
import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { deploy, plan, verify } from "../../../automation/composition/delivery";
import { previewInfrastructure, publishRelease } from "../../../automation/composition/release";
import { artifacts, Installed, program, releases, s3 } from "./installed";

let installed: Installed;

beforeAll(async () => {
  installed = await Installed.make();
  await makeWorkerProject();
  await installed.commit("feat: first", {});
}, 120_000);
afterAll(() => installed.place.leave());

describe("a commit's way through the command", () => {
  it("needs the toolchain mirrored", async () => {
    // The program of this test declares nothing of AWS: its provider is never started.
    const { document } = await installed.mirrorToolchain("");
    expect(document["digest"]).toBe(installed.variables["TOOLCHAIN_DIGEST"]);
  });

  it("is previewed in an empty stack and leaves nothing in the checkout", async () => {
    const { document } = await previewInfrastructure(installed.build());
    expect(document).toMatchObject({ infrastructure: true, counts: { create: 2 } });
    expect(document["changes"]).toEqual([{ op: "create", type: "kiro:test:Jobs", name: "kiro-worker-test" }]);
  });

  it("becomes a release", async () => {
    const { document } = await publishRelease(outputs(), installed.build());
    expect(document).toMatchObject({ outcome: "published", sequence: 1 });
    expect((await publishRelease({}, installed.build())).document["outcome"]).toBe("already-published");
    expect(await installed.readOutputs()).toEqual({
      RELEASE_VERSION: document["version"],
      RELEASE_DIGEST: document["digest"],
    });
    await installed.takeOutputs();
  });

  it("is planned without writing anything", async () => {
    const { document } = await plan(outputs(), installed.build());
    expect(document).toMatchObject({ decision: { action: "up", because: "first deployment: 2 create" } });
    expect(await installed.readOutputs()).toMatchObject({
      PLAN_SUMMARY: document["summary"],
      PLAN_DIGEST: document["planDigest"],
      PLAN_SCOPE: document["scope"],
      PLAN_ALARMS: "none",
    });
  });

  it("is deployed: infrastructure, pointer, record", async () => {
    const { document } = await deploy(outputs(), installed.build());
    expect(document).toMatchObject({ environment: "test", previousVersion: null, infrastructure: { action: "up" } });
    await installed.takeOutputs();
    expect(installed.variables["DEPLOYMENT_ID"]).toBe(document["deploymentId"]);
  });

  it("keeps a second deployment waiting until it is busy", async () => {
    await expect(deploy({}, installed.build())).rejects.toMatchObject({ ending: "busy" });
  });

  it("is verified by a real job of the worker", async () => {
    const { document } = await verify(outputs(), installed.build());
    expect(document).toMatchObject({ verdict: { kind: "healthy" }, canaries: [{ status: "succeeded" }] });
  });

  it("is not verified twice", async () => {
    await expect(verify({}, installed.build())).rejects.toMatchObject({ ending: "refused" });
  });
});

describe("the next commit", () => {
  it("without another infrastructure runs neither preview nor up", async () => {
    await installed.commit("feat: second", { "dist/job.js": "console.log('second')" });
    await installed.publish();
    const surroundings = installed.build();
    expect((await deploy(outputs(), surroundings)).document["infrastructure"]).toMatchObject({ action: "none" });
    expect(surroundings.progress.lines.filter((line) => /^[✔✖] (preview|up)/.test(line))).toEqual([]);
    await installed.takeOutputs();
    expect((await verify({}, installed.build())).ending).toBe("ok");
  });

  it("whose bundle was tampered with is refused before anything changes", async () => {
    await installed.commit("feat: third", { "dist/job.js": "console.log('third')" });
    await installed.publish();
    const Key = `releases/${installed.variables["RELEASE_VERSION"] ?? ""}/application.zip`;
    await s3().send(new PutObjectCommand({ Bucket: releases, Key, Body: "something else" }));
    await expect(deploy({}, installed.build())).rejects.toMatchObject({
      ending: "refused",
      message: expect.stringContaining("tampered") as unknown,
    });
  });

  it("whose infrastructure fails is recorded as failed and keeps the lock", async () => {
    await installed.commit("feat: fourth", {
      "infrastructure/index.js": program("Error.stackTraceLimit = 2; throw new Error('no such role');"),
    });
    await installed.publish();
    const surroundings = installed.build();
    await expect(deploy({}, surroundings)).rejects.toMatchObject({
      ending: "failed",
      message: expect.stringContaining("no such role") as unknown,
    });
    expect(surroundings.progress.text).toContain("it keeps the lock until it is rolled back or broken");
  });
});

// Helpers

const outputs = () => ({ outputs: installed.outputs });

/** A job that says which release is live, which is all that a canary has to do. */
async function makeWorkerProject(): Promise<void> {
  const iam = new IAMClient();
  const trust = { Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" };
  const document = (...Statement: object[]): string => JSON.stringify({ Version: "2012-10-17", Statement });
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: "kiro-worker-test-job", AssumeRolePolicyDocument: document(trust) }),
  );
  const rights = [
    { Effect: "Allow", Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: "*" },
    { Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${artifacts}/*` },
  ];
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: "kiro-worker-test-job",
      PolicyName: "job",
      PolicyDocument: document(...rights),
    }),
  );
  await new CloudWatchLogsClient().send(new CreateLogGroupCommand({ logGroupName: "/aws/codebuild/kiro-worker-test" }));
  const buildspec = [
    "version: 0.2",
    "env:",
    "  exported-variables:",
    "    - RELEASE_VERSION",
    "phases:",
    "  build:",
    "    commands:",
    `      - aws s3 cp --only-show-errors s3://${artifacts}/current.json current.json`,
    `      - RELEASE_VERSION=$(node -p "require('./current.json').version")`,
    "      - export RELEASE_VERSION",
  ].join("\n");
  await new CodeBuildClient().send(
    new CreateProjectCommand({
      name: "kiro-worker-test",
      serviceRole: Role?.Arn ?? "",
      source: { type: "NO_SOURCE", buildspec },
      artifacts: { type: "NO_ARTIFACTS" },
      environment: {
        type: "LINUX_CONTAINER",
        computeType: "BUILD_GENERAL1_SMALL",
        image: "aws/codebuild/standard:7.0",
      },
    }),
  );
}
