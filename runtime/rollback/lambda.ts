import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CodeBuildClient } from "@aws-sdk/client-codebuild";
import { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { DeploymentStateManager } from "../deployments/manager";
import { RollbackStateManager } from "../deployments/rollbackManager";
import { dynamoDeploymentTable } from "../deployments/table";
import { codeBuildJobs } from "../health/codeBuildJobs";
import { awsHolderWatch } from "../holders/awsHolderWatch";
import { withIncidents } from "../incidents/incidentChannel";
import { opsItems } from "../incidents/opsItems";
import { cloudWatchMetrics } from "../metrics/cloudWatchMetrics";
import { deliverNotices } from "../notices/deliver";
import { dynamoNoticeOutbox } from "../notices/outbox";
import { snsChannel } from "../notices/snsChannel";
import { s3ReleasePointer } from "../releases/pointer";
import { s3Releases } from "../releases/store";
import { awsBuilds } from "./awsBuilds";
import { awsExecutions } from "./awsExecutions";
import { cloudWatchWatchedAlarms } from "./cloudWatchWatchedAlarms";
import { RollbackDesk } from "./desk";
import { makeHandler } from "./handler";
import { RollbackOrchestrator } from "./orchestrator";
import type { RollbackPorts } from "./ports";
import { powertoolsLog } from "./powertoolsLog";
import { reconcile } from "./reconcile";
import { rollbackSettings } from "./settings";

// The composition root of the function: it alone reads the environment and builds clients.
const settings = rollbackSettings(process.env);
const aws = { retryMode: "adaptive", maxAttempts: 5 } as const;
const codeBuild = new CodeBuildClient(aws);
const codePipeline = new CodePipelineClient(aws);
const dynamo = new DynamoDBClient(aws);
const cloudWatch = new CloudWatchClient(aws);
// An address of its own is a local cloud's, which serves buckets by path.
const s3 = new S3Client({ ...aws, forcePathStyle: process.env["AWS_ENDPOINT_URL"] !== undefined });

const now = () => Date.now();
const log = powertoolsLog(`${settings.pipeline}-rollback`);
const table = dynamoDeploymentTable(dynamo, settings.table);
const notices = dynamoNoticeOutbox(dynamo, settings.table);
const channel = withIncidents(
  opsItems(new SSMClient(aws), settings.pipeline),
  snsChannel(new SNSClient(aws), settings.topics, settings.installation),
);
const alarms = cloudWatchWatchedAlarms(cloudWatch);
const metrics = cloudWatchMetrics(cloudWatch, settings.pipeline, log);
const ports: RollbackPorts = {
  deployments: new DeploymentStateManager(table, now),
  rollbacks: new RollbackStateManager(table, now),
  executions: awsExecutions(codePipeline, settings.pipeline),
  builds: awsBuilds(codeBuild, settings.names.deployProject),
  releases: s3Releases(s3, settings.releasesBucket),
  pointer: (environment) => s3ReleasePointer(s3, settings.artifactsBucket[environment]),
  alarms,
  jobs: (environment) => codeBuildJobs(codeBuild, settings.names.workerProject[environment]),
  metrics,
  now,
  log,
};
const holders = awsHolderWatch(codeBuild, codePipeline, settings.pipeline);
const orchestrator = new RollbackOrchestrator(ports, settings.validation);
const desk = new RollbackDesk({ ...ports, holders, notices }, orchestrator, settings.rules);

export const handler = makeHandler(
  {
    desk,
    history: table,
    alarms,
    reconcile: (environment) => reconcile(environment, ports),
    notices,
    metrics,
    deliverNotices: () => deliverNotices(notices, channel, now, log),
    now,
    log,
  },
  settings.names,
);
