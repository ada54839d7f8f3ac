import { afterAll, afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type StageDeclaration } from "../../../../local/codepipeline/engine/declaration";
import { type LocalService } from "../../../../local/services/contract";
import { removeTemporary } from "../../../support/temporary";
import { approval, build, declare, source } from "./engine/world";
import { eventually, StandIn } from "./standIn";

type Reply = Record<string, unknown>;

let aws: StandIn;
let service: LocalService & { pushed(p: { repository: string; branch: string; commit: string }): Promise<void> };

beforeEach(async () => {
  aws = await StandIn.open();
  service = await aws.service();
});
afterEach(async () => {
  await service.stop();
  await aws.close();
});
afterAll(removeTemporary);

describe("a build action", () => {
  it("starts a build on the input artifact and hands its exported variables on", async () => {
    await aws.commit("a.txt");
    const environment = JSON.stringify([{ name: "COMMIT", value: "#{Source.CommitId}" }]);
    const first = build("Build", {
      namespace: "Build",
      outputArtifacts: [{ name: "BuildOutput" }],
      configuration: { ProjectName: "make", EnvironmentVariables: environment },
    });
    const second = build("Use", {
      inputArtifacts: [{ name: "BuildOutput" }],
      configuration: {
        ProjectName: "use",
        EnvironmentVariables: `[{"name":"M","value":"#{Build.MADE}","type":"PLAINTEXT"}]`,
      },
    });
    await create([
      { name: "Build", actions: [first] },
      { name: "Use", actions: [second] },
    ]);
    await eventually(() => aws.builds.get("make:1"));
    await eventually(() => (aws.listening > 0 ? true : undefined));
    aws.endBuild("make:1", { buildStatus: "SUCCEEDED", exportedEnvironmentVariables: [{ name: "MADE", value: "m" }] });
    await eventually(() => aws.builds.get("use:2"));
    aws.endBuild("use:2", { buildStatus: "SUCCEEDED" });
    await eventually(async () => ((await latest()).status === "Succeeded" ? true : undefined));

    const [made, used] = aws.starts;
    const input = String(made?.["sourceLocationOverride"]);
    expect(aws.objects.has(`/${input}`)).toBe(true);
    expect(made).toMatchObject({
      projectName: "make",
      sourceTypeOverride: "S3",
      sourceLocationOverride: expect.stringMatching(/^artifacts\/delivery\/SourceOutput\/\w+\.zip$/),
      artifactsOverride: {
        type: "S3",
        location: "artifacts",
        path: "delivery/BuildOutput",
        name: expect.stringMatching(/^\w+\.zip$/),
        packaging: "ZIP",
        namespaceType: "NONE",
      },
      environmentVariablesOverride: [
        { name: "COMMIT", value: expect.stringMatching(/^[0-9a-f]{40}$/), type: "PLAINTEXT" },
      ],
    });
    expect(used).toMatchObject({
      artifactsOverride: { type: "NO_ARTIFACTS" },
      environmentVariablesOverride: [{ name: "M", value: "m", type: "PLAINTEXT" }],
    });
    expect(aws.events.map((e) => e.detailType)).toContain("CodePipeline Action Execution State Change");
    expect(aws.events[0]).toMatchObject({
      source: "aws.codepipeline",
      resources: ["arn:aws:codepipeline:us-east-1:000000000000:delivery"],
      detail: { pipeline: "delivery", state: "STARTED", version: 1 },
    });
  });

  it("fails in the words of the phase that failed", async () => {
    await toBuild();
    aws.endBuild("make:1", {
      buildStatus: "FAILED",
      phases: [
        { phaseType: "INSTALL", phaseStatus: "SUCCEEDED" },
        {
          phaseType: "BUILD",
          phaseStatus: "FAILED",
          contexts: [{ statusCode: "COMMAND_EXECUTION_ERROR", message: "exit 3" }],
        },
      ],
    });
    expect(await failure("Build", "Build")).toEqual({
      code: "JobFailed",
      message: "Build terminated with state: FAILED. Phase: BUILD, Code: COMMAND_EXECUTION_ERROR, Message: exit 3",
    });
  });

  it("fails when the build is gone, or never told why", async () => {
    await toBuild();
    aws.endBuild("make:1", { buildStatus: "STOPPED" });
    expect(await failure("Build", "Build")).toMatchObject({ message: "Build terminated with state: STOPPED" });
    await invoke("StartPipelineExecution", { name: "delivery" });
    await eventually(() => aws.builds.get("make:2"));
    aws.builds.delete("make:2");
    expect(await failure("Build", "Build")).toMatchObject({ message: "The build make:2 does not exist any more." });
  });

  it.each([
    [`[{"name":"A"}]`, /EnvironmentVariables is not a JSON list of/],
    [`[{"name":"A","value":"v","type":"SECRET"}]`, /EnvironmentVariables is not a JSON list of/],
  ])("fails on environment variables that are none: %s", async (EnvironmentVariables, message) => {
    await aws.commit("a.txt");
    await create([
      { name: "Build", actions: [build("Build", { configuration: { ProjectName: "make", EnvironmentVariables } })] },
    ]);
    expect(await failure("Build", "Build")).toMatchObject({
      code: "ConfigurationError",
      message: expect.stringMatching(message),
    });
  });

  it("is left alone when abandoned, and its end changes nothing", async () => {
    await toBuild();
    const { pipelineExecutionId } = await latest();
    await invoke("StopPipelineExecution", {
      pipelineName: "delivery",
      pipelineExecutionId,
      abandon: true,
      reason: "now",
    });
    await eventually(() => (aws.listening === 0 ? true : undefined));
    aws.endBuild("make:1", { buildStatus: "SUCCEEDED" });
    expect(await latest()).toMatchObject({ status: "Stopped", stopTrigger: { reason: "now" } });
    expect(await action("Build", "Build")).toMatchObject({ status: "Abandoned", externalExecutionId: "make:1" });
  });

  it("is followed again after a restart, without a second build", async () => {
    await toBuild();
    await service.stop();
    aws.builds.set("make:1", { buildStatus: "SUCCEEDED" });
    service = await aws.service();
    await eventually(async () => ((await latest()).status === "Succeeded" ? true : undefined));
    expect(aws.starts).toHaveLength(1);
  });
});

