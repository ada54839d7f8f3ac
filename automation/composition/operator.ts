import { CodeBuildClient } from "@aws-sdk/client-codebuild";
import { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { DeploymentStateManager } from "../../runtime/deployments/manager";
import { dynamoDeploymentTable } from "../../runtime/deployments/table";
import { awsHolderWatch } from "../delivery/holderWatch";
import { type Installation, pipelineName, tableName } from "../installation/names";
import { regionOf } from "../installation/settings";
import { decideApproval } from "../operator/approval";
import { codePipelineApprovals, codePipelineStatus } from "../operator/codePipeline";
import * as lock from "../operator/lock";
import { type Verdict } from "../operator/ports";
import { showStatus } from "../operator/status";
import { type BreakArgs, type DecisionArgs, type InstallationArgs, type LockArgs } from "../program";
import { type CommandResult } from "../result";
import { clientDefaults, type Surroundings } from "./surroundings";

export async function decide(
  verdict: Verdict,
  { installation, reason }: DecisionArgs,
  { env }: Surroundings,
): Promise<CommandResult> {
  const client = new CodePipelineClient({ ...clientDefaults, region: regionOf(env) });
  return decideApproval(installation, verdict, reason, codePipelineApprovals(client));
}

export async function status({ installation }: InstallationArgs, { env }: Surroundings): Promise<CommandResult> {
  const region = regionOf(env);
  const pipelines = codePipelineStatus(new CodePipelineClient({ ...clientDefaults, region }));
  return showStatus(installation, pipelines, deployments(installation, region));
}

export async function lockShow({ installation, environment }: LockArgs, { env }: Surroundings): Promise<CommandResult> {
  return lock.showLock(environment, lockPorts(installation, regionOf(env)));
}

export async function lockBreak(
  { installation, environment, reason }: BreakArgs,
  { env }: Surroundings,
): Promise<CommandResult> {
  const region = regionOf(env);
  const { Arn: operator } = await new STSClient({ ...clientDefaults, region }).send(new GetCallerIdentityCommand({}));
  return lock.breakLock(environment, operator ?? "unknown", reason, lockPorts(installation, region));
}

function lockPorts(installation: Installation, region: string) {
  const client = { ...clientDefaults, region };
  const holders = awsHolderWatch(
    new CodeBuildClient(client),
    new CodePipelineClient(client),
    pipelineName(installation),
  );
  return { deployments: deployments(installation, region), holders };
}

const deployments = (installation: Installation, region: string): DeploymentStateManager =>
  new DeploymentStateManager(
    dynamoDeploymentTable(new DynamoDBClient({ ...clientDefaults, region }), tableName(installation)),
    () => Date.now(),
  );
