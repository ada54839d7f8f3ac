import { BatchGetBuildsCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import {
  CodePipelineClient,
  GetPipelineExecutionCommand,
  PipelineExecutionNotFoundException,
} from "@aws-sdk/client-codepipeline";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { awsHolderWatch } from "../../../../runtime/holders/awsHolderWatch";

const builds = mockClient(CodeBuildClient);
const executions = mockClient(CodePipelineClient);
const region = "us-east-1";
const watch = awsHolderWatch(new CodeBuildClient({ region }), new CodePipelineClient({ region }), "kiro-pipeline-prod");
const activity = () =>
  watch.activity({
    deploymentId: "test#1",
    purpose: "deployment",
    token: 1,
    leaseUntil: 0,
    buildId: "deploy:1",
    pipelineExecutionId: "e1",
    since: 0,
  });
beforeEach(() => {
  builds.reset();
  executions.reset();
});

describe("whether the holder of a lock can still act", () => {
  it.each([
    ["IN_PROGRESS", "InProgress", { build: "running", execution: "running" }],
    ["IN_PROGRESS", "Stopping", { build: "running", execution: "running" }],
    ["STOPPED", "Stopped", { build: "terminal", execution: "terminal" }],
    ["FAILED", "Superseded", { build: "terminal", execution: "terminal" }],
  ] as const)("is read from build (%s) and execution (%s)", async (buildStatus, status, expected) => {
    builds.on(BatchGetBuildsCommand, { ids: ["deploy:1"] }).resolves({ builds: [{ buildStatus }] });
    executions
      .on(GetPipelineExecutionCommand, { pipelineName: "kiro-pipeline-prod", pipelineExecutionId: "e1" })
      .resolves({ pipelineExecution: { status } });
    expect(await activity()).toEqual(expected);
  });

  it("is unknown where AWS does not know them", async () => {
    builds.on(BatchGetBuildsCommand).resolves({});
    executions
      .on(GetPipelineExecutionCommand)
      .rejectsOnce(new PipelineExecutionNotFoundException({ message: "no", $metadata: {} }))
      .resolves({});
    expect(await activity()).toEqual({ build: "unknown", execution: "unknown" });
    expect(await activity()).toEqual({ build: "unknown", execution: "unknown" });
  });

  it("is an error where it may not be read", async () => {
    builds.on(BatchGetBuildsCommand).resolves({});
    executions.on(GetPipelineExecutionCommand).rejects(new Error("AccessDenied"));
    await expect(activity()).rejects.toThrow("AccessDenied");
  });
});
