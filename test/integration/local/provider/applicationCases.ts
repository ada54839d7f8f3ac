/** Cases of what runs and what watches: functions, queues, rules, alarms, secrets. */

import { codeOf, type Case, type Ground } from "./case";

const consume = (queue: string, sid: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: sid,
        Effect: "Allow",
        Principal: { Service: "sns.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queue,
      },
    ],
  });

const dashboardOf = (title: string): string =>
  JSON.stringify({
    widgets: [
      { type: "metric", x: 0, y: 0, width: 6, height: 6, properties: { title, metrics: [["AWS/Lambda", "Errors"]] } },
    ],
  });

export const applications = (ground: Ground): readonly Case[] => [
  {
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    inputs: {
      name: "case-alarm",
      comparisonOperator: "GreaterThanThreshold",
      evaluationPeriods: 1,
      metricName: "FailedJobs",
      namespace: "Case",
      period: 60,
      statistic: "Sum",
      threshold: 1,
      treatMissingData: "notBreaching",
      alarmActions: [ground.topic],
      dimensions: { Project: "one" },
      tags: { A: "1" },
    },
    update: { threshold: 3, alarmDescription: "three", dimensions: { Project: "two" }, tags: { B: "2" } },
    replace: { name: "case-alarm-2" },
    bare: {
      name: "case-alarm",
      comparisonOperator: "GreaterThanThreshold",
      evaluationPeriods: 1,
      metricName: "Other",
      namespace: "Case",
      period: 300,
      statistic: "Average",
    },
    outputs: ["arn"],
    id: "case-alarm",
  },
  {
    type: "aws:cloudwatch/dashboard:Dashboard",
    inputs: { dashboardName: "case", dashboardBody: dashboardOf("one") },
    update: { dashboardBody: dashboardOf("two") },
    replace: { dashboardName: "case-2" },
    outputs: ["dashboardArn"],
    id: "case",
  },
  {
    type: "aws:sqs/queue:Queue",
    inputs: { name: "case-queue", kmsMasterKeyId: ground.keyArn, messageRetentionSeconds: 1209600, tags: { A: "1" } },
    update: {
      visibilityTimeoutSeconds: 60,
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: ground.queueArn, maxReceiveCount: 3 }),
      tags: { B: "2" },
    },
    replace: { name: "case-queue-2" },
    bare: { name: "case-queue" },
    outputs: ["arn", "url"],
  },
  {
    type: "aws:sqs/queuePolicy:QueuePolicy",
    inputs: { queueUrl: ground.queueUrl, policy: consume(ground.queueArn, "One") },
    update: { policy: consume(ground.queueArn, "Two") },
    outputs: [],
    id: ground.queueUrl,
  },
  {
    type: "aws:lambda/function:Function",
    inputs: {
      name: "case-function",
      role: ground.roleArn,
      runtime: "nodejs22.x",
      handler: "index.handler",
      code: codeOf("exports.handler = async () => 1;"),
      environment: { variables: { A: "1" } },
      reservedConcurrentExecutions: 1,
      tags: { A: "1" },
    },
    update: {
      code: codeOf("exports.handler = async () => 22;"),
      environment: { variables: { A: "2" } },
      timeout: 30,
      memorySize: 256,
      reservedConcurrentExecutions: 2,
      tags: { B: "2" },
    },
    replace: { name: "case-function-2" },
    bare: {
      name: "case-function",
      role: ground.roleArn,
      runtime: "nodejs22.x",
      handler: "index.handler",
      code: codeOf("exports.handler = async () => 3;"),
    },
    outputs: ["arn", "invokeArn", "codeSha256", "version"],
    id: "case-function",
  },
  {
    type: "aws:lambda/permission:Permission",
    inputs: {
      statementId: "case",
      action: "lambda:InvokeFunction",
      function: ground.functionName,
      principal: "events.amazonaws.com",
      sourceArn: "arn:aws:events:us-east-1:000000000000:rule/case",
    },
    replace: { sourceArn: "arn:aws:events:us-east-1:000000000000:rule/other" },
    outputs: [],
    id: "case",
    importId: `${ground.functionName}/case`,
  },
  {
    type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    inputs: {
      functionName: ground.functionName,
      maximumRetryAttempts: 1,
      maximumEventAgeInSeconds: 600,
      destinationConfig: { onFailure: { destination: ground.queueArn } },
    },
    update: { maximumRetryAttempts: 0 },
    bare: { functionName: ground.functionName },
    outputs: [],
    id: ground.functionName,
  },
  {
    type: "aws:lambda/functionRecursionConfig:FunctionRecursionConfig",
    inputs: { functionName: ground.functionName, recursiveLoop: "Allow" },
    update: { recursiveLoop: "Terminate" },
    outputs: [],
    id: ground.functionName,
    stays: true,
  },
  {
    type: "aws:cloudwatch/eventRule:EventRule",
    inputs: {
      name: "case-rule",
      description: "one",
      eventPattern: JSON.stringify({ source: ["aws.codepipeline"] }),
      tags: { A: "1" },
    },
    update: { description: "two", state: "DISABLED", tags: { B: "2" } },
    replace: { name: "case-rule-2" },
    bare: { name: "case-rule", scheduleExpression: "rate(1 day)", isEnabled: false },
    outputs: ["arn"],
    id: "case-rule",
  },
  {
    type: "aws:cloudwatch/eventTarget:EventTarget",
    inputs: {
      rule: ground.rule,
      targetId: "case",
      arn: ground.queueArn,
      retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 60 },
    },
    update: { input: JSON.stringify({ say: "hello" }) },
    replace: { targetId: "other" },
    bare: {
      rule: ground.rule,
      targetId: "case",
      arn: ground.queueArn,
      inputTransformer: { inputPaths: { a: "$.a" }, inputTemplate: '"<a>"' },
      deadLetterConfig: { arn: ground.queueArn },
    },
    outputs: [],
    id: `default/${ground.rule}/case`,
  },
  {
    type: "aws:secretsmanager/secret:Secret",
    inputs: { name: "case/secret", description: "one", recoveryWindowInDays: 0, tags: { A: "1" } },
    update: { description: "two", tags: { B: "2" } },
    replace: { name: "case/secret-2" },
    bare: { name: "case/secret", recoveryWindowInDays: 0 },
    outputs: ["arn"],
  },
  {
    type: "aws:secretsmanager/secretVersion:SecretVersion",
    inputs: { secretId: ground.secret, secretString: "hush" },
    replace: { secretString: "hush hush" },
    outputs: ["arn", "versionId"],
    stays: true,
  },
];