describe("a source action", () => {
  it("stores the commit's files when asked for a plain zip", async () => {
    const commit = await aws.commit("plain.txt");
    await create([{ name: "Build", actions: [build("Build")] }]);
    const run = await eventually(async () =>
      (await action("Source", "Source"))["status"] === "Succeeded" ? action("Source", "Source") : undefined,
    );
    expect(run).toMatchObject({ externalExecutionId: commit });
    expect([...aws.objects.values()][0]?.subarray(0, 2).toString("latin1")).toBe("PK");
  });

  it("takes the commit it is told, and refuses one that does not exist", async () => {
    const first = await aws.commit("a.txt");
    await aws.commit("b.txt");
    await create([{ name: "Ship", actions: [approval("Approve")] }]);
    await begin([{ actionName: "Source", revisionType: "COMMIT_ID", revisionValue: first }]);
    await eventually(async () => ((await latest()).sourceRevisions?.[0]?.revisionId === first ? true : undefined));
    await begin([{ actionName: "Source", revisionType: "COMMIT_ID", revisionValue: "0".repeat(40) }]);
    expect(await failure("Source", "Source")).toMatchObject({
      message: expect.stringContaining(`No Commit [${"0".repeat(40)}]`),
    });
  });

  it("fails when the role may not use the connection, or cannot be assumed", async () => {
    await aws.commit("a.txt");
    aws.denied.add("UseConnection");
    await create([{ name: "Ship", actions: [approval("Approve")] }]);
    expect(await failure("Source", "Source")).toMatchObject({
      code: "PermissionError",
      message: expect.stringContaining("codeconnections:UseConnection"),
    });
    aws.denied.add("arn:aws:iam::000000000000:role/delivery");
    await invoke("StartPipelineExecution", { name: "delivery" });
    expect(await failure("Source", "Source", "ConfigurationError")).toMatchObject({
      message: expect.stringContaining("not authorized to perform AssumeRole"),
    });
  });
});

describe("an approval", () => {
  it("without a topic waits silently; its token answers it", async () => {
    await aws.commit("a.txt");
    await create([{ name: "Ship", actions: [approval("Approve")] }]);
    const { token } = await eventually(async () => {
      const state = await action("Ship", "Approve");
      return state["token"] === undefined ? undefined : state;
    });
    expect(aws.published).toEqual([]);
    const result = { status: "Rejected", summary: "no" };
    const put = { pipelineName: "delivery", stageName: "Ship", actionName: "Approve", result };
    await expect(invoke("PutApprovalResult", { ...put, token: "x" })).rejects.toMatchObject({
      code: "InvalidApprovalTokenException",
    });
    await expect(invoke("PutApprovalResult", { ...put, actionName: "Nope", token })).rejects.toMatchObject({
      code: "ActionNotFoundException",
    });
    expect(await invoke("PutApprovalResult", { ...put, token })).toEqual({ approvedAt: expect.any(Date) });
    expect(await latest()).toMatchObject({ status: "Failed" });
  });

  it("expires by the clock of the service, over a restart", async () => {
    await aws.commit("a.txt");
    await create([
      {
        name: "Ship",
        actions: [
          approval("Approve", {
            timeoutInMinutes: 5,
            configuration: { NotificationArn: "arn:aws:sns:us-east-1:000000000000:t" },
          }),
        ],
      },
    ]);
    const message = await eventually(() => aws.published[0]);
    expect(JSON.parse(message)).toMatchObject({
      approval: {
        externalEntityLink: null,
        customData: null,
        expires: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/),
      },
    });
    await service.stop();
    const now = Date.now;
    Date.now = () => now() + 301_000;
    try {
      service = await aws.service();
    } finally {
      Date.now = now;
    }
    expect(await failure("Ship", "Approve")).toMatchObject({ message: "The approval action has expired." });
    expect(aws.published).toHaveLength(1);
  });
});

