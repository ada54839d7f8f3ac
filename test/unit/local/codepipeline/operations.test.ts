import { describe, expect, it } from "@jest/globals";
import { aws, invoke, openDesk, type Reply, restart } from "./desk";
import { approval, declare, source } from "./engine/world";
import { eventually } from "./standIn";

const ARN = "arn:aws:codepipeline:us-east-1:000000000000:delivery";
const SIMPLE = declare({
  stages: [
    { name: "Source", actions: [source("Source")] },
    { name: "Ship", actions: [approval("Approve")] },
  ],
});

openDesk();

describe("definitions", () => {
  it("are created once, read, changed by version, listed and deleted", async () => {
    const created = await invoke("CreatePipeline", { pipeline: SIMPLE, tags: [{ key: "a", value: "1" }] });
    expect(created).toMatchObject({ pipeline: { name: "delivery", version: 1 }, tags: [{ key: "a", value: "1" }] });
    await refused("CreatePipeline", { pipeline: SIMPLE }, "PipelineNameInUseException");
    const bigger = { ...SIMPLE, executionMode: "QUEUED" };
    expect(await invoke("UpdatePipeline", { pipeline: bigger })).toMatchObject({ pipeline: { version: 2 } });
    expect(await invoke("GetPipeline", { name: "delivery" })).toMatchObject({
      pipeline: { version: 2, executionMode: "QUEUED" },
      metadata: { pipelineArn: ARN, created: expect.any(Date), updated: expect.any(Date) },
    });
    expect(await invoke("GetPipeline", { name: "delivery", version: 1 })).toMatchObject({
      pipeline: { version: 1, executionMode: "SUPERSEDED", stages: [{ actions: [{ runOrder: 1 }] }, {}] },
    });
    await refused("GetPipeline", { name: "delivery", version: 3 }, "PipelineVersionNotFoundException");
    await invoke("CreatePipeline", { pipeline: { ...SIMPLE, name: "another" } });
    const { pipelines, nextToken } = await invoke("ListPipelines", { maxResults: 1 });
    expect(pipelines).toMatchObject([{ name: "another", version: 1, pipelineType: "V2" }]);
    expect(await invoke("ListPipelines", { nextToken })).toMatchObject({ pipelines: [{ name: "delivery" }] });
    await refused("ListPipelines", { nextToken: "what" }, "InvalidNextTokenException");
    await invoke("DeletePipeline", { name: "delivery" });
    await invoke("DeletePipeline", { name: "delivery" });
    await refused("GetPipeline", { name: "delivery" }, "PipelineNotFoundException");
  });

  it("are V1 and SUPERSEDED where they say nothing, and survive a restart", async () => {
    const { executionMode: mode, pipelineType: type, ...silent } = SIMPLE;
    expect([mode, type]).toEqual(["SUPERSEDED", "V2"]);
    await invoke("CreatePipeline", { pipeline: silent });
    await restart();
    expect(await invoke("GetPipeline", { name: "delivery" })).toMatchObject({
      pipeline: { executionMode: "SUPERSEDED", pipelineType: "V1" },
    });
  });

  it("are refused for what is wrong in them, in their role or in the name of their repository", async () => {
    await refused("CreatePipeline", { pipeline: { ...SIMPLE, executionMode: "PARALLEL" } }, "ValidationException");
    await refused("UpdatePipeline", { pipeline: SIMPLE }, "PipelineNotFoundException");
    aws.denied.add(SIMPLE.roleArn);
    await refused("CreatePipeline", { pipeline: SIMPLE }, "InvalidStructureException");
    aws.denied.clear();
    const configuration = { ConnectionArn: "c", FullRepositoryId: "../x", BranchName: "main" };
    const lost = {
      ...SIMPLE,
      stages: [{ name: "Source", actions: [source("Source", { configuration })] }, ...SIMPLE.stages.slice(1)],
    };
    await refused("CreatePipeline", { pipeline: lost }, "InvalidActionDeclarationException");
    await refused("RollbackStage", {}, "UnknownOperationException");
  });

  it("carry tags", async () => {
    await invoke("CreatePipeline", { pipeline: SIMPLE });
    await invoke("TagResource", {
      resourceArn: ARN,
      tags: [
        { key: "a", value: "1" },
        { key: "b", value: "2" },
      ],
    });
    await invoke("UntagResource", { resourceArn: ARN, tagKeys: ["a"] });
    expect(await invoke("ListTagsForResource", { resourceArn: ARN })).toEqual({ tags: [{ key: "b", value: "2" }] });
    const many = Array.from({ length: 50 }, (_, i) => ({ key: `k${i}`, value: "" }));
    await refused("TagResource", { resourceArn: ARN, tags: many }, "TooManyTagsException");
    await refused("TagResource", { resourceArn: ARN, tags: [{ key: "aws:x", value: "" }] }, "InvalidTagsException");
    await refused("ListTagsForResource", { resourceArn: `${ARN}x` }, "ResourceNotFoundException");
    await refused("ListTagsForResource", { resourceArn: "arn:aws:s3:::x" }, "InvalidArnException");
  });
});

