import { describe, expect, it } from "@jest/globals";
import { action, aws, create, failure, invoke, latest, openDesk, restart, toBuild } from "./desk";
import { build } from "./engine/world";
import { eventually } from "./standIn";

openDesk();

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
    await restart(() => aws.builds.set("make:1", { buildStatus: "SUCCEEDED" }));
    await eventually(async () => ((await latest()).status === "Succeeded" ? true : undefined));
    expect(aws.starts).toHaveLength(1);
  });
});
