import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CodeBuildClient, CreateProjectCommand } from "@aws-sdk/client-codebuild";
import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { deploy, plan, verify } from "../../../automation/composition/delivery";
import { previewInfrastructure, publishRelease } from "../../../automation/composition/release";
import { setupToolchain } from "../../../automation/composition/setup";
import { type CommandResult } from "../../../automation/result";
import { addFiles, builtWorker, commit, repository } from "../../unit/automation/support/checkoutFolder";
import { makeBucket, makeTable } from "../runtime/support";
import { enter, type Place, pulumiShim } from "./support";

let place: Place;
let worker: string;
let outputs: string;

beforeAll(async () => {
  place = await enter();
  outputs = join(place.folder, "outputs.env");
  await makeInstallation();
  worker = await repository();
  await commitWorker("feat: first", {});
}, 120_000);
afterAll(() => place.leave());

describe("a commit's way through the command", () => {
  it("needs the toolchain mirrored", async () => {
    const pulumiHome = join(place.folder, "provider-home");
    const plugin = join(pulumiHome, "plugins/resource-aws-v7.48.0");
    await mkdir(plugin, { recursive: true });
    // The program of this test declares nothing of AWS: its provider is never started.
    await writeFile(join(plugin, "pulumi-resource-aws"), "");
    const { document } = await setupToolchain(
      { installation: "prod" },
      place.surroundings(worker, { PULUMI_HOME: pulumiHome }),
    );
    const { Parameter } = await new SSMClient().send(
      new GetParameterCommand({ Name: "/kiro-pipeline/prod/toolchain-digest" }),
    );
    expect(Parameter?.Value).toBe(document["digest"]);
    variables["TOOLCHAIN_DIGEST"] = Parameter?.Value ?? "";
  });

  it("is previewed in an empty stack and leaves nothing in the checkout", async () => {
    const { document } = await previewInfrastructure(build());
    expect(document).toMatchObject({ infrastructure: true, counts: { create: 2 } });
    expect(document["changes"]).toEqual([{ op: "create", type: "kiro:test:Jobs", name: "kiro-worker-test" }]);
  });

  it("becomes a release", async () => {
    const { document } = await publishRelease({ outputs }, build());
    expect(document).toMatchObject({ outcome: "published", sequence: 1 });
    expect((await publishRelease({}, build())).document["outcome"]).toBe("already-published");
    const exported = await readOutputs();
    expect(exported).toEqual({ RELEASE_VERSION: document["version"], RELEASE_DIGEST: document["digest"] });
    Object.assign(variables, exported);
  });

  it("is planned without writing anything", async () => {
    const { document } = await plan({ outputs }, build());
    expect(document).toMatchObject({ decision: { action: "up", because: "first deployment: 2 create" } });
    expect(await readOutputs()).toMatchObject({
      PLAN_SUMMARY: document["summary"],
      PLAN_DIGEST: document["planDigest"],
    });
  });

  it("is deployed: infrastructure, pointer, record", async () => {
    const { document } = await deploy({ outputs }, build());
    expect(document).toMatchObject({ environment: "test", previousVersion: null, infrastructure: { action: "up" } });
    Object.assign(variables, await readOutputs());
    expect(variables["DEPLOYMENT_ID"]).toBe(document["deploymentId"]);
  });

  it("keeps a second deployment waiting until it is busy", async () => {
    await expect(deploy({}, build())).rejects.toMatchObject({ ending: "busy" });
  });

  it("is verified by a real job of the worker", async () => {
    const { document } = await verify({ outputs }, build());
    expect(document).toMatchObject({ verdict: { kind: "healthy" }, canaries: [{ status: "succeeded" }] });
  });

  it("is not verified twice", async () => {
    await expect(verify({}, build())).rejects.toMatchObject({ ending: "refused" });
  });
});

describe("the next commit", () => {
  it("without another infrastructure runs neither preview nor up", async () => {
    await commitWorker("feat: second", { "dist/job.js": "console.log('second')" });
    Object.assign(variables, await published());
    const surroundings = build();
    expect((await deploy({ outputs }, surroundings)).document["infrastructure"]).toMatchObject({ action: "none" });
    expect(surroundings.progress.lines.filter((line) => /^[✔✖] (preview|up)/.test(line))).toEqual([]);
    Object.assign(variables, await readOutputs());
    expect((await verify({}, build())).ending).toBe("ok");
  });

  it("whose bundle was tampered with is refused before anything changes", async () => {
    await commitWorker("feat: third", { "dist/job.js": "console.log('third')" });
    Object.assign(variables, await published());
    const Key = `releases/${variables["RELEASE_VERSION"] ?? ""}/application.zip`;
    await s3().send(new PutObjectCommand({ Bucket: releases, Key, Body: "something else" }));
    await expect(deploy({}, build())).rejects.toMatchObject({
      ending: "refused",
      message: expect.stringContaining("tampered") as unknown,
    });
  });

  it("whose infrastructure fails is recorded as failed and keeps the lock", async () => {
    await commitWorker("feat: fourth", {
      "infrastructure/index.js": program("Error.stackTraceLimit = 2; throw new Error('no such role');"),
    });
    Object.assign(variables, await published());
    const surroundings = build();
    await expect(deploy({}, surroundings)).rejects.toMatchObject({
      ending: "failed",
      message: expect.stringContaining("no such role") as unknown,
    });
    expect(surroundings.progress.text).toContain("it keeps the lock until it is rolled back or broken");
  });
});

