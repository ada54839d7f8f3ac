import { describe, expect, it } from "@jest/globals";
import { action, aws, begin, create, failure, invoke, latest, openDesk, restart, service } from "./desk";
import { approval, build } from "./engine/world";
import { eventually } from "./standIn";

openDesk();

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
    const now = Date.now;
    try {
      await restart(() => {
        Date.now = () => now() + 301_000;
      });
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
