/** One installation of the delivery pipeline: reads the configuration, wires the components, exports what others need. */
import * as aws from "@pulumi/aws";
import { BuildNetwork } from "./components/buildNetwork";
import { readConfig } from "./components/config";
import { DeliveryPipeline } from "./components/deliveryPipeline";
import { DeliveryProjects } from "./components/deliveryProjects";
import { Foundation } from "./components/foundation";
import { installationNames, type Place } from "./components/naming";
import { Notifications } from "./components/notifications";
import { pipelineModel } from "./components/pipelineModel";
import { Rollback } from "./components/rollback";
import { SourceConnection } from "./components/sourceConnection";
import { installationTags } from "./components/tags";
import { ToolsArchive } from "./components/toolsArchive";
import { WorkerEnvironment } from "./components/workerEnvironment";

export = async () => {
  const config = readConfig();
  const { installation, protectData } = config;
  const region = aws.config.requireRegion();
  const provider = new aws.Provider("aws", { region, defaultTags: { tags: installationTags(installation) } });
  const { accountId } = await aws.getCallerIdentity({}, { provider });
  const place: Place = { installation, accountId, region };
  const names = installationNames(place);
  const options = { provider };

  const foundation = new Foundation("foundation", { place, names, protectData }, options);
  const tools = new ToolsArchive("tools", { bucketName: foundation.releases.bucketName, folder: "build" }, options);
  const environmentArgs = { place, foundation, protectData };
  const environments = {
    test: new WorkerEnvironment("worker-test", { ...environmentArgs, environment: "test" }, options),
    staging: new WorkerEnvironment("worker-staging", { ...environmentArgs, environment: "staging" }, options),
    production: new WorkerEnvironment("worker-production", { ...environmentArgs, environment: "production" }, options),
  };
  const notifications = new Notifications(
    "notifications",
    { place, names, keyArn: foundation.key.arn, emails: config.notificationEmails },
    options,
  );
  const connection = new SourceConnection(
    "source",
    { place, connectionName: names.connection, connectionArn: config.connectionArn },
    options,
  );
  const network = config.buildsInVpc ? new BuildNetwork("builds", { place }, options) : undefined;
  const projects = new DeliveryProjects(
    "projects",
    { place, names, config, foundation, connection, environments, toolsDigest: tools.digest, network },
    { ...options, dependsOn: [tools.published] },
  );
  const rollback = new Rollback(
    "rollback",
    { place, names, config, foundation, projects, environments, notifications, codeFolder: "build/rollback" },
    options,
  );
  const pipeline = new DeliveryPipeline(
    "delivery",
    {
      place,
      names,
      model: pipelineModel({ names, ...config }),
      foundation,
      projects,
      notifications,
      connection,
    },
    // What could go wrong in the first delivery is taken back, too.
    { ...options, dependsOn: [rollback] },
  );

  return {
    pipelineName: pipeline.pipelineName,
    pipelineArn: pipeline.pipelineArn,
    projectNames: projects.projectNames,
    artifactsBucketName: foundation.artifacts.bucketName,
    artifactsBucketArn: foundation.artifacts.bucketArn,
    releasesBucketName: foundation.releases.bucketName,
    stateBucketName: foundation.state.bucketName,
    deploymentsTableName: foundation.deployments.tableName,
    deploymentsTableArn: foundation.deployments.tableArn,
    kmsKeyArn: foundation.key.arn,
    pipelineLogGroupName: foundation.pipelineLogGroupName,
    rollbackLogGroupName: foundation.rollbackLogGroupName,
    deploymentsTopicArn: notifications.topicArns.deployments,
    rollbackFunctionName: rollback.functionName,
    rollbackFunctionArn: rollback.functionArn,
    rollbackQueueUrl: rollback.queueUrl,
    approvalsTopicArn: notifications.topicArns.approvals,
    rollbacksTopicArn: notifications.topicArns.rollbacks,
    connectionArn: connection.arn,
    workerPrefix: names.workerPrefix,
    toolsDigest: tools.digest,
  };
};
