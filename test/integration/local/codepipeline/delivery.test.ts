import {
  type ActionState,
  CreatePipelineCommand,
  type ExecutionTrigger,
  GetPipelineExecutionCommand,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  PutApprovalResultCommand,
  RetryStageExecutionCommand,
  StartPipelineExecutionCommand,
} from "@aws-sdk/client-codepipeline";
import { GetObjectCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { unzipSync } from "fflate";
import { setTimeout as sleep } from "node:timers/promises";
import { BUCKET, MAKE, PIPELINE_RIGHTS, pipelineOf, USE } from "./definition";
import { type Rig, startRig } from "./rig";

describe("a pipeline on the local cloud", () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig();
    await rig.project("make", MAKE);
    await rig.project("use", USE);
  }, 60_000);
  afterAll(() => rig.stop(), 60_000);

  it("runs at once when it is made, and fails for want of a commit and of rights, naming both", async () => {
    await rig.allow(["s3:PutObject"]);
    await rig.pipelines.send(new CreatePipelineCommand({ pipeline: pipelineOf(rig) }));
    const [first] = await ended(rig, 1);
    expect(first?.trigger).toMatchObject({ triggerType: "CreatePipeline" });
    expect(await failureOf(rig, "Source", "Source")).toMatch(/AccessDenied.*codeconnections:UseConnection/);

    await rig.allow(PIPELINE_RIGHTS);
    await retry(rig, "Source");
    await ended(rig, 1);
    expect(await failureOf(rig, "Source", "Source")).toBe(
      "[GitHub] No Branch [main] found for FullRepositoryName [acme/worker]",
    );
  }, 60_000);

  it("takes a pushed commit to the approval, asks the approvers, and on to the end", async () => {
    const commit = await rig.push("feat: first");
    const approval = await pendingApproval(rig);
    const [message = "{}"] = await rig.notifications();
    expect(JSON.parse(message)).toMatchObject({
      region: "us-east-1",
      approval: {
        pipelineName: "delivery",
        stageName: "Production",
        actionName: "Approve",
        token: approval.latestExecution?.token,
        externalEntityLink: `https://example.com/${commit}`,
        customData: expect.stringMatching(/^made 1-/),
      },
    });
    await approve(rig, approval);
    const [latest] = await ended(rig, 2);
    expect(latest).toMatchObject({ status: "Succeeded", trigger: { triggerType: "WebhookV2" } });

    const { pipelineExecution } = await rig.pipelines.send(
      new GetPipelineExecutionCommand({ pipelineName: "delivery", pipelineExecutionId: latest?.id }),
    );
    expect(pipelineExecution?.artifactRevisions).toMatchObject([{ name: "SourceOutput", revisionId: commit }]);
    const { actionExecutionDetails = [] } = await rig.pipelines.send(
      new ListActionExecutionsCommand({ pipelineName: "delivery", filter: { pipelineExecutionId: latest?.id } }),
    );
    expect(actionExecutionDetails.map((a) => [a.stageName, a.actionName, a.status])).toEqual([
      ["Production", "Use", "Succeeded"],
      ["Production", "Approve", "Succeeded"],
      ["Build", "Build", "Succeeded"],
      ["Source", "Source", "Succeeded"],
    ]);
    expect(actionExecutionDetails[2]?.output?.outputVariables).toEqual({ MADE: `1-${latest?.id}` });
    expect(actionExecutionDetails[3]?.output?.outputVariables).toMatchObject({
      CommitId: commit,
      CommitMessage: "feat: first",
      BranchName: "main",
      FullRepositoryName: "acme/worker",
      ConnectionArn: rig.connection,
    });

    const key = actionExecutionDetails[3]?.output?.outputArtifacts?.[0]?.s3location?.key ?? "";
    const s3 = new S3Client({ ...rig.options(), forcePathStyle: true });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    const files = unzipSync((await Body?.transformToByteArray()) ?? new Uint8Array());
    expect(JSON.parse(Buffer.from(files["clone-ref.json"] ?? []).toString("utf8"))).toEqual({
      connectionArn: rig.connection,
      repository: "acme/worker",
      branch: "main",
      commit,
    });
    const head = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: key }));
    expect(head.ServerSideEncryption).toBe("aws:kms");
  }, 90_000);

  it("does nothing for a push to another branch", async () => {
    await rig.push("chore: elsewhere", "feature");
    const { pipelineExecutionSummaries = [] } = await rig.pipelines.send(
      new ListPipelineExecutionsCommand({ pipelineName: "delivery" }),
    );
    expect(pipelineExecutionSummaries).toHaveLength(2);
  });

  it.each([
    ["codebuild:StartBuild", "Build", "Build"],
    ["codebuild:BatchGetBuilds", "Build", "Build"],
    ["s3:PutObject", "Source", "Source"],
  ])(
    "fails an action whose role lacks %s, and says so",
    async (missing, stage, action) => {
      await rig.allow(PIPELINE_RIGHTS.filter((right) => right !== missing));
      const executions = (await summaries(rig)).length;
      await start(rig);
      await ended(rig, executions + 1);
      expect(await failureOf(rig, stage, action)).toMatch(new RegExp(`${missing}.*AccessDenied`));
      await rig.allow(PIPELINE_RIGHTS);
    },
    60_000,
  );

  it("fails the approval when the approvers cannot be told", async () => {
    await rig.allow(PIPELINE_RIGHTS.filter((right) => right !== "sns:Publish"));
    const executions = (await summaries(rig)).length;
    await start(rig);
    await ended(rig, executions + 1);
    expect(await failureOf(rig, "Production", "Approve")).toMatch(
      /sns:Publish.*Authorization|sns:Publish.*AccessDenied/,
    );
    await rig.allow(PIPELINE_RIGHTS);
  }, 60_000);

  it("goes on after a restart of the cloud, with the approval that waited", async () => {
    const executions = (await summaries(rig)).length;
    await start(rig);
    const before = await pendingApproval(rig);
    await rig.restart();
    const after = await pendingApproval(rig);
    expect(after.latestExecution?.token).toBe(before.latestExecution?.token);
    await approve(rig, after);
    const [latest] = await ended(rig, executions + 1);
    expect(latest?.status).toBe("Succeeded");
  }, 90_000);

  it("answers the AWS CLI", async () => {
    const state = await rig.aws("codepipeline", "get-pipeline-state", "--name", "delivery");
    expect(state).toMatchObject({ pipelineName: "delivery", pipelineVersion: 1 });
    const listed = await rig.aws("codeconnections", "list-connections");
    expect(listed).toMatchObject({ Connections: [{ ConnectionArn: rig.connection, ConnectionStatus: "AVAILABLE" }] });
  }, 30_000);
});

