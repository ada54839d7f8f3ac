import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { publishRelease } from "../../../automation/composition/release";
import { setupToolchain } from "../../../automation/composition/setup";
import { type CommandResult } from "../../../automation/result";
import { addFiles, builtWorker, commit, repository } from "../../unit/automation/support/checkoutFolder";
import { makeBucket, makeTable } from "../runtime/support";
import { enter, type Place, pulumiShim } from "./support";

export const releases = "kiro-pipeline-prod-releases-000000000000";
export const artifacts = "kiro-worker-test-artifacts-000000000000";
export const table = "kiro-pipeline-prod-deployments";
export const state = "kiro-pipeline-prod-state-000000000000";

/** What the installation's program declares, as far as the commands use it, and a worker's repository. */
export class Installed {
  /** What the projects and actions of the pipeline set. */
  readonly variables: Record<string, string> = {
    INSTALLATION: "prod",
    ENVIRONMENT: "test",
    ACCOUNT_ID: "000000000000",
    WORKER_PREFIX: "kiro-worker",
    PIPELINE_NAME: "kiro-pipeline-prod",
    TABLE_NAME: table,
    RELEASES_BUCKET: releases,
    WORKER_ARTIFACTS_BUCKET: artifacts,
    BACKEND_URL: `s3://${state}/test?region=us-east-1&awssdk=v2`,
    SECRETS_PROVIDER: "awskms://alias/kiro-pipeline-prod-test-state?region=us-east-1&awssdk=v2",
    TOOLS_DIGEST: "a".repeat(64),
    COVERAGE_THRESHOLD: "80",
    DEPENDENCIES_GATE: "passed: 1 packages: nothing known",
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

  private constructor(
    readonly place: Place,
    private readonly worker: string,
    /** File of the values that a command exports. */
    readonly outputs: string,
  ) {}

  static async make(): Promise<Installed> {
    const place = await enter();
    for (const bucket of [releases, artifacts, state]) await makeBucket(s3(), bucket);
    await makeTable(new DynamoDBClient(), table);
    const kms = new KMSClient();
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const TargetKeyId = KeyMetadata?.KeyId ?? "";
    await kms.send(new CreateAliasCommand({ AliasName: "alias/kiro-pipeline-prod-test-state", TargetKeyId }));
    return new Installed(place, await repository(), join(place.folder, "outputs.env"));
  }

  /** The surroundings of one build; `overrides` as whoever starts it sets them. */
  build(overrides: Readonly<Record<string, string>> = {}) {
    return this.place.surroundings(this.worker, { ...this.variables, ...overrides });
  }

  /** Mirrors the toolchain with this executable as its provider of `aws`. */
  async mirrorToolchain(provider: string): Promise<CommandResult> {
    const pulumiHome = join(this.place.folder, "provider-home");
    const plugin = join(pulumiHome, "plugins/resource-aws-v7.48.0");
    await mkdir(plugin, { recursive: true });
    await writeFile(join(plugin, "pulumi-resource-aws"), provider);
    await chmod(join(plugin, "pulumi-resource-aws"), 0o755);
    const surroundings = this.place.surroundings(this.worker, { PULUMI_HOME: pulumiHome });
    const result = await setupToolchain({ installation: "prod" }, surroundings);
    const { Parameter } = await new SSMClient().send(
      new GetParameterCommand({ Name: "/kiro-pipeline/prod/toolchain-digest" }),
    );
    this.variables["TOOLCHAIN_DIGEST"] = Parameter?.Value ?? "";
    return result;
  }

  /** Commits sources and builds beside them, as Build would. */
  async commit(message: string, changes: Readonly<Record<string, string>>): Promise<void> {
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
    await commit(this.worker, message, sources);
    await addFiles(join(this.worker, "infrastructure"), pulumiShim);
  }

  /** Publishes what was committed; the builds after it are about that release. */
  async publish(): Promise<void> {
    await writeFile(this.outputs, "");
    const { ending } = await publishRelease({ outputs: this.outputs }, this.build());
    if (ending !== "ok") throw new Error(`publishing ended ${ending}`);
    await this.takeOutputs();
  }

  async readOutputs(): Promise<Record<string, string>> {
    const lines = (await readFile(this.outputs, "utf8")).split("\n").filter((line) => line !== "");
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 2, -1)]),
    );
  }

  /** As a pipeline hands on what an action exported. */
  async takeOutputs(): Promise<void> {
    Object.assign(this.variables, await this.readOutputs());
  }
}

export const s3 = (): S3Client => new S3Client({ forcePathStyle: true });

/** An infrastructure program of one component; `more` is run after it. */
export const program = (more: string): string => `
const pulumi = require("@pulumi/pulumi");
const config = new pulumi.Config();
class Jobs extends pulumi.ComponentResource {
  constructor(name) { super("kiro:test:Jobs", name); this.registerOutputs({}); }
}
new Jobs(config.require("workerPrefix") + "-" + config.require("environment"));
${more}`;
