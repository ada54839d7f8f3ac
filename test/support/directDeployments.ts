import {
  BatchGetBuildsCommand,
  BatchGetProjectsCommand,
  type Build,
  StartBuildCommand,
} from "@aws-sdk/client-codebuild";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import {
  DisableStageTransitionCommand,
  StartPipelineExecutionCommand,
  StopPipelineExecutionCommand,
} from "@aws-sdk/client-codepipeline";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeOpsItemsCommand, SSMClient } from "@aws-sdk/client-ssm";
import { setTimeout as sleep } from "node:timers/promises";
import { buildLog } from "../../local/demo/pipelineWatch";
import { type JobRun, runJob } from "../../local/demo/rig";
import type { DeploymentRecord, EnvironmentState } from "../../runtime/deployments/domain";
import { dynamoDeploymentTable } from "../../runtime/deployments/table";
import type { Environment } from "../../runtime/types";
import type { Delivery } from "./delivery";
import { type Fabricated, ReleaseForge } from "./fabricatedReleases";

const ACCOUNT = "000000000000";
const TABLE = "kiro-pipeline-prod-deployments";

/**
 * Deployments by the deploy projects themselves, each under an execution of the pipeline that waits before Build: the
 * driver, the roles, the table and the rollback are the real ones, only the way through the stages is left out.
 */
export class DirectDeployments {
  private readonly client;
  private readonly s3: S3Client;
  private readonly table;

  constructor(private readonly delivery: Delivery) {
    const { env } = delivery.rig;
    this.client = {
      endpoint: env["AWS_ENDPOINT_URL"] ?? "",
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    };
    this.s3 = new S3Client({ ...this.client, forcePathStyle: true });
    this.table = dynamoDeploymentTable(delivery.rig.table, TABLE);
  }

  forge(base: string): ReleaseForge {
    return new ReleaseForge(this.s3, `kiro-pipeline-prod-releases-${ACCOUNT}`, base);
  }

  /** From here on no execution gets further than Source. */
  async closePipeline(): Promise<void> {
    const stage = { pipelineName: this.delivery.pipeline, stageName: "Build", transitionType: "Inbound" as const };
    await this.delivery.rig.pipelines.send(
      new DisableStageTransitionCommand({ ...stage, reason: "direct deployments" }),
    );
  }

  async execution(): Promise<string> {
    const { pipelineExecutionId = "" } = await this.delivery.rig.pipelines.send(
      new StartPipelineExecutionCommand({ name: this.delivery.pipeline }),
    );
    return pipelineExecutionId;
  }

  /** Ends an execution as an operator would. */
  async stopExecution(pipelineExecutionId: string): Promise<void> {
    const { pipelines } = this.delivery.rig;
    const stop = { pipelineName: this.delivery.pipeline, pipelineExecutionId, abandon: true, reason: "scenario" };
    await pipelines.send(new StopPipelineExecutionCommand(stop));
  }

  /** Deploys, and bakes unless told not to. @returns the deployment's id, and that of its execution. */
  async deploy(environment: Environment, release: Fabricated, { bake = true } = {}) {
    const execution = await this.execution();
    const deployed = await this.ended(await this.start(environment, release, execution, { MODE: "deploy" }));
    const deploymentId = exported(deployed, "DEPLOYMENT_ID");
    if (deployed.buildStatus !== "SUCCEEDED" || deploymentId === undefined) {
      throw new Error(`the deployment ended ${deployed.buildStatus}:\n${await this.log(deployed)}`);
    }
    const verified = bake ? await this.verify(environment, release, execution, deploymentId) : undefined;
    return { deploymentId, execution, verified };
  }

  async verify(environment: Environment, release: Fabricated, execution: string, deploymentId: string): Promise<Build> {
    const variables = { MODE: "verify", DEPLOYMENT_ID: deploymentId };
    return this.ended(await this.start(environment, release, execution, variables));
  }

  async start(
    environment: Environment,
    { version, digest }: Fabricated,
    execution: string,
    variables: Readonly<Record<string, string>>,
  ): Promise<Build> {
    const all = {
      RELEASE_VERSION: version,
      RELEASE_DIGEST: digest,
      PIPELINE_EXECUTION_ID: execution,
      ...variables,
    };
    const { build } = await this.delivery.rig.builds.send(
      new StartBuildCommand({
        projectName: `kiro-pipeline-prod-deploy-${environment}`,
        sourceTypeOverride: "NO_SOURCE",
        artifactsOverride: { type: "NO_ARTIFACTS" },
        environmentVariablesOverride: Object.entries(all).map(([name, value]) => ({ name, value })),
      }),
    );
    if (build === undefined) throw new Error("no build was started");
    return build;
  }

