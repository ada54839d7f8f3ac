import { describe, expect, it } from "@jest/globals";
import { aws, invoke, openDesk } from "./desk";
import { approval, declare, source } from "./engine/world";

const ARN = "arn:aws:codepipeline:us-east-1:000000000000:delivery";
const SIMPLE = declare({
  stages: [
    { name: "Source", actions: [source("Source")] },
    { name: "Ship", actions: [approval("Approve")] },
  ],
});

openDesk();

describe("permissions", () => {
  const EXECUTION = { pipelineName: "delivery", pipelineExecutionId: "x" };
  const STAGE = { pipelineName: "delivery", stageName: "Ship" };
  it.each<[string, object, string]>([
    ["CreatePipeline", { pipeline: { ...SIMPLE, name: "new" } }, ARN.replace("delivery", "new")],
    ["UpdatePipeline", { pipeline: SIMPLE }, ARN],
    ["DeletePipeline", { name: "delivery" }, ARN],
    ["GetPipeline", { name: "delivery" }, ARN],
    ["GetPipelineState", { name: "delivery" }, ARN],
    ["ListPipelines", {}, ARN.replace("delivery", "*")],
    ["StartPipelineExecution", { name: "delivery" }, ARN],
    ["StopPipelineExecution", EXECUTION, ARN],
    ["GetPipelineExecution", EXECUTION, ARN],
    ["ListPipelineExecutions", EXECUTION, ARN],
    ["ListActionExecutions", EXECUTION, ARN],
    ["RetryStageExecution", { ...EXECUTION, stageName: "Ship" }, `${ARN}/Ship`],
    ["EnableStageTransition", STAGE, `${ARN}/Ship`],
    ["DisableStageTransition", STAGE, `${ARN}/Ship`],
    ["PutApprovalResult", { ...STAGE, actionName: "Approve" }, `${ARN}/Ship/Approve`],
    ["TagResource", { resourceArn: ARN, tags: [] }, ARN],
    ["UntagResource", { resourceArn: ARN, tagKeys: [] }, ARN],
    ["ListTagsForResource", { resourceArn: ARN }, ARN],
  ])("%s asks for its own right on what it touches", async (operation, input, resource) => {
    await invoke("CreatePipeline", { pipeline: SIMPLE });
    aws.denied.add(`codepipeline:${operation}`);
    await expect(invoke(operation, input)).rejects.toThrow(`not authorized: codepipeline:${operation} on ${resource}`);
  });

  it("to pass the role and to tag are asked for, too", async () => {
    aws.denied.add("iam:PassRole");
    await expect(invoke("CreatePipeline", { pipeline: SIMPLE })).rejects.toThrow(`iam:PassRole on ${SIMPLE.roleArn}`);
    aws.denied.add("codepipeline:TagResource");
    await expect(invoke("CreatePipeline", { pipeline: SIMPLE, tags: [{ key: "a", value: "" }] })).rejects.toThrow(
      "codepipeline:TagResource",
    );
  });
});
