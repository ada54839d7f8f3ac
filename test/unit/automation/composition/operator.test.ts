import { BatchGetBuildsCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import {
  CodePipelineClient,
  GetPipelineExecutionCommand,
  GetPipelineStateCommand,
  PutApprovalResultCommand,
} from "@aws-sdk/client-codepipeline";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DeleteMessageCommand, GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { DynamoDBDocumentClient, GetCommand, QueryCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "@jest/globals";
import {
  decide,
  dlqList,
  dlqRedrive,
  hold,
  lockBreak,
  lockShow,
  quarantineLift,
  quarantineList,
  resume,
  rollback,
  status,
} from "../../../../automation/composition/operator";
import { optional, s3Defaults, type Surroundings } from "../../../../automation/composition/surroundings";
import { RecordedProgress } from "../support/progress";

const pipelines = mockClient(CodePipelineClient);
const builds = mockClient(CodeBuildClient);
const table = mockClient(DynamoDBDocumentClient);
const sts = mockClient(STSClient);
const lambda = mockClient(LambdaClient);
const sqs = mockClient(SQSClient);
beforeEach(() => [pipelines, builds, table, sts, lambda, sqs].forEach((client) => client.reset()));

describe("the operator's commands, wired to AWS", () => {
  it("decide about the installation's own pipeline", async () => {
    const token = { actionName: "Approve", latestExecution: { status: "InProgress" as const, token: "t" } };
    pipelines
      .on(GetPipelineStateCommand, { name: "kiro-pipeline-test" })
      .resolves({ stageStates: [{ stageName: "ProductionEnv", actionStates: [token] }] });
    pipelines.on(PutApprovalResultCommand).resolves({});
    expect((await decide("reject", { installation: "test", reason: "not today" }, surroundings)).ending).toBe("ok");
  });

  it("read the installation's own table", async () => {
    pipelines.on(GetPipelineStateCommand).resolves({});
    table.on(GetCommand).resolves({});
    table.on(QueryCommand).resolves({ Items: [] });
    await status({ installation: "staging" }, surroundings);
    const tables = table.commandCalls(QueryCommand).map(({ args }) => args[0].input.TableName);
    expect(tables).toEqual(Array(3).fill("kiro-pipeline-staging-deployments"));
  });

  it("show and break a lock in the name of whoever calls", async () => {
    const lock = {
      deploymentId: "test#1",
      purpose: "deployment",
      token: 3,
      leaseUntil: 1,
      buildId: "deploy:1",
      pipelineExecutionId: "e1",
      since: 1,
    };
    table.on(GetCommand, { Key: { deploymentId: "state#test" } }).resolves({
      Item: { deploymentId: "state#test", environment: "test", token: 3, lock },
    });
    table.on(GetCommand, { Key: { deploymentId: "test#1" } }).resolves({});
    table.on(TransactWriteCommand).resolves({});
    builds.on(BatchGetBuildsCommand, { ids: ["deploy:1"] }).resolves({ builds: [{ buildStatus: "STOPPED" }] });
    pipelines.on(GetPipelineExecutionCommand).resolves({ pipelineExecution: { status: "Failed" } });
    sts.on(GetCallerIdentityCommand).resolves({ Arn: "arn:operator" });
    expect((await lockShow({ installation: "prod", environment: "test" }, surroundings)).document).toMatchObject({
      breakable: true,
    });
    const broken = await lockBreak({ installation: "prod", environment: "test", reason: "stuck" }, surroundings);
    expect(broken.document).toMatchObject({ broken: lock, by: "arn:operator", reason: "stuck" });
  });

  it("ask the installation's own function for a rollback in the name of whoever calls", async () => {
    sts.on(GetCallerIdentityCommand).resolves({ Arn: "arn:operator" });
    const text = JSON.stringify({ environment: "test", decision: { kind: "ignore", because: "nothing is live" } });
    const Payload = Object.assign(new Uint8Array(Buffer.from(text)), { transformToString: () => text });
    lambda.on(InvokeCommand, { FunctionName: "kiro-pipeline-staging-rollback" }).resolves({ Payload });
    const args = { installation: "staging", environment: "test", reason: "jobs are lost", dryRun: false } as const;
    expect((await rollback(args, surroundings)).ending).toBe("refused");
    const asked = lambda
      .commandCalls(InvokeCommand)
      .map(({ args: [{ input }] }) => JSON.parse(input.Payload as string) as object);
    expect(asked).toMatchObject([{ detail: { environment: "test", by: "arn:operator", dryRun: false } }]);
  });

  it("hold, resume and lift in the installation's own table", async () => {
    sts.on(GetCallerIdentityCommand).resolves({ Arn: "arn:operator" });
    const quarantine = [{ version: "c".repeat(40), deploymentId: "test#1", because: "bad", since: 1 }];
    const free = { deploymentId: "state#test", token: 3, quarantine };
    const frozen = { ...free, hold: { kind: "frozen", by: "test#1", because: "bad", since: 1 } };
    table.on(TransactWriteCommand).resolves({});
    table.on(GetCommand).resolvesOnce({ Item: free }).resolves({ Item: frozen });
    const args = { installation: "test", environment: "test", reason: "because" } as const;
    expect((await hold(args, surroundings)).document).toMatchObject({ hold: { by: "arn:operator" } });
    expect((await resume(args, surroundings)).document).toMatchObject({ lifted: frozen.hold, by: "arn:operator" });
    const lift = { ...args, version: "c".repeat(40) };
    expect((await quarantineLift(lift, surroundings)).document).toMatchObject({ lifted: quarantine[0] });
    const written = table
      .commandCalls(TransactWriteCommand)
      .flatMap(({ args: [{ input }] }) => input.TransactItems ?? []);
    expect(written.map(({ Update }) => Update?.TableName)).toEqual(Array(3).fill("kiro-pipeline-test-deployments"));
    expect((await quarantineList({ installation: "test", environment: "test" }, surroundings)).lines).toHaveLength(1);
    expect((await quarantineList({ installation: "test" }, surroundings)).lines).toHaveLength(3);
  });

  it("look at and empty the installation's own queue of dead letters", async () => {
    sqs.on(GetQueueUrlCommand, { QueueName: "kiro-pipeline-prod-rollback-dlq" }).resolves({ QueueUrl: "https://dlq" });
    const message = { MessageId: "m1", ReceiptHandle: "r1", Body: "{}", Attributes: { SentTimestamp: "1" } };
    const once = { Messages: [message] };
    sqs.on(ReceiveMessageCommand).resolvesOnce(once).resolvesOnce({}).resolvesOnce(once).resolves({});
    expect((await dlqList({ installation: "prod" }, surroundings)).lines).toHaveLength(1);
    lambda.on(InvokeCommand).resolves({});
    expect((await dlqRedrive({ installation: "prod" }, surroundings)).document).toEqual({ taken: ["m1"], left: [] });
    expect(sqs.commandCalls(DeleteMessageCommand)).toHaveLength(1);
  });

  it("need a region", async () => {
    await expect(status({ installation: "prod" }, { ...surroundings, env: {} })).rejects.toMatchObject({
      ending: "usage",
    });
  });
});

describe("clients", () => {
  it("address S3 by path only where an endpoint is named", () => {
    expect([s3Defaults({}).forcePathStyle, s3Defaults({ AWS_ENDPOINT_URL: "http://x" }).forcePathStyle]).toEqual([
      false,
      true,
    ]);
  });

  it("leave out what is empty", () => {
    expect([optional("a", "1"), optional("a", ""), optional("a", undefined)]).toEqual([{ a: "1" }, {}, {}]);
  });
});

// Helpers

const surroundings: Surroundings = {
  env: { AWS_REGION: "us-east-1" },
  cwd: "/",
  home: "/",
  temporary: "/tmp",
  bundleFolder: "/",
  progress: new RecordedProgress(),
  signal: new AbortController().signal,
  ask: async () => false,
};
