/**
 * What judging costs, on this machine and in one run: a preview of an installation under the policies, and the decision
 * about a release's infrastructure where the digests can tell. Needs what `npm run setup` makes; takes some three minutes.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchGetProjectsCommand } from "@aws-sdk/client-codebuild";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { watchExecution } from "../local/demo/pipelineWatch";
import { type Rig, startRig } from "../local/demo/rig";
import { createWorkerRepository } from "../local/demo/workerRepository";

const root = process.cwd();
const runs = 5;

/** Seconds that are promised, on 2 cores. */
const targets = { preview: 8, decision: 2 };

async function main(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "kiro-bench-"));
  const rig = await startRig({ root, fresh: false, extra: { KIRO_LOCAL_DIR: join(dir, "cloud") } });
  try {
    await rig.mustCommand(["setup", "backend", "prod"]);
    report("preview of a new installation", targets.preview, await timed(() => rig.mustCommand(["preview", "prod"])));
    await rig.mustCommand(["up", "prod", "--yes"]);
    report("preview of one that is there", targets.preview, await timed(() => rig.mustCommand(["preview", "prod"])));
    const release = await deliver(rig, dir);
    // The command finds in its environment what a build of the project would.
    Object.assign(rig.env, await projectVariables(rig, "kiro-pipeline-prod-deploy-production"), release);
    report("decision where the digests can tell", targets.decision, await timed(() => rig.mustCommand(["plan"])));
  } finally {
    await rig.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

/** Delivers the sample worker to production; answers with what its build exported. */
async function deliver(rig: Rig, dir: string): Promise<Record<string, string>> {
  await rig.mustCommand(["setup", "toolchain", "prod"]);
  const origin = (await rig.mustCommand(["local", "repository", "kiro/kiro-codebuild-worker"])).trim();
  const worker = await createWorkerRepository(join(root, "examples/worker"), join(dir, "worker"), origin);
  const commit = await worker.push("feat: what is measured");
  const { status } = await watchExecution(rig.pipelines, {
    pipeline: "kiro-pipeline-prod",
    commit,
    patienceMs: 600_000,
    onChange: () => undefined,
    onApproval: async () => void (await rig.mustCommand(["approve", "prod"])),
  });
  if (status !== "Succeeded") throw new Error(`the delivery ended ${status}`);
  const { deployments } = JSON.parse(await rig.mustCommand(["status", "prod", "--json"])) as {
    deployments: { environment: string; version: string; releaseDigest: string; pipelineExecutionId: string }[];
  };
  const live = deployments.find(({ environment }) => environment === "production");
  if (live === undefined) throw new Error("nothing is live in production");
  return {
    RELEASE_VERSION: live.version,
    RELEASE_DIGEST: live.releaseDigest,
    PIPELINE_EXECUTION_ID: live.pipelineExecutionId,
    CODEBUILD_BUILD_ID: "kiro-pipeline-prod-deploy-production:bench",
  };
}

/** The variables of a project, as a build gets them. */
async function projectVariables(rig: Rig, name: string): Promise<Record<string, string>> {
  const { projects = [] } = await rig.builds.send(new BatchGetProjectsCommand({ names: [name] }));
  const ssm = new SSMClient({
    endpoint: rig.env["AWS_ENDPOINT_URL"] ?? "",
    region: rig.env["AWS_REGION"] ?? "",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const variables: Record<string, string> = {};
  for (const { name: key = "", value = "", type } of projects[0]?.environment?.environmentVariables ?? []) {
    if (type !== "PARAMETER_STORE") variables[key] = value;
    else variables[key] = (await ssm.send(new GetParameterCommand({ Name: value }))).Parameter?.Value ?? "";
  }
  return variables;
}

/** Seconds of each run, the shortest first. */
async function timed(work: () => Promise<unknown>): Promise<readonly number[]> {
  const seconds: number[] = [];
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    await work();
    seconds.push((performance.now() - started) / 1000);
  }
  return seconds.sort((one, other) => one - other);
}

function report(what: string, target: number, seconds: readonly number[]): void {
  const [least = 0] = seconds;
  const median = seconds[Math.floor(seconds.length / 2)] ?? 0;
  const most = seconds.at(-1) ?? 0;
  const figures = [least, median, most].map((figure) => figure.toFixed(2)).join(" / ");
  console.log(`${what}: ${figures} s (least / median / most of ${seconds.length}), target below ${target} s`);
}

void main();
