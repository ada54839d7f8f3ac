import { BatchGetBuildsCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import {
  CodePipelineClient,
  GetPipelineExecutionCommand,
  GetPipelineStateCommand,
  PutApprovalResultCommand,
} from "@aws-sdk/client-codepipeline";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { DynamoDBDocumentClient, GetCommand, QueryCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { decide, lockBreak, lockShow, status } from "../../../../automation/composition/operator";
import { optional, s3Defaults, type Surroundings } from "../../../../automation/composition/surroundings";
import { RecordedProgress } from "../support/progress";

const pipelines = mockClient(CodePipelineClient);
const builds = mockClient(CodeBuildClient);
const table = mockClient(DynamoDBDocumentClient);
const sts = mockClient(STSClient);
beforeEach(() => [pipelines, builds, table, sts].forEach((client) => client.reset()));

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