describe("executions", () => {
  it("are listed newest first, page by page, whatever started meanwhile", async () => {
    await invoke("CreatePipeline", { pipeline: SIMPLE });
    await idle();
    for (let i = 0; i < 3; i += 1) {
      await invoke("StartPipelineExecution", { name: "delivery" });
      await idle();
    }
    const first = await invoke("ListPipelineExecutions", { pipelineName: "delivery", maxResults: 2 });
    const newest = await invoke("StartPipelineExecution", { name: "delivery" });
    await idle();
    const second = await invoke("ListPipelineExecutions", {
      pipelineName: "delivery",
      maxResults: 2,
      nextToken: first["nextToken"],
    });
    expect(second["nextToken"]).toBeUndefined();
    const ids = [first, second].flatMap((r) =>
      (r["pipelineExecutionSummaries"] as Reply[]).map((s) => s["pipelineExecutionId"]),
    );
    expect(new Set(ids).size).toBe(4);
    expect(ids).not.toContain(newest["pipelineExecutionId"]);

    const actions: unknown[] = [];
    let nextToken: unknown;
    do {
      const page = await invoke("ListActionExecutions", {
        pipelineName: "delivery",
        maxResults: 2,
        ...(nextToken === undefined ? {} : { nextToken }),
      });
      actions.push(...(page["actionExecutionDetails"] as Reply[]).map((a) => a["actionExecutionId"]));
      nextToken = page["nextToken"];
    } while (nextToken !== undefined);
    expect(new Set(actions).size).toBe(5);
    expect(actions).toHaveLength(5);
  });

  it("show what a retry did away with only when asked for all", async () => {
    await invoke("CreatePipeline", { pipeline: SIMPLE });
    await idle();
    const { pipelineExecutionSummaries } = await invoke("ListPipelineExecutions", { pipelineName: "delivery" });
    const pipelineExecutionId = (pipelineExecutionSummaries as Reply[])[0]?.["pipelineExecutionId"];
    const retry = { pipelineName: "delivery", stageName: "Source", pipelineExecutionId, retryMode: "ALL_ACTIONS" };
    expect(await invoke("RetryStageExecution", retry)).toEqual({ pipelineExecutionId });
    await idle();
    const count = async (filter: object) =>
      (
        (await invoke("ListActionExecutions", { pipelineName: "delivery", filter }))[
          "actionExecutionDetails"
        ] as Reply[]
      ).length;
    expect(await count({ latestInPipelineExecution: { pipelineExecutionId, startTimeRange: "Latest" } })).toBe(1);
    expect(await count({ latestInPipelineExecution: { pipelineExecutionId, startTimeRange: "All" } })).toBe(2);
    expect(await count({ pipelineExecutionId })).toBe(2);
    await refused(
      "ListActionExecutions",
      { pipelineName: "delivery", filter: { pipelineExecutionId: "x" } },
      "PipelineExecutionNotFoundException",
    );
    expect(await invoke("GetPipelineState", { name: "delivery" })).toMatchObject({
      stageStates: [{ retryStageMetadata: { manualStageRetryAttempt: 1 } }, {}],
    });
    await refused("RetryStageExecution", { ...retry, stageName: "Nowhere" }, "StageNotFoundException");
  });

  it("start once per request token, with declared variables and known sources only", async () => {
    await aws.commit("a.txt");
    const variables = [{ name: "who" }, { name: "dflt", defaultValue: "d" }];
    await invoke("CreatePipeline", { pipeline: { ...SIMPLE, variables } });
    await idle("Ship");
    const start = (more: object) => ({ name: "delivery", variables: [{ name: "who", value: "me" }], ...more });
    const once = await invoke("StartPipelineExecution", start({ clientRequestToken: "t-1" }));
    expect(await invoke("StartPipelineExecution", start({ clientRequestToken: "t-1" }))).toEqual(once);
    expect(await invoke("GetPipelineExecution", { pipelineName: "delivery", ...once })).toMatchObject({
      pipelineExecution: {
        pipelineVersion: 1,
        trigger: { triggerType: "StartPipelineExecution", triggerDetail: "arn:aws:iam::000000000000:user/someone" },
        variables: [
          { name: "who", resolvedValue: "me" },
          { name: "dflt", resolvedValue: "d" },
        ].reverse(),
      },
    });
    await refused(
      "GetPipelineExecution",
      { pipelineName: "delivery", pipelineExecutionId: "x" },
      "PipelineExecutionNotFoundException",
    );
    await refused("StartPipelineExecution", { name: "delivery" }, "ValidationException");
    await refused("StartPipelineExecution", start({ variables: [{ name: "x", value: "" }] }), "ValidationException");
    for (const bad of [
      { actionName: "X", revisionType: "COMMIT_ID", revisionValue: "0".repeat(40) },
      { actionName: "Source", revisionType: "IMAGE_DIGEST", revisionValue: "0".repeat(40) },
      { actionName: "Source", revisionType: "COMMIT_ID", revisionValue: "HEAD" },
    ]) {
      await refused("StartPipelineExecution", start({ sourceRevisions: [bad] }), "ValidationException");
    }
  });

  it("wait at a closed stage, as its state shows, and are listed by the stage they passed", async () => {
    await aws.commit("a.txt");
    await invoke("CreatePipeline", { pipeline: SIMPLE });
    const stage = { pipelineName: "delivery", stageName: "Ship", transitionType: "Inbound" };
    await invoke("DisableStageTransition", { ...stage, reason: "freeze" });
    const waiting = await eventually(async () => {
      const { stageStates } = await invoke("GetPipelineState", { name: "delivery" });
      const ship = (stageStates as Reply[])[1];
      return (ship?.["inboundExecutions"] as unknown[]).length > 0 ? ship : undefined;
    });
    expect(waiting).toMatchObject({
      inboundExecution: { status: "InProgress" },
      inboundTransitionState: {
        enabled: false,
        disabledReason: "freeze",
        lastChangedBy: aws.call.caller.arn,
        lastChangedAt: expect.any(Date),
      },
    });
    const passed = async (stageName: string) =>
      (
        await invoke("ListPipelineExecutions", {
          pipelineName: "delivery",
          filter: { succeededInStage: { stageName } },
        })
      )["pipelineExecutionSummaries"];
    expect([await passed("Source"), await passed("Ship")]).toMatchObject([[{}], []]);
    await invoke("EnableStageTransition", stage);
    await idle("Ship");
    await refused("EnableStageTransition", { ...stage, stageName: "Nowhere" }, "StageNotFoundException");
  });
});

// Helpers

async function refused(operation: string, input: object, code: string): Promise<void> {
  await expect(invoke(operation, input)).rejects.toMatchObject({ code });
}

/** Waits until nothing runs, or only the approval of this stage. */
async function idle(stage?: string): Promise<void> {
  await eventually(async () => {
    const { stageStates } = await invoke("GetPipelineState", { name: "delivery" });
    const running = (stageStates as { stageName: string; latestExecution?: Reply }[])
      .filter((s) => s.latestExecution?.["status"] === "InProgress")
      .map((s) => s.stageName);
    return running.join() === (stage ?? "") ? true : undefined;
  });
}
