import {
  ApprovalAlreadyCompletedException,
  CodePipelineClient,
  GetPipelineStateCommand,
  InvalidApprovalTokenException,
  PutApprovalResultCommand,
} from "@aws-sdk/client-codepipeline";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { decideApproval } from "../../../../automation/operator/approval";
import { codePipelineApprovals, codePipelineStatus } from "../../../../automation/operator/codePipeline";
import { breakLock, showLock } from "../../../../automation/operator/lock";
import { showStatus } from "../../../../automation/operator/status";
import { deploy } from "../../../../automation/delivery/deploy";
import { settings, unasked, World } from "../support/delivery";

const pipelines = mockClient(CodePipelineClient);
const client = new CodePipelineClient({ region: "us-east-1" });
beforeEach(() => {
  pipelines.reset();
});

describe("an approval", () => {
  it("is given with the token read just before, which nobody gets to see", async () => {
    pipelines.on(GetPipelineStateCommand, { name: "kiro-pipeline-prod" }).resolves(waiting);
    pipelines.on(PutApprovalResultCommand).resolves({});
    const result = await decideApproval("prod", "approve", "looks good", codePipelineApprovals(client));
    expect(pipelines.commandCalls(PutApprovalResultCommand).map(({ args }) => args[0].input)).toEqual([
      {
        pipelineName: "kiro-pipeline-prod",
        stageName: "ProductionEnv",
        actionName: "Approve_Production_Deployment",
        token: "secret-token",
        result: { status: "Approved", summary: "looks good" },
      },
    ]);
    expect(result).toMatchObject({ ending: "ok", document: { executionId: "e1", verdict: "approved" } });
    expect(JSON.stringify(result)).not.toContain("secret-token");
  });

  it("is refused with a reason of at most 512 characters", async () => {
    pipelines.on(GetPipelineStateCommand).resolves(waiting);
    pipelines.on(PutApprovalResultCommand).resolves({});
    await decideApproval("prod", "reject", "x".repeat(600), codePipelineApprovals(client));
    expect(pipelines.commandCalls(PutApprovalResultCommand)[0]?.args[0].input.result).toEqual({
      status: "Rejected",
      summary: "x".repeat(512),
    });
    expect((await decideApproval("prod", "reject", undefined, codePipelineApprovals(client))).lines[0]).toContain(
      "Rejected with kiro-pipeline",
    );
  });

  it("that nobody waits for is refused", async () => {
    pipelines.on(GetPipelineStateCommand).resolves({ stageStates: [{ stageName: "Source", actionStates: [{}] }, {}] });
    expect(await decideApproval("prod", "approve", undefined, codePipelineApprovals(client))).toMatchObject({
      ending: "refused",
    });
  });

  it.each([
    [new ApprovalAlreadyCompletedException({ message: "done", $metadata: {} })],
    [new InvalidApprovalTokenException({ message: "old", $metadata: {} })],
  ])("that somebody else gave is refused", async (error) => {
    pipelines.on(GetPipelineStateCommand).resolves(waiting);
    pipelines.on(PutApprovalResultCommand).rejects(error);
    expect((await decideApproval("prod", "approve", undefined, codePipelineApprovals(client))).lines).toEqual([
      "ProductionEnv/Approve_Production_Deployment of kiro-pipeline-prod was decided by somebody else just now.",
    ]);
  });

  it("that is not permitted is an error", async () => {
    pipelines.on(GetPipelineStateCommand).resolves(waiting);
    pipelines.on(PutApprovalResultCommand).rejects(new Error("AccessDenied"));
    await expect(decideApproval("prod", "approve", undefined, codePipelineApprovals(client))).rejects.toThrow(
      "AccessDenied",
    );
  });
});