  async ended(build: Build): Promise<Build> {
    let current = build;
    while (current.buildStatus === "IN_PROGRESS") {
      await sleep(600);
      const { builds = [] } = await this.delivery.rig.builds.send(new BatchGetBuildsCommand({ ids: [build.id ?? ""] }));
      if (builds[0] !== undefined) current = builds[0];
    }
    return current;
  }

  log(build: Build): Promise<string> {
    return buildLog(this.delivery.rig.builds, this.delivery.rig.logs, build.id ?? "");
  }

  /** A job as a user starts it. */
  job(environment: Environment, description?: object): Promise<JobRun> {
    const variables = description === undefined ? {} : { JOB: JSON.stringify(description) };
    return runJob(this.delivery.rig, `kiro-worker-${environment}`, variables);
  }

  /** What failing jobs publish, without a job: for alarms that are nobody's doing. */
  async failures(environment: Environment): Promise<void> {
    await new CloudWatchClient(this.client).send(
      new PutMetricDataCommand({
        Namespace: `KiroWorker/kiro-worker-${environment}`,
        MetricData: [{ MetricName: "FailedJobs", Value: 1 }],
      }),
    );
  }

  state(environment: Environment): Promise<EnvironmentState> {
    return this.table.state(environment);
  }

  async record(deploymentId: string): Promise<DeploymentRecord> {
    const record = await this.table.record(deploymentId);
    if (record === undefined) throw new Error(`there is no ${deploymentId}`);
    return record;
  }

  /** The record once it is as wanted. @throws Error that shows it when the time is up. */
  async until(
    deploymentId: string,
    wanted: (record: DeploymentRecord) => boolean,
    seconds = 120,
  ): Promise<DeploymentRecord> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const record = await this.record(deploymentId);
      if (wanted(record)) return record;
      if (Date.now() > deadline) {
        throw new Error(`${deploymentId} is not as wanted after ${seconds} s: ${JSON.stringify(record, null, 2)}`);
      }
      await sleep(200);
    }
  }

  rolledBack(deploymentId: string, seconds?: number): Promise<DeploymentRecord> {
    return this.until(
      deploymentId,
      ({ rollbackStatus }) => rollbackStatus === "done" || rollbackStatus === "failed",
      seconds,
    );
  }

  async pointer(environment: Environment): Promise<string> {
    const Bucket = `kiro-worker-${environment}-artifacts-${ACCOUNT}`;
    const found = await this.s3.send(new GetObjectCommand({ Bucket, Key: "current.json" }));
    return (JSON.parse((await found.Body?.transformToString()) ?? "{}") as { version: string }).version;
  }

  /** Somebody with the right to it flips the pointer by hand. */
  async pointByHand(environment: Environment, { version, digest: releaseDigest }: Fabricated): Promise<void> {
    const pointer = { version, releaseDigest, deploymentId: "by-hand#0", flippedAt: new Date().toISOString() };
    const Bucket = `kiro-worker-${environment}-artifacts-${ACCOUNT}`;
    await this.s3.send(new PutObjectCommand({ Bucket, Key: "current.json", Body: JSON.stringify(pointer) }));
  }

  /** The timeout of the worker's project in minutes: what the fabricated releases change of the infrastructure. */
  async timeout(environment: Environment): Promise<number | undefined> {
    const names = [`kiro-worker-${environment}`];
    const { projects = [] } = await this.delivery.rig.builds.send(new BatchGetProjectsCommand({ names }));
    return projects[0]?.timeoutInMinutes;
  }

  /** Titles of the open OpsItems. */
  async incidents(): Promise<string[]> {
    const { OpsItemSummaries = [] } = await new SSMClient(this.client).send(
      new DescribeOpsItemsCommand({ OpsItemFilters: [{ Key: "Status", Values: ["Open"], Operator: "Equal" }] }),
    );
    return OpsItemSummaries.map(({ Title = "" }) => Title).sort();
  }

  relay(...args: string[]): Promise<string> {
    return this.delivery.rig.mustCommand(["local", "relay", ...args]);
  }
}

function exported(build: Build, name: string): string | undefined {
  return build.exportedEnvironmentVariables?.find((variable) => variable.name === name)?.value;
}
