import {
  CodePipelineClient,
  CodePipelineServiceException,
  StopPipelineExecutionCommand,
} from "@aws-sdk/client-codepipeline";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { awsExecutions } from "../../../../runtime/rollback/awsExecutions";

const pipelines = mockClient(CodePipelineClient);
const executions = awsExecutions(new CodePipelineClient({ region: "us-east-1" }), "kiro-pipeline-prod");
const refusal = (name: string) =>
  new CodePipelineServiceException({ name, message: name, $fault: "client", $metadata: {} });
beforeEach(() => {
  pipelines.reset();
  pipelines.on(StopPipelineExecutionCommand).resolves({});
});

describe("an execution", () => {
  it("is abandoned with the reason, as long as CodePipeline takes it", async () => {
    await executions.stop("e1", "x".repeat(300));
    expect(pipelines.commandCalls(StopPipelineExecutionCommand).map(({ args }) => args[0].input)).toEqual([
      {
        pipelineName: "kiro-pipeline-prod",
        pipelineExecutionId: "e1",
        abandon: true,
        reason: "x".repeat(200),
      },
    ]);
  });

  it.each([
    ["has ended", "PipelineExecutionNotStoppableException"],
    ["is stopping already", "DuplicatedStopRequestException"],
    ["is forgotten", "PipelineExecutionNotFoundException"],
  ])("that %s is fine", async (_, name) => {
    pipelines.on(StopPipelineExecutionCommand).rejects(refusal(name));
    await expect(executions.stop("e1", "an alarm")).resolves.toBeUndefined();
  });

  it.each([refusal("ConflictException"), new Error("no connection")])(
    "that may go on is an error: %s",
    async (error) => {
      pipelines.on(StopPipelineExecutionCommand).rejects(error);
      await expect(executions.stop("e1", "an alarm")).rejects.toBe(error);
    },
  );
});