describe("a push", () => {
  it("starts the pipelines that watch the branch, with the pushed commit", async () => {
    await create([{ name: "Ship", actions: [approval("Approve")] }]);
    await eventually(async () => ((await latest()).status === "Failed" ? true : undefined));
    const commit = await aws.commit("a.txt");
    await service.pushed({ repository: "acme/worker", branch: "main", commit });
    await service.pushed({ repository: "acme/worker", branch: "other", commit });
    const execution = await eventually(async () => ((await latest()).sourceRevisions?.[0] ? latest() : undefined));
    expect(execution).toMatchObject({
      trigger: { triggerType: "WebhookV2" },
      sourceRevisions: [{ revisionId: commit }],
    });
    const { pipelineExecutionSummaries } = await invoke("ListPipelineExecutions", { pipelineName: "delivery" });
    expect(pipelineExecutionSummaries).toHaveLength(2);
  });

  it("is refused when it is none", async () => {
    await aws.commit("a.txt");
    const push = { repository: "acme/worker", branch: "main", commit: "0".repeat(40) };
    await expect(service.pushed({ ...push, commit: "HEAD" })).rejects.toThrow("is not the id of a commit");
    await expect(service.pushed({ ...push, branch: "--upload-pack=x" })).rejects.toThrow("is not the name of a branch");
    await expect(service.pushed({ ...push, repository: "../../etc" })).rejects.toThrow(
      "is not the name of a repository",
    );
  });

  it("that one pipeline cannot take is told, and still starts the others", async () => {
    const commit = await aws.commit("a.txt");
    await create([{ name: "Ship", actions: [approval("Approve")] }], { executionMode: "QUEUED" });
    for (let i = 0; i < 49; i += 1) await invoke("StartPipelineExecution", { name: "delivery" });
    await create([{ name: "Ship", actions: [approval("Approve")] }], { name: "other" });
    await expect(service.pushed({ repository: "acme/worker", branch: "main", commit })).rejects.toThrow(
      "1 pipeline(s) did not start",
    );
    const { pipelineExecutionSummaries } = await invoke("ListPipelineExecutions", { pipelineName: "other" });
    expect(pipelineExecutionSummaries).toHaveLength(2);
  });
});

// Helpers

async function invoke(operation: string, input: object): Promise<Reply> {
  return (await service.handle(operation, input, aws.call)) as Reply;
}

async function create(stages: readonly StageDeclaration[], change = {}): Promise<void> {
  const pipeline = declare({ stages: [{ name: "Source", actions: [source("Source")] }, ...stages], ...change });
  await invoke("CreatePipeline", { pipeline });
}

/** A pipeline whose build has been started, and is being followed. */
async function toBuild(): Promise<void> {
  await aws.commit("a.txt");
  await create([{ name: "Build", actions: [build("Build", { configuration: { ProjectName: "make" } })] }]);
  await eventually(() => aws.builds.get("make:1"));
  await eventually(() => (aws.listening > 0 ? true : undefined));
}

const begin = (sourceRevisions: object[]) => invoke("StartPipelineExecution", { name: "delivery", sourceRevisions });

interface Latest {
  readonly pipelineExecutionId: string;
  readonly status: string;
  readonly sourceRevisions?: { revisionId: string }[];
}

async function latest(): Promise<Latest> {
  const { pipelineExecutionSummaries } = await invoke("ListPipelineExecutions", { pipelineName: "delivery" });
  const [first] = pipelineExecutionSummaries as Latest[];
  if (first === undefined) throw new Error("nothing ran");
  return first;
}

async function action(stage: string, name: string): Promise<Reply> {
  const { stageStates } = await invoke("GetPipelineState", { name: "delivery" });
  const states = stageStates as {
    stageName: string;
    actionStates: { actionName: string; latestExecution?: Reply }[];
  }[];
  const found = states.find((s) => s.stageName === stage)?.actionStates.find((a) => a.actionName === name);
  return found?.latestExecution ?? {};
}

async function failure(stage: string, name: string, code?: string): Promise<unknown> {
  return eventually(async () => {
    const { status, errorDetails } = await action(stage, name);
    const wanted = code === undefined || (errorDetails as { code?: string } | undefined)?.code === code;
    return status === "Failed" && wanted ? errorDetails : undefined;
  });
}
