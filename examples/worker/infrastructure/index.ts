/** Where the worker's jobs run in one environment: a CodeBuild project, its role, its log and its alarm. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "fs";
import { join } from "path";

const config = new pulumi.Config();
const environment = config.require("environment");
const accountId = config.require("accountId");
const artifactsBucket = config.require("artifactsBucket");
const releasesBucket = config.require("releasesBucket");
const kmsKeyArn = config.require("kmsKeyArn");

const name = `${config.require("workerPrefix")}-${environment}`;
/** A namespace for each environment, because an alarm must not see another environment's failures. */
const metricNamespace = `KiroWorker/${name}`;
/** Built by hand, so that a preview shows the policy whole although the log group is not there yet. */
const logArn = `arn:aws:logs:${aws.config.requireRegion()}:${accountId}:log-group:/aws/codebuild/${name}`;
const tags = { Project: "KiroWorker", Environment: environment, ManagedBy: "Pulumi" };

const logGroup = new aws.cloudwatch.LogGroup("log", {
  name: `/aws/codebuild/${name}`,
  retentionInDays: 90,
  kmsKeyId: kmsKeyArn,
  tags,
});

const role = new aws.iam.Role("job-role", {
  name: `${name}-job`,
  description: `Runs the worker's jobs in ${environment}`,
  permissionsBoundary: config.require("permissionsBoundaryArn"),
  assumeRolePolicy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "codebuild.amazonaws.com" },
        Action: "sts:AssumeRole",
        // AWS always says for whom it asks; "IfExists" is for clouds that do not.
        Condition: { StringEqualsIfExists: { "aws:SourceAccount": accountId } },
      },
    ],
  }),
  tags,
});

const rights = new aws.iam.RolePolicy("job-rights", {
  name: "job",
  role: role.name,
  policy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "FetchTheRelease",
        Effect: "Allow",
        Action: "s3:GetObject",
        Resource: [`arn:aws:s3:::${artifactsBucket}/current.json`, `arn:aws:s3:::${releasesBucket}/releases/*`],
      },
      { Sid: "ReadEncrypted", Effect: "Allow", Action: "kms:Decrypt", Resource: kmsKeyArn },
      {
        Sid: "WriteTheLog",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: [logArn, `${logArn}:*`],
      },
      {
        Sid: "CountFailedJobs",
        Effect: "Allow",
        Action: "cloudwatch:PutMetricData",
        // CloudWatch knows no resources here; the namespace, which AWS always tells, is the only limit it offers.
        Resource: "*",
        Condition: { StringEqualsIfExists: { "cloudwatch:namespace": metricNamespace } },
      },
    ],
  }),
});

const project = new aws.codebuild.Project(
  "jobs",
  {
    name,
    description: `Worker jobs in ${environment}, each by the live release`,
    serviceRole: role.arn,
    encryptionKey: kmsKeyArn,
    buildTimeout: 10,
    source: { type: "NO_SOURCE", buildspec: readFileSync(join(__dirname, "job-buildspec.yml"), "utf8") },
    artifacts: { type: "NO_ARTIFACTS" },
    environment: {
      type: "LINUX_CONTAINER",
      computeType: "BUILD_GENERAL1_SMALL",
      image: "aws/codebuild/standard:7.0",
      environmentVariables: [
        { name: "ARTIFACTS_BUCKET", value: artifactsBucket },
        { name: "RELEASES_BUCKET", value: releasesBucket },
        { name: "METRIC_NAMESPACE", value: metricNamespace },
      ],
    },
    logsConfig: { cloudwatchLogs: { groupName: logGroup.name } },
    tags,
  },
  { dependsOn: rights },
);

const alarm = new aws.cloudwatch.MetricAlarm("failed-jobs", {
  name: `${name}-failed-jobs`,
  alarmDescription: `A worker job failed in ${environment}`,
  namespace: metricNamespace,
  metricName: "FailedJobs",
  statistic: "Sum",
  period: 60,
  evaluationPeriods: 1,
  comparisonOperator: "GreaterThanOrEqualToThreshold",
  threshold: 1,
  // No job is no failure. Whether jobs run at all is what the canary shows.
  treatMissingData: "notBreaching",
  tags,
});

export const projectName = project.name;
export const alarmName = alarm.name;