// Helpers

const releases = "kiro-pipeline-prod-releases-000000000000";
const artifacts = "kiro-worker-test-artifacts-000000000000";
const state = "kiro-pipeline-prod-state-000000000000";

/** What the projects and actions of the pipeline set. */
const variables: Record<string, string> = {
  INSTALLATION: "prod",
  ENVIRONMENT: "test",
  ACCOUNT_ID: "000000000000",
  WORKER_PREFIX: "kiro-worker",
  PIPELINE_NAME: "kiro-pipeline-prod",
  TABLE_NAME: "kiro-pipeline-prod-deployments",
  RELEASES_BUCKET: releases,
  WORKER_ARTIFACTS_BUCKET: artifacts,
  BACKEND_URL: `s3://${state}/test?region=us-east-1&awssdk=v2`,
  SECRETS_PROVIDER: "awskms://alias/kiro-pipeline-prod-test-state?region=us-east-1&awssdk=v2",
  TOOLS_DIGEST: "a".repeat(64),
  COVERAGE_THRESHOLD: "80",
  KMS_KEY_ARN: "arn:aws:kms:us-east-1:000000000000:key/1",
  BOUNDARY_ARN: "arn:aws:iam::000000000000:policy/kiro-worker-test-boundary",
  ALARM_PREFIX: "kiro-worker-test-",
  WORKER_PROJECT: "kiro-worker-test",
  HEALTH_CHECK_SECONDS: "2",
  HEALTH_CHECK_INTERVAL_SECONDS: "0.5",
  CANARY_INTERVAL_SECONDS: "60",
  LOCK_WAIT_SECONDS: "1",
  CODEBUILD_BUILD_ID: "kiro-pipeline-prod-deploy-test:1",
  PIPELINE_EXECUTION_ID: "11111111-1111-4111-8111-111111111111",
};

const build = () => place.surroundings(worker, variables);
const s3 = (): S3Client => new S3Client({ forcePathStyle: true });

async function published(): Promise<Record<string, string>> {
  await writeFile(outputs, "");
  const result: CommandResult = await publishRelease({ outputs }, build());
  expect(result.ending).toBe("ok");
  return readOutputs();
}

async function readOutputs(): Promise<Record<string, string>> {
  const lines = (await readFile(outputs, "utf8")).split("\n").filter((line) => line !== "");
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 2, -1)]),
  );
}

/** Commits sources and builds beside them, as Build would. */
async function commitWorker(message: string, changes: Readonly<Record<string, string>>): Promise<void> {
  const lockfile = JSON.stringify({ packages: { "": {}, "node_modules/@pulumi/pulumi": {} } });
  const sources = {
    ".gitignore": "node_modules\n",
    ...Object.fromEntries(Object.entries(builtWorker).filter(([name]) => !name.startsWith("infrastructure/"))),
    "infrastructure/Pulumi.yaml": "name: kiro-worker\nruntime: nodejs\n",
    "infrastructure/package.json": '{"name":"infrastructure","dependencies":{"@pulumi/pulumi":"3"}}',
    "infrastructure/package-lock.json": lockfile,
    "infrastructure/index.js": program(""),
    ...changes,
  };
  await commit(worker, message, sources);
  await addFiles(join(worker, "infrastructure"), pulumiShim);
}

const program = (more: string): string => `
const pulumi = require("@pulumi/pulumi");
const config = new pulumi.Config();
class Jobs extends pulumi.ComponentResource {
  constructor(name) { super("kiro:test:Jobs", name); this.registerOutputs({}); }
}
new Jobs(config.require("workerPrefix") + "-" + config.require("environment"));
${more}`;

/** What the installation's program declares, as far as the commands use it. */
async function makeInstallation(): Promise<void> {
  for (const bucket of [releases, artifacts, state]) await makeBucket(s3(), bucket);
  await makeTable(new DynamoDBClient(), "kiro-pipeline-prod-deployments");
  const kms = new KMSClient();
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  await kms.send(
    new CreateAliasCommand({ AliasName: "alias/kiro-pipeline-prod-test-state", TargetKeyId: KeyMetadata?.KeyId ?? "" }),
  );
  await makeWorkerProject();
}

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
