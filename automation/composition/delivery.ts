import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CodeBuildClient } from "@aws-sdk/client-codebuild";
import { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { DeploymentStateManager } from "../../runtime/deployments/manager";
import { dynamoDeploymentTable } from "../../runtime/deployments/table";
import { cloudWatchAlarms } from "../../runtime/health/cloudWatchAlarms";
import { codeBuildJobs } from "../../runtime/health/codeBuildJobs";
import { HealthCheckMonitor } from "../../runtime/health/monitor";
import { type Clock } from "../../runtime/health/ports";
import { s3ReleasePointer } from "../../runtime/releases/pointer";
import { s3Releases } from "../../runtime/releases/store";
import { cloudWatchMetrics } from "../../runtime/metrics/cloudWatchMetrics";
import { codeBuildReports } from "../../runtime/tests/codeBuildReports";
import { deploy as deployRelease } from "../delivery/deploy";
import { projectOfBuild, runningBuilds } from "../delivery/deployBuilds";
import { awsHolderWatch } from "../../runtime/holders/awsHolderWatch";
import { plan as planRelease } from "../delivery/plan";
import { type DeployPorts, type InfrastructureUndo } from "../delivery/ports";
import { type DeliverySettings, deliverySettings, undoSettings, verifySettings } from "../delivery/settings";
import { undo as undoInfrastructure } from "../delivery/undo";
import { type Bake, verify as verifyRelease } from "../delivery/verify";
import { workerStacks } from "../delivery/workerStacks";
import { fetchToolchain } from "../engine/fetchToolchain";
import { writeOutputs } from "../outputs";
import { type OutputsArgs } from "../commands";
import { type Progress } from "../progress";
import { type CommandResult } from "../result";
import { fetcher } from "./release";
import { clientDefaults, s3Defaults, type Surroundings } from "./surroundings";

/** How long after the bake a canary job that still runs is waited for: CodeBuild may take minutes to find it a host. */
const canaryGraceMs = 180_000;

export async function plan(args: OutputsArgs, surroundings: Surroundings): Promise<CommandResult> {
  const settings = deliverySettings(surroundings.env);
  return withPorts(settings, args, surroundings, (ports) => planRelease(settings, ports));
}

export async function deploy(args: OutputsArgs, surroundings: Surroundings): Promise<CommandResult> {
  const settings = deliverySettings(surroundings.env);
  const approved = {
    planDigest: surroundings.env["APPROVED_PLAN_DIGEST"],
    scope: surroundings.env["APPROVED_SCOPE"],
    alarms: surroundings.env["APPROVED_ALARMS"],
  };
  return withPorts(settings, args, surroundings, (ports) => deployRelease(settings, approved, ports));
}

export async function undo(args: OutputsArgs, surroundings: Surroundings): Promise<CommandResult> {
  const settings = undoSettings(surroundings.env);
  const codeBuild = new CodeBuildClient({ ...clientDefaults, region: settings.region });
  const builds = { running: () => runningBuilds(codeBuild, projectOfBuild(settings.buildId)) };
  return withPorts(settings, args, surroundings, (ports) => undoInfrastructure(settings, { ...ports, builds }));
}

export async function verify({ outputs }: OutputsArgs, surroundings: Surroundings): Promise<CommandResult> {
  const settings = verifySettings(surroundings.env);
  await writeOutputs(outputs, {});
  const { region, table, alarmPrefix, workerProject, pipeline } = settings;
  const { progress } = surroundings;
  const client = { ...clientDefaults, region };
  const codeBuild = new CodeBuildClient(client);
  const clock = systemClock(surroundings.signal);
  const cloudWatch = new CloudWatchClient(client);
  const ports = {
    alarms: cloudWatchAlarms(cloudWatch),
    jobs: codeBuildJobs(codeBuild, workerProject),
    clock,
  };
  const bake: Bake = {
    watch: ({ deploymentId, version, alarmsBefore }, onPoll) =>
      new HealthCheckMonitor(ports, {
        deploymentId,
        version,
        alarmPrefix,
        alarmsBefore,
        pollIntervalMs: settings.healthCheckIntervalMs,
        canaryIntervalMs: settings.canaryIntervalMs,
        canaryGraceMs,
        onPoll,
      }).monitorHealthChecks(settings.healthCheckMs),
  };
  const deployments = new DeploymentStateManager(dynamoDeploymentTable(new DynamoDBClient(client), table), () =>
    clock.now(),
  );
  return verifyRelease(settings, {
    deployments,
    tests: codeBuildReports(codeBuild),
    bake,
    metrics: cloudWatchMetrics(cloudWatch, pipeline, metricsLog(progress)),
    progress,
  });
}

async function withPorts(
  settings: DeliverySettings,
  { outputs }: OutputsArgs,
  surroundings: Surroundings,
  run: (ports: DeployPorts & { readonly infrastructure: InfrastructureUndo }) => Promise<CommandResult>,
): Promise<CommandResult> {
  const { env, home, temporary, bundleFolder, progress, signal } = surroundings;
  const { region, releasesBucket, toolchainDigest } = settings;
  const client = { ...clientDefaults, region };
  const s3 = new S3Client({ ...s3Defaults(env), region });
  const clock = systemClock(signal);
  const releases = s3Releases(s3, releasesBucket);
  const folder = await mkdtemp(join(temporary, "kiro-pipeline-"));
  // The buildspec sources the file, also when there is nothing in it.
  await writeOutputs(outputs, {});
  try {
    return await run({
      releases,
      deployments: new DeploymentStateManager(dynamoDeploymentTable(new DynamoDBClient(client), settings.table), () =>
        clock.now(),
      ),
      holders: awsHolderWatch(new CodeBuildClient(client), new CodePipelineClient(client), settings.pipeline),
      alarms: cloudWatchAlarms(new CloudWatchClient(client)),
      pointer: s3ReleasePointer(s3, settings.workerArtifactsBucket),
      infrastructure: workerStacks({
        surroundings: settings,
        backendUrl: settings.backendUrl,
        secretsProvider: settings.secretsProvider,
        temporary: folder,
        pack: join(bundleFolder, "policy"),
        path: env["PATH"] ?? "",
        signal,
        toolchain: () => fetchToolchain(toolchainDigest, home, fetcher(s3, releasesBucket), progress),
        releases,
        progress,
      }),
      clock,
      progress,
      export: (values) => writeOutputs(outputs, values),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A measurement that was lost is told among the lines of the command. */
const metricsLog = (progress: Progress) => ({
  warn: (message: string, details: Readonly<Record<string, unknown>>) =>
    progress.line(`  ${message}: ${JSON.stringify(details)}`),
});

/** Sleeping ends with an error when the process is asked to end: what was begun is then recorded as failed. */
const systemClock = (signal: AbortSignal): Clock => ({
  now: () => Date.now(),
  sleep: (milliseconds) => sleep(milliseconds, undefined, { signal }),
});
