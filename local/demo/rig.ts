import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { BatchGetBuildsCommand, type Build, CodeBuildClient, StartBuildCommand } from "@aws-sdk/client-codebuild";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildLog } from "./pipelineWatch";
import { type Finished, mustRun, run } from "./shell";

/** A running local cloud and the command that works against it: what the demo and the scenarios share. */
export interface Rig {
  readonly root: string;
  /** The environment that `kiro-pipeline local env` gives to any tool. */
  readonly env: NodeJS.ProcessEnv;
  readonly pipelines: CodePipelineClient;
  readonly builds: CodeBuildClient;
  readonly logs: CloudWatchLogsClient;
  readonly table: DynamoDBClient;
  /** Runs `kiro-pipeline …`; `onLine` sees its progress. */
  command(args: readonly string[], onLine?: (line: string) => void): Promise<Finished>;
  mustCommand(args: readonly string[], onLine?: (line: string) => void): Promise<string>;
  stop(): Promise<void>;
}

export interface RigOptions {
  readonly root: string;
  /** Removes the state of an earlier local cloud first. */
  readonly fresh: boolean;
  /** Added to the environment of everything, e.g. the folder of a local cloud of its own. */
  readonly extra?: NodeJS.ProcessEnv;
}

/** Starts the local cloud in the background. The caller stops it, also when what follows fails. */
export async function startRig({ root, fresh, extra = {} }: RigOptions): Promise<Rig> {
  const base: NodeJS.ProcessEnv = { ...withoutAws(process.env), ...extra };
  const entry = join(root, "bin", "kiro-pipeline.mjs");
  const invoke = (args: readonly string[]) => [entry, ...args];
  if (fresh) await mustRun(process.execPath, invoke(["local", "reset"]), { cwd: root, env: base });
  await mustRun(process.execPath, invoke(["local", "start"]), { cwd: root, env: base });

  const printed = await mustRun(process.execPath, invoke(["local", "env", "--json"]), { cwd: root, env: base });
  const env = { ...base, ...(JSON.parse(printed) as Record<string, string>) };
  const client = {
    endpoint: env["AWS_ENDPOINT_URL"] ?? "",
    region: env["AWS_REGION"] ?? "us-east-1",
    credentials: { accessKeyId: env["AWS_ACCESS_KEY_ID"] ?? "", secretAccessKey: env["AWS_SECRET_ACCESS_KEY"] ?? "" },
  };
  const options = (onLine?: (line: string) => void) => ({ cwd: root, env, ...(onLine ? { onLine } : {}) });
  return {
    root,
    env,
    pipelines: new CodePipelineClient(client),
    builds: new CodeBuildClient(client),
    logs: new CloudWatchLogsClient(client),
    table: new DynamoDBClient(client),
    command: (args, onLine) => run(process.execPath, invoke(args), options(onLine)),
    mustCommand: (args, onLine) => mustRun(process.execPath, invoke(args), options(onLine)),
    stop: async () => {
      await mustRun(process.execPath, invoke(["local", "stop"]), { cwd: root, env: base });
    },
  };
}

/** Credentials or profiles of a real account must never reach what believes to be talking to the local cloud. */
function withoutAws(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith("AWS_") && !name.startsWith("PULUMI_")),
  );
}

export interface JobRun {
  readonly status: string;
  readonly log: string;
  readonly release: string | undefined;
  readonly seconds: number;
}

/** Starts one job of the worker, with variables of its own, and waits for its end. */
export async function runJob(
  rig: Pick<Rig, "builds" | "logs">,
  projectName: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<JobRun> {
  const started = Date.now();
  const environmentVariablesOverride = Object.entries(variables).map(([name, value]) => ({ name, value }));
  const { build } = await rig.builds.send(new StartBuildCommand({ projectName, environmentVariablesOverride }));
  let current: Build | undefined = build;
  while (current?.id !== undefined && current.buildStatus === "IN_PROGRESS") {
    await sleep(300);
    current = (await rig.builds.send(new BatchGetBuildsCommand({ ids: [current.id] }))).builds?.[0];
  }
  if (current?.id === undefined) throw new Error(`the job of ${projectName} cannot be found any more`);
  return {
    status: current.buildStatus ?? "?",
    log: await buildLog(rig.builds, rig.logs, current.id),
    release: current.exportedEnvironmentVariables?.find((variable) => variable.name === "RELEASE_VERSION")?.value,
    seconds: (Date.now() - started) / 1000,
  };
}
