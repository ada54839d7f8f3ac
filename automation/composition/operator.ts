import { CodeBuildClient } from "@aws-sdk/client-codebuild";
import { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { DeploymentStateManager } from "../../runtime/deployments/manager";
import { OperatorStateManager } from "../../runtime/deployments/operatorManager";
import { dynamoDeploymentTable } from "../../runtime/deployments/table";
import { ENVIRONMENTS } from "../../runtime/types";
import {
  type ApproveArgs,
  type DecisionArgs,
  type EnvironmentArgs,
  type InstallationArgs,
  type LiftArgs,
  type QuarantineArgs,
  type ReasonedArgs,
  type RollbackArgs,
} from "../commands";
import { awsHolderWatch } from "../../runtime/holders/awsHolderWatch";
import {
  type Installation,
  pipelineName,
  rollbackFunctionName,
  rollbackQueueName,
  tableName,
} from "../installation/names";
import { regionOf } from "../installation/settings";
import { decideApproval } from "../operator/approval";
import { acknowledgeChange } from "../operator/changes";
import { codePipelineApprovals, codePipelineRetries, codePipelineStatus } from "../operator/codePipeline";
import { listDeadLetters, redriveDeadLetters } from "../operator/deadLetters";
import * as holds from "../operator/holds";
import { lambdaRollbackFunction } from "../operator/lambdaFunction";
import * as lock from "../operator/lock";
import { type RollbackFunction, type Verdict } from "../operator/ports";
import { requestRollback } from "../operator/rollback";
import { sqsDeadLetters } from "../operator/sqsDeadLetters";
import { showStatus } from "../operator/status";
import { type CommandResult } from "../result";
import { clientDefaults, optional, type Surroundings } from "./surroundings";

export async function decide(
  verdict: Verdict,
  { installation, reason }: DecisionArgs,
  { env }: Surroundings,
): Promise<CommandResult> {
  const client = new CodePipelineClient({ ...clientDefaults, region: regionOf(env) });
  return decideApproval(installation, verdict, reason, codePipelineApprovals(client));
}

export async function approve(args: ApproveArgs, surroundings: Surroundings): Promise<CommandResult> {
  const { installation, change: digest, reason = "acknowledged with kiro-pipeline" } = args;
  if (digest === undefined) return decide("approve", args, surroundings);
  const region = regionOf(surroundings.env);
  return acknowledgeChange(
    { installation, digest, by: await caller(region), because: reason },
    {
      deployments: deployments(installation, region),
      changes: changes(installation, region),
      stages: codePipelineRetries(new CodePipelineClient({ ...clientDefaults, region })),
    },
  );
}

export async function status({ installation }: InstallationArgs, { env }: Surroundings): Promise<CommandResult> {
  const region = regionOf(env);
  const pipelines = codePipelineStatus(new CodePipelineClient({ ...clientDefaults, region }));
  return showStatus(installation, pipelines, deployments(installation, region));
}

export async function rollback(args: RollbackArgs, { env }: Surroundings): Promise<CommandResult> {
  const region = regionOf(env);
  const { installation, environment, reason: because, to, dryRun } = args;
  const request = { environment, by: await caller(region), because, ...optional("to", to), dryRun };
  return requestRollback(request, rollbackFunction(installation, region));
}

export async function hold(args: ReasonedArgs, { env }: Surroundings): Promise<CommandResult> {
  const region = regionOf(env);
  return holds.hold(await operatorRequest(args, region), changes(args.installation, region));
}

export async function resume(args: ReasonedArgs, { env }: Surroundings): Promise<CommandResult> {
  const region = regionOf(env);
  return holds.resume(await operatorRequest(args, region), changes(args.installation, region));
}

export async function quarantineList(
  { installation, environment }: QuarantineArgs,
  { env }: Surroundings,
): Promise<CommandResult> {
  const environments = environment === undefined ? ENVIRONMENTS : [environment];
  return holds.listQuarantine(environments, deployments(installation, regionOf(env)));
}

export async function quarantineLift(args: LiftArgs, { env }: Surroundings): Promise<CommandResult> {
  const region = regionOf(env);
  return holds.liftQuarantine(await operatorRequest(args, region), args.version, changes(args.installation, region));
}

export async function lockShow(
  { installation, environment }: EnvironmentArgs,
  { env }: Surroundings,
): Promise<CommandResult> {
  return lock.showLock(environment, lockPorts(installation, regionOf(env)));
}

export async function lockBreak(
  { installation, environment, reason }: ReasonedArgs,
  { env }: Surroundings,
): Promise<CommandResult> {
  const region = regionOf(env);
  return lock.breakLock(environment, await caller(region), reason, lockPorts(installation, region));
}

export async function dlqList({ installation }: InstallationArgs, { env }: Surroundings): Promise<CommandResult> {
  return listDeadLetters(await deadLetters(installation, regionOf(env)));
}

export async function dlqRedrive({ installation }: InstallationArgs, { env }: Surroundings): Promise<CommandResult> {
  const region = regionOf(env);
  return redriveDeadLetters(await deadLetters(installation, region), rollbackFunction(installation, region));
}

async function operatorRequest({ environment, reason }: ReasonedArgs, region: string): Promise<holds.OperatorRequest> {
  return { environment, by: await caller(region), because: reason };
}

/** Who runs this command, as AWS knows them. */
async function caller(region: string): Promise<string> {
  const { Arn } = await new STSClient({ ...clientDefaults, region }).send(new GetCallerIdentityCommand({}));
  return Arn ?? "unknown";
}

function lockPorts(installation: Installation, region: string) {
  const client = { ...clientDefaults, region };
  const holders = awsHolderWatch(
    new CodeBuildClient(client),
    new CodePipelineClient(client),
    pipelineName(installation),
  );
  return { deployments: deployments(installation, region), holders, clock: Date };
}

const rollbackFunction = (installation: Installation, region: string): RollbackFunction =>
  lambdaRollbackFunction(new LambdaClient({ ...clientDefaults, region }), rollbackFunctionName(installation));

const deadLetters = (installation: Installation, region: string) =>
  sqsDeadLetters(new SQSClient({ ...clientDefaults, region }), rollbackQueueName(installation));

const table = (installation: Installation, region: string) =>
  dynamoDeploymentTable(new DynamoDBClient({ ...clientDefaults, region }), tableName(installation));

const deployments = (installation: Installation, region: string): DeploymentStateManager =>
  new DeploymentStateManager(table(installation, region), () => Date.now());

const changes = (installation: Installation, region: string): OperatorStateManager =>
  new OperatorStateManager(table(installation, region), () => Date.now());