describe("status", () => {
  it("shows stages, environments and the last deployments with their reasons", async () => {
    pipelines.on(GetPipelineStateCommand).resolves({
      stageStates: [
        {
          stageName: "TestEnv",
          latestExecution: { pipelineExecutionId: "e1", status: "Failed" },
          actionStates: [
            {
              actionName: "Deploy",
              latestExecution: {
                status: "Failed",
                lastStatusChange: new Date("2026-01-02T03:04:05Z"),
                errorDetails: { message: "build failed" },
                externalExecutionUrl: "https://console",
              },
            },
            { actionName: "Verify" },
          ],
        },
      ],
    });
    const world = new World();
    world.failing = { step: "apply", error: new Error("AccessDenied: iam:CreateRole") };
    await expect(deploy(settings, unasked, world)).rejects.toThrow();
    const { document, lines } = await showStatus("prod", codePipelineStatus(client), world.deployments);
    const text = lines.join("\n");
    expect(text).toMatch(/TestEnv +│ Deploy +│ Failed +│ 2026-01-02T03:04:05.000Z/);
    expect(lines).toContain("TestEnv/Deploy: build failed");
    expect(text).toMatch(/test +│ none +│ none +│ none +│ test#/);
    expect(text).toContain("AccessDenied: iam:CreateRole");
    expect(document["environments"]).toEqual([
      expect.objectContaining({
        environment: "test",
        live: null,
        lastDeployment: expect.objectContaining({ status: "failed" }) as unknown,
      }),
      expect.objectContaining({ environment: "staging", lock: null, lastDeployment: null }),
      expect.objectContaining({ environment: "production", lastKnownGood: null }),
    ]);
    expect(document["stages"]).toMatchObject([
      {
        name: "TestEnv",
        status: "Failed",
        executionId: "e1",
        actions: [{ link: "https://console" }, { status: "none" }],
      },
    ]);
  });

  it("of a new installation says that nothing was deployed", async () => {
    pipelines.on(GetPipelineStateCommand).resolves({});
    const { lines } = await showStatus("prod", codePipelineStatus(client), new World().deployments);
    expect(lines.at(-1)).toBe("no deployments yet");
  });

  it("shows what is live", async () => {
    pipelines.on(GetPipelineStateCommand).resolves({});
    const world = new World();
    await deploy(settings, unasked, world);
    expect((await showStatus("prod", codePipelineStatus(client), world.deployments)).lines.join("\n")).toMatch(
      /test +│ aaaaaaaa/,
    );
  });
});

describe("the lock of an environment, for its operator", () => {
  it("is shown with its holder and whether it may be broken", async () => {
    const world = new World();
    expect((await showLock("test", world)).lines).toEqual(["the lock of test is free"]);
    await deploy(settings, unasked, world);
    expect((await showLock("test", world)).lines.at(-1)).toBe(
      "  it may not be broken: its execution is still running and its build is still running",
    );
    world.activity = { build: "terminal", execution: "terminal" };
    expect((await showLock("test", world)).document).toMatchObject({ environment: "test", breakable: true });
  });

  it("is broken only when nobody is left who could act under it, and that is recorded", async () => {
    const world = new World();
    await deploy(settings, unasked, world);
    const refused = await breakLock("test", "arn:operator", "stuck", world);
    expect([refused.ending, refused.lines[0]]).toEqual(["refused", expect.stringContaining("still running")]);
    world.activity = { build: "terminal", execution: "terminal" };
    expect(await breakLock("test", "arn:operator", "stuck", world)).toMatchObject({ ending: "ok" });
    expect(await world.table.record(world.exported["DEPLOYMENT_ID"] ?? "")).toMatchObject({
      status: "failed",
      lockBroken: { by: "arn:operator", because: "stuck" },
    });
    expect((await breakLock("test", "arn:operator", "stuck", world)).lines).toEqual([
      "the lock of test is free already",
    ]);
  });

  it("that was freed meanwhile is free", async () => {
    const world = new World();
    await deploy(settings, unasked, world);
    const { lock } = await world.table.state("test");
    const deployments = {
      environmentState: () => world.deployments.environmentState("test"),
      breakLock: async () => ({ kind: "not-locked" }) as const,
    };
    expect(lock).toBeDefined();
    expect(
      (await breakLock("test", "arn:operator", "stuck", { ...world, deployments, holders: world.holders })).lines[0],
    ).toContain("free already");
  });
});

// Helpers

const waiting = {
  stageStates: [
    { stageName: "Build", actionStates: [{ actionName: "Build", latestExecution: { status: "Succeeded" as const } }] },
    {
      stageName: "ProductionEnv",
      latestExecution: { pipelineExecutionId: "e1", status: "InProgress" as const },
      actionStates: [
        {
          actionName: "Approve_Production_Deployment",
          latestExecution: { status: "InProgress" as const, token: "secret-token", lastStatusChange: new Date(0) },
        },
      ],
    },
  ],
};
