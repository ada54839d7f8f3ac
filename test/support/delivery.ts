import { BatchGetProjectsCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { paginateListObjectsV2, PutObjectCommand, GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { actionLines, type Watched, watchExecution } from "../../local/demo/pipelineWatch";
import { type Rig, startRig } from "../../local/demo/rig";
import { createWorkerRepository, type WorkerRepository } from "../../local/demo/workerRepository";
import { type ActionLine } from "../../local/demo/timeline";
import { type DeploymentRecord } from "../../runtime/deployments/domain";
import { DeploymentStateManager } from "../../runtime/deployments/manager";
import { dynamoDeploymentTable } from "../../runtime/deployments/table";
import { type Environment, ENVIRONMENTS } from "../../runtime/types";

const ROOT = join(__dirname, "../..");
const ACCOUNT = "000000000000";

interface EnvironmentLine {
  readonly environment: string;
  readonly version: string | undefined;
  readonly status: string | undefined;
  readonly locked: boolean;
}

/** A prod installation on a local cloud of its own, with a worker repository to push to. */
export interface Delivery {
  readonly rig: Rig;
  readonly pipeline: string;
  readonly worker: WorkerRepository;
  /** Follows a commit to the end of its execution; approves production through the command, or does what is given. */
  watch(commit: string, onApproval?: () => Promise<void>): Promise<Watched>;
  waitForAction(commit: string, stage: string, action: string): Promise<void>;
  environments(): Promise<EnvironmentLine[]>;
  /** Updates in the history of each environment's worker stack. */
  workerUpdates(): Promise<Record<string, number>>;
  /** What was decided about a commit's infrastructure in test, staging and production: `ACTION (CLASS)`, from the records. */
  infrastructureDecisions(commit: string): Promise<string[]>;
  /** Digest of the change that the environment's last deployment stopped at. */
  changeThatWaits(environment: Environment): Promise<string>;
  /** The tag `Owner` of the environment's worker project. */
  ownerTag(environment: string): Promise<string | undefined>;
  pointTo(environment: string, version: string): Promise<void>;
  /** Every environment, once this one's lock is free. */
  settled(environment: string): Promise<EnvironmentLine[]>;
  breakTests(kind: "integration" | "e2e"): Promise<void>;
  repairTests(kind: "integration" | "e2e"): Promise<void>;
  tamperWith(version: string): Promise<void>;
  /** Takes one action out of a role's inline policies; returns how to put it back. */
  withoutPermission(role: string, action: string): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

export interface DeliveryOptions {
  /** Length of the minute of scheduled rules, such as the tick; default: a minute. */
  readonly minuteSeconds?: number;
  /** Config values laid over those of local/overlay.yaml, as YAML lines of `config`. */
  readonly config?: string;
}

export async function startDelivery({ minuteSeconds, config = "" }: DeliveryOptions = {}): Promise<Delivery> {
  const dir = await mkdtemp(join(tmpdir(), "kiro-delivery-"));
  const minute = minuteSeconds === undefined ? {} : { KIRO_LOCAL_MINUTE_SECONDS: String(minuteSeconds) };
  const rig = await startRig({ root: ROOT, fresh: false, extra: { KIRO_LOCAL_DIR: join(dir, "cloud"), ...minute } });
  try {
    const overlay = join(dir, "overlay.yaml");
    await writeFile(overlay, `${await readFile(join(ROOT, "local/overlay.yaml"), "utf8")}${config}`);
    rig.env["KIRO_CONFIG_OVERLAY"] = overlay;
    await rig.mustCommand(["setup", "backend", "prod"]);
    await rig.mustCommand(["up", "prod", "--yes"]);
    await rig.mustCommand(["setup", "toolchain", "prod"]);
    const origin = (await rig.mustCommand(["local", "repository", "kiro/kiro-codebuild-worker"])).trim();
    const worker = await createWorkerRepository(join(ROOT, "examples/worker"), join(dir, "worker"), origin);
    return delivery(rig, worker, dir);
  } catch (error) {
    await rig.stop();
    throw error;
  }
}

function delivery(rig: Rig, worker: WorkerRepository, dir: string): Delivery {
  const client = {
    endpoint: rig.env["AWS_ENDPOINT_URL"] ?? "",
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  const iam = new IAMClient(client);
  const codeBuild = new CodeBuildClient(client);
  const pipeline = "kiro-pipeline-prod";
  const releases = `kiro-pipeline-prod-releases-${ACCOUNT}`;
  const approve = async () => void (await rig.mustCommand(["approve", "prod", "--reason", "scenario"]));
  const watch = (
    commit: string,
    onChange: (lines: readonly ActionLine[]) => void = () => undefined,
    onApproval: () => Promise<void> = approve,
  ) =>
    watchExecution(rig.pipelines, {
      pipeline,
      commit,
      patienceMs: 550_000,
      // Several are watched at once, and a look costs the machine what the builds need.
      pollMs: 1_500,
      onChange,
      onApproval,
    });

  // Read from the table: a command for each look would cost the machine more than what is looked at.
  const deployments = new DeploymentStateManager(dynamoDeploymentTable(rig.table, `${pipeline}-deployments`), Date.now);
  /** Newest first. */
  const recordsOf = async (environment: Environment): Promise<readonly DeploymentRecord[]> =>
    (await deployments.getDeploymentHistory(environment, { limit: 10 })).records;

  return {
    rig,
    pipeline,
    worker,
    watch: (commit, onApproval) => watch(commit, undefined, onApproval),
    async waitForAction(commit, stage, action) {
      for (;;) {
        const lines = await actionLines(rig.pipelines, pipeline, commit);
        const line = lines.find((candidate) => candidate.stage === stage && candidate.name === action);
        if (line?.status === "Succeeded") break;
        if (line?.status === "Failed") throw new Error(`${stage}/${action} failed: ${line.detail ?? "?"}`);
        await sleep(1_000);
      }
      await sleep(500); // the pipeline reports the action before it has moved on to the closed transition
    },
    environments: () =>
      Promise.all(
        ENVIRONMENTS.map(async (environment) => {
          const { live, lock } = await deployments.environmentState(environment);
          const [last] = await recordsOf(environment);
          return { environment, version: live?.version, status: last?.status, locked: lock !== undefined };
        }),
      ),
    async workerUpdates() {
      const updates: Record<string, number> = {};
      for (const environment of ["test", "staging", "production"]) {
        const prefix = `${environment}/.pulumi/history/`;
        const pages = paginateListObjectsV2(
          { client: s3 },
          { Bucket: `kiro-pipeline-prod-state-${ACCOUNT}`, Prefix: prefix },
        );
        let count = 0;
        for await (const page of pages)
          count += (page.Contents ?? []).filter((o) => /\.history\.json(\.gz)?$/.test(o.Key ?? "")).length;
        updates[environment] = count;
      }
      return updates;
    },
    async infrastructureDecisions(commit) {
      return Promise.all(
        ENVIRONMENTS.map(async (environment) => {
          const record = (await recordsOf(environment)).find(({ version }) => version === commit);
          const { action, proof } = record?.infrastructureDecision ?? {};
          return proof?.class === undefined ? `${action}` : `${action} (${proof.class})`;
        }),
      );
    },
    async changeThatWaits(environment) {
      const [last] = await recordsOf(environment);
      const { changeDigest, needsApproval } = last?.infrastructureDecision?.proof ?? {};
      if (needsApproval !== true || changeDigest === undefined) throw new Error(`no change waits in ${environment}`);
      return changeDigest;
    },
    async ownerTag(environment) {
      const { projects = [] } = await codeBuild.send(
        new BatchGetProjectsCommand({ names: [`kiro-worker-${environment}`] }),
      );
      return projects[0]?.tags?.find(({ key }) => key === "Owner")?.value;
    },
    async pointTo(environment, version) {
      const release = await s3.send(
        new GetObjectCommand({ Bucket: releases, Key: `releases/${version}/release.json` }),
      );
      const bytes = (await release.Body?.transformToByteArray()) ?? new Uint8Array();
      const releaseDigest = createHash("sha256").update(bytes).digest("hex");
      const pointer = { version, releaseDigest, deploymentId: "by-hand#0", flippedAt: new Date().toISOString() };
      const Bucket = `kiro-worker-${environment}-artifacts-${ACCOUNT}`;
      await s3.send(new PutObjectCommand({ Bucket, Key: "current.json", Body: JSON.stringify(pointer) }));
    },
    async settled(environment) {
      for (;;) {
        const found = await this.environments();
        if (found.find((line) => line.environment === environment)?.locked === false) return found;
        await sleep(1_000);
      }
    },
    async breakTests(kind) {
      await worker.write(`test/${kind}/red.test.ts`, RED);
    },
    async repairTests(kind) {
      await rm(join(worker.dir, `test/${kind}/red.test.ts`));
    },
    async tamperWith(version) {
      const Key = `releases/${version}/application.zip`;
      await s3.send(new PutObjectCommand({ Bucket: releases, Key, Body: "not what was built" }));
    },
    async withoutPermission(role, action) {
      const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName: role }));
      const originals = new Map<string, string>();
      for (const PolicyName of PolicyNames) {
        const { PolicyDocument = "" } = await iam.send(new GetRolePolicyCommand({ RoleName: role, PolicyName }));
        const document = decodeURIComponent(PolicyDocument);
        originals.set(PolicyName, document);
        const changed = withoutAction(document, action);
        await iam.send(new PutRolePolicyCommand({ RoleName: role, PolicyName, PolicyDocument: changed }));
      }
      return async () => {
        for (const [PolicyName, PolicyDocument] of originals) {
          await iam.send(new PutRolePolicyCommand({ RoleName: role, PolicyName, PolicyDocument }));
        }
      };
    },
    async stop() {
      await rig.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function withoutAction(document: string, action: string): string {
  const policy = JSON.parse(document) as { Statement: { Action: string | string[] }[] };
  const Statement = policy.Statement.map((statement) => ({
    ...statement,
    Action: [statement.Action].flat().filter((name) => name !== action),
  })).filter((statement) => statement.Action.length > 0);
  return JSON.stringify({ ...policy, Statement });
}

const RED = `import assert from "node:assert/strict";
import { test } from "node:test";

test("an expectation that does not hold", () => {
  assert.equal(1, 2);
});
`;
