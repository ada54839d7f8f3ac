import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  InvalidInputException,
  ResourceNotFoundException,
  StartBuildCommand,
  type StatusType,
  StopBuildCommand,
} from "@aws-sdk/client-codebuild";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { awsBuilds } from "../../../../runtime/rollback/awsBuilds";

const codeBuild = mockClient(CodeBuildClient);
const builds = awsBuilds(new CodeBuildClient({ region: "us-east-1" }), {
  test: "deploy-test",
  staging: "deploy-staging",
  production: "deploy-production",
});
const REFUSED = new InvalidInputException({ message: "it has ended", $metadata: {} });
const UNDO = {
  environment: "production",
  deploymentId: "production#1764000000000",
  pipelineExecutionId: "e1",
  token: 12,
  round: 1,
  version: "a".repeat(40),
  releaseDigest: "d".repeat(64),
} as const;
beforeEach(() => {
  codeBuild.reset();
});

describe("a build", () => {
  it.each<[StatusType | undefined, string]>([
    ["IN_PROGRESS", "running"],
    ["SUCCEEDED", "succeeded"],
    ["FAILED", "failed"],
    ["FAULT", "failed"],
    ["STOPPED", "failed"],
    ["TIMED_OUT", "failed"],
    [undefined, "unknown"],
  ])("that is %s is %s", async (buildStatus, status) => {
    codeBuild.on(BatchGetBuildsCommand, { ids: ["deploy:1"] }).resolves({ builds: [{ buildStatus }] });
    expect(await builds.status("deploy:1")).toBe(status);
  });

  it("that CodeBuild does not know is unknown", async () => {
    codeBuild.on(BatchGetBuildsCommand).resolves({ buildsNotFound: ["deploy:1"] });
    expect(await builds.status("deploy:1")).toBe("unknown");
    codeBuild.on(BatchGetBuildsCommand).resolves({});
    expect(await builds.status("deploy:1")).toBe("unknown");
  });

  it("is asked to end", async () => {
    codeBuild.on(StopBuildCommand).resolves({});
    await builds.stop("deploy:1");
    expect(codeBuild.commandCalls(StopBuildCommand).map(({ args }) => args[0].input)).toEqual([{ id: "deploy:1" }]);
  });

  it.each([REFUSED, new ResourceNotFoundException({ message: "never heard of it", $metadata: {} })])(
    "that has ended meanwhile need not end: %s",
    async (error) => {
      codeBuild.on(StopBuildCommand).rejects(error);
      codeBuild.on(BatchGetBuildsCommand).resolves({ builds: [{ buildStatus: "SUCCEEDED" }] });
      await expect(builds.stop("deploy:1")).resolves.toBeUndefined();
    },
  );

  it("that still runs and cannot be stopped is an error", async () => {
    codeBuild.on(StopBuildCommand).rejectsOnce(REFUSED).rejects(new Error("AccessDenied"));
    codeBuild.on(BatchGetBuildsCommand).resolves({ builds: [{ buildStatus: "IN_PROGRESS" }] });
    await expect(builds.stop("deploy:1")).rejects.toBe(REFUSED);
    await expect(builds.stop("deploy:1")).rejects.toThrow("AccessDenied");
  });
});

describe("undoing the infrastructure", () => {
  const requests = () => codeBuild.commandCalls(StartBuildCommand).map(({ args }) => args[0].input);

  it("is a build of the environment's deploy project without the pipeline's source, once per claim and round", async () => {
    codeBuild.on(StartBuildCommand).resolves({ build: { id: "deploy-production:2" } });
    expect(await builds.startUndo(UNDO)).toBe("deploy-production:2");
    expect(requests()).toEqual([
      {
        projectName: "deploy-production",
        sourceTypeOverride: "NO_SOURCE",
        artifactsOverride: { type: "NO_ARTIFACTS" },
        idempotencyToken: "undo-production-1764000000000-12-1",
        environmentVariablesOverride: [
          { name: "MODE", value: "undo", type: "PLAINTEXT" },
          { name: "DEPLOYMENT_ID", value: "production#1764000000000", type: "PLAINTEXT" },
          { name: "ROLLBACK_TOKEN", value: "12", type: "PLAINTEXT" },
          { name: "RELEASE_VERSION", value: "a".repeat(40), type: "PLAINTEXT" },
          { name: "RELEASE_DIGEST", value: "d".repeat(64), type: "PLAINTEXT" },
          { name: "PIPELINE_EXECUTION_ID", value: "e1", type: "PLAINTEXT" },
        ],
      },
    ]);
    await builds.startUndo({ ...UNDO, round: 2 });
    expect(requests()[1]?.idempotencyToken).toBe("undo-production-1764000000000-12-2");
  });

  it("without an id of the build is an error", async () => {
    codeBuild.on(StartBuildCommand).resolves({});
    await expect(builds.startUndo(UNDO)).rejects.toThrow(
      "CodeBuild started a build of deploy-production without an id",
    );
  });
});