// Helpers

interface Summary {
  readonly id: string | undefined;
  readonly status: string | undefined;
  readonly trigger: ExecutionTrigger | undefined;
}

async function summaries(rig: Rig): Promise<readonly Summary[]> {
  const { pipelineExecutionSummaries = [] } = await rig.pipelines.send(
    new ListPipelineExecutionsCommand({ pipelineName: "delivery" }),
  );
  return pipelineExecutionSummaries.map((s) => ({ id: s.pipelineExecutionId, status: s.status, trigger: s.trigger }));
}

/** Waits until so many executions have been started and all of them are over. */
async function ended(rig: Rig, count: number): Promise<readonly Summary[]> {
  return eventually(rig, async () => {
    const all = await summaries(rig);
    return all.length === count && all.every((s) => s.status !== "InProgress") ? all : undefined;
  });
}

async function actionState(rig: Rig, stage: string, action: string): Promise<ActionState | undefined> {
  const { stageStates = [] } = await rig.pipelines.send(new GetPipelineStateCommand({ name: "delivery" }));
  return stageStates.find((s) => s.stageName === stage)?.actionStates?.find((a) => a.actionName === action);
}

async function failureOf(rig: Rig, stage: string, action: string): Promise<string | undefined> {
  return (await actionState(rig, stage, action))?.latestExecution?.errorDetails?.message;
}

async function pendingApproval(rig: Rig): Promise<ActionState> {
  return eventually(rig, async () => {
    const state = await actionState(rig, "Production", "Approve");
    return state?.latestExecution?.token === undefined ? undefined : state;
  });
}

async function approve(rig: Rig, approval: ActionState): Promise<void> {
  await rig.pipelines.send(
    new PutApprovalResultCommand({
      pipelineName: "delivery",
      stageName: "Production",
      actionName: "Approve",
      token: approval.latestExecution?.token,
      result: { status: "Approved", summary: "fine" },
    }),
  );
}

async function retry(rig: Rig, stageName: string): Promise<void> {
  const [latest] = await summaries(rig);
  await rig.pipelines.send(
    new RetryStageExecutionCommand({
      pipelineName: "delivery",
      stageName,
      pipelineExecutionId: latest?.id,
      retryMode: "FAILED_ACTIONS",
    }),
  );
}

async function start(rig: Rig): Promise<void> {
  await rig.pipelines.send(new StartPipelineExecutionCommand({ name: "delivery" }));
}

async function eventually<T>(rig: Rig, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`it did not happen within 20 s; the cloud says:\n${rig.log()}`);
    await sleep(100);
  }
}
