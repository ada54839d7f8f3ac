import { beforeAll, describe, expect, it } from "@jest/globals";
import { find, statements } from "./recording";
import { runProgram, type ProgramRun } from "./programRun";

const NAME = "kiro-pipeline-prod";
const FUNCTION = inPlace("lambda", `function:${NAME}-rollback`);
const QUEUE = inPlace("sqs", `${NAME}-rollback-dlq`);
const MAIN_KEY = inPlace("kms", "key/foundation-encryption-key");
const RULES = ["alarms", "stages", "builds", "canaries", "tick"];

describe("the rollback", () => {
  let resources: ProgramRun["resources"];
  beforeAll(async () => {
    ({ resources } = await runProgram());
  });

  it("is a function that knows what it acts on and by which rules", async () => {
    const { environment, code, ...inputs } = find(resources, "aws:lambda/function:Function", "rollback-function");
    expect(await (code as { readonly path: Promise<string> }).path).toBe("build/rollback");
    expect(inputs).toEqual({
      name: `${NAME}-rollback`,
      description: `Takes back releases of ${NAME}`,
      runtime: "nodejs22.x",
      handler: "index.handler",
      role: `arn:aws:iam::111111111111:role/${NAME}-rollback`,
      timeout: 900,
      memorySize: 512,
      kmsKeyArn: MAIN_KEY,
      deadLetterConfig: { targetArn: QUEUE },
      loggingConfig: { logFormat: "JSON", logGroup: `/aws/lambda/${NAME}-rollback` },
    });
    const { variables } = environment as { readonly variables: Readonly<Record<string, string>> };
    const { ENVIRONMENTS = "", ROLLBACK_RULES = "", ...plain } = variables;
    expect(plain).toEqual({
      INSTALLATION: "prod",
      PIPELINE_NAME: NAME,
      TABLE_NAME: `${NAME}-deployments`,
      RELEASES_BUCKET: `${NAME}-releases-111111111111`,
      DEPLOYMENTS_TOPIC_ARN: inPlace("sns", `${NAME}-deployments`),
      ROLLBACKS_TOPIC_ARN: inPlace("sns", `${NAME}-rollbacks`),
      NODE_OPTIONS: "--enable-source-maps",
    });
    const environmentPart = (name: string, watchWindowSeconds: number) => ({
      artifactsBucket: `kiro-worker-${name}-artifacts-111111111111`,
      workerProject: `kiro-worker-${name}`,
      alarmPrefix: `kiro-worker-${name}-`,
      deployProject: `${NAME}-deploy-${name}`,
      watchWindowSeconds,
    });
    expect(JSON.parse(ENVIRONMENTS)).toEqual({
      test: environmentPart("test", 1800),
      staging: { ...environmentPart("staging", 1800), budget: 8 },
      production: { ...environmentPart("production", 3600), budget: 4 },
    });
    expect(JSON.parse(ROLLBACK_RULES)).toEqual({
      budgetWindowSeconds: 86_400,
      settleSeconds: 60,
      graceSeconds: 120,
      longestValidationSeconds: 900,
    });
    // Lambda takes 4 KB of variables, names included.
    expect(JSON.stringify(variables).length).toBeLessThan(4096);
  });

  it("tries twice more, and never acts on what it caused itself in circles", () => {
    expect(
      find(resources, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "rollback-retries"),
    ).toEqual({ functionName: `${NAME}-rollback`, maximumRetryAttempts: 2 });
    expect(find(resources, "aws:lambda/functionRecursionConfig:FunctionRecursionConfig", "rollback-recursion")).toEqual(
      {
        functionName: `${NAME}-rollback`,
        recursiveLoop: "Terminate",
      },
    );
  });

  it.each(RULES)("is invoked by the rule for %s alone, and what it could not take is kept", (role) => {
    const name = `${NAME}-rollback-${role}`;
    const rule = find(resources, "aws:cloudwatch/eventRule:EventRule", `rollback-${role}`);
    expect(rule["name"]).toBe(name);
    expect(find(resources, "aws:lambda/permission:Permission", `rollback-${role}-permission`)).toEqual({
      function: `${NAME}-rollback`,
      statementId: name,
      action: "lambda:InvokeFunction",
      principal: "events.amazonaws.com",
      sourceArn: inPlace("events", `rule/${name}`),
    });
    expect(find(resources, "aws:cloudwatch/eventTarget:EventTarget", `rollback-${role}-target`)).toEqual({
      rule: name,
      targetId: "rollback",
      arn: FUNCTION,
      retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 3600 },
      deadLetterConfig: { arn: QUEUE },
    });
  });

  it("gives EventBridge its patterns as JSON, and the clock no pattern", () => {
    const rules = RULES.map((role) => find(resources, "aws:cloudwatch/eventRule:EventRule", `rollback-${role}`));
    const patterns = rules.map(({ eventPattern }) =>
      typeof eventPattern === "string" ? (JSON.parse(eventPattern) as { source: unknown }).source : eventPattern,
    );
    expect(patterns).toEqual([
      ["aws.cloudwatch"],
      ["aws.codepipeline"],
      ["aws.codebuild"],
      ["aws.codebuild"],
      undefined,
    ]);
    expect(rules.map(({ scheduleExpression }) => scheduleExpression).at(-1)).toBe("rate(1 minute)");
  });

  it("keeps dead letters for two weeks, encrypted, from its own rules alone and by TLS", () => {
    expect(find(resources, "aws:sqs/queue:Queue", "rollback-dlq-queue")).toEqual({
      name: `${NAME}-rollback-dlq`,
      messageRetentionSeconds: 1_209_600,
      kmsMasterKeyId: MAIN_KEY,
    });
    const { policy, queueUrl } = find(resources, "aws:sqs/queuePolicy:QueuePolicy", "rollback-dlq-policy");
    expect(queueUrl).toBe(`https://sqs.eu-west-1.amazonaws.com/111111111111/${NAME}-rollback-dlq`);
    expect(statements(policy)).toEqual([
      {
        Sid: "RefusePlainHttp",
        Effect: "Deny",
        Principal: "*",
        Action: "sqs:*",
        Resource: QUEUE,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      {
        Sid: "RulesLeaveWhatTheyCouldNotDeliver",
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: QUEUE,
        Condition: {
          ArnEquals: { "aws:SourceArn": RULES.map((role) => inPlace("events", `rule/${NAME}-rollback-${role}`)) },
        },
      },
    ]);
  });

  it("tells people when it is needed too often, and when something could not be taken", () => {
    const alarm = (role: string) => find(resources, "aws:cloudwatch/metricAlarm:MetricAlarm", `rollback-${role}-alarm`);
    const hourly = {
      namespace: "KiroPipeline",
      dimensions: { Pipeline: NAME },
      statistic: "Sum",
      period: 3600,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanThreshold",
      treatMissingData: "notBreaching",
    };
    expect(alarm("failures")).toEqual({
      ...hourly,
      name: `${NAME}-failures`,
      alarmDescription: `More than 3 stages of ${NAME} failed in an hour`,
      metricName: "PipelineFailures",
      threshold: 3,
      alarmActions: [inPlace("sns", `${NAME}-deployments`)],
    });
    expect(alarm("rollbacks")).toEqual({
      ...hourly,
      name: `${NAME}-rollbacks`,
      alarmDescription: `${NAME} took back more than 2 deployments in an hour`,
      metricName: "RollbackCount",
      threshold: 2,
      alarmActions: [inPlace("sns", `${NAME}-rollbacks`)],
    });
    expect(alarm("rollback-dlq-not-empty")).toEqual({
      name: `${NAME}-rollback-dlq-not-empty`,
      alarmDescription: `${NAME} could not take an event: look into ${NAME}-rollback-dlq`,
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: `${NAME}-rollback-dlq` },
      statistic: "Maximum",
      period: 60,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      treatMissingData: "notBreaching",
      alarmActions: [inPlace("sns", `${NAME}-rollbacks`)],
    });
  });

  it.each([
    ["deployments", ["failures"]],
    ["rollbacks", ["rollbacks", "rollback-dlq-not-empty"]],
  ])("lets its alarms publish to the topic of %s, and no other", (topic, alarms) => {
    const { policy } = find(resources, "aws:sns/topicPolicy:TopicPolicy", `notifications-${topic}-policy`);
    expect(statements(policy).filter(({ Effect }) => Effect === "Allow")).toEqual([
      {
        Sid: "AlarmsTellOfThemselves",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: inPlace("sns", `${NAME}-${topic}`),
        Condition: {
          StringEquals: { "aws:SourceAccount": "111111111111" },
          ArnEquals: { "aws:SourceArn": alarms.map((role) => inPlace("cloudwatch", `alarm:${NAME}-${role}`)) },
        },
      },
    ]);
  });

  it("lets nobody but roles publish to the topic of approvals", () => {
    const { policy } = find(resources, "aws:sns/topicPolicy:TopicPolicy", "notifications-approvals-policy");
    expect(statements(policy).map(({ Effect }) => Effect)).toEqual(["Deny"]);
  });
});

// Helpers

function inPlace(service: string, resource: string): string {
  return `arn:aws:${service}:eu-west-1:111111111111:${resource}`;
}
