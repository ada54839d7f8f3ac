import { describe, expect, it } from "@jest/globals";
import type { Project, StartBuildInput } from "@aws-sdk/client-codebuild";
import { buildId, groupArnOfReport, projectName, projectOfBuild } from "../../../../local/codebuild/names";
import { page } from "../../../../local/codebuild/paging";
import { initiatorOf, isByPipeline, isRepetition, newBuild } from "../../../../local/codebuild/startBuild";

const PLACE = { region: "eu-west-1", accountId: "123456789012" };
const PROJECT: Project = {
  name: "p",
  source: { type: "NO_SOURCE", buildspec: "version: 0.2\n" },
  artifacts: { type: "NO_ARTIFACTS" },
  environment: {
    type: "LINUX_CONTAINER",
    image: "project-image",
    computeType: "BUILD_GENERAL1_SMALL",
    environmentVariables: [{ name: "A", value: "project" }],
  },
  serviceRole: "arn:aws:iam::123456789012:role/p",
  logsConfig: { cloudWatchLogs: { status: "ENABLED", groupName: "group", streamName: "prefix" } },
  timeoutInMinutes: 60,
  queuedTimeoutInMinutes: 480,
};
const start = (project: Project, request: Partial<StartBuildInput>) =>
  newBuild(
    project,
    { projectName: "p", ...request },
    { uuid: "u", number: 7, initiator: "me", startTime: new Date(0) },
    PLACE,
  );

describe("a build as it begins", () => {
  it("has the settings of its project", () => {
    const { build } = start(PROJECT, {});
    expect(build).toMatchObject({
      id: "p:u",
      arn: "arn:aws:codebuild:eu-west-1:123456789012:build/p:u",
      buildNumber: 7,
      buildStatus: "IN_PROGRESS",
      timeoutInMinutes: 60,
      logs: { groupName: "group", streamName: "prefix/u" },
      environment: { image: "project-image", environmentVariables: [{ name: "A", value: "project" }] },
    });
  });

  it("has the overrides of its start over them", () => {
    const artifactsOverride = { type: "S3" as const, location: "bucket", name: "n" };
    const { build, artifacts } = start(PROJECT, {
      sourceTypeOverride: "S3",
      sourceLocationOverride: "bucket/key",
      buildspecOverride: "buildspec.yml",
      sourceVersion: "v",
      artifactsOverride,
      environmentVariablesOverride: [{ name: "A", value: "start" }],
      timeoutInMinutesOverride: 5,
      imageOverride: "image",
      computeTypeOverride: "BUILD_GENERAL1_LARGE",
      environmentTypeOverride: "ARM_CONTAINER",
      privilegedModeOverride: true,
      encryptionKeyOverride: "key",
      serviceRoleOverride: "arn:aws:iam::123456789012:role/other",
      logsConfigOverride: { cloudWatchLogs: { status: "DISABLED" } },
      cacheOverride: { type: "NO_CACHE" },
    });
    expect(build).toMatchObject({
      source: { type: "S3", location: "bucket/key", buildspec: "buildspec.yml" },
      sourceVersion: "v",
      timeoutInMinutes: 5,
      encryptionKey: "key",
      serviceRole: "arn:aws:iam::123456789012:role/other",
      environment: { image: "image", privilegedMode: true, environmentVariables: [{ name: "A", value: "start" }] },
      logs: { groupName: "/aws/codebuild/p", streamName: "u", cloudWatchLogs: { status: "DISABLED" } },
    });
    expect(artifacts).toBe(artifactsOverride);
  });

  it("is refused where source and buildspec do not go together", () => {
    expect(() => start({ ...PROJECT, source: { type: "CODEPIPELINE" } }, {})).toThrow("started by a pipeline");
    expect(() => start(PROJECT, { buildspecOverride: "buildspec.yml" })).toThrow("NO_SOURCE needs an inline buildspec");
    expect(() => start(PROJECT, { sourceTypeOverride: "S3", sourceLocationOverride: "x" })).toThrow("bucket/key");
  });
});

describe("a project of a pipeline, started without one", () => {
  const ofPipeline: Project = {
    ...PROJECT,
    source: { type: "CODEPIPELINE", buildspec: "version: 0.2\n" },
    artifacts: { type: "CODEPIPELINE" },
  };

  it("runs its own buildspec on no source, into no artifacts", () => {
    const { build, artifacts } = start(ofPipeline, {
      sourceTypeOverride: "NO_SOURCE",
      artifactsOverride: { type: "NO_ARTIFACTS" },
    });
    expect(build.source).toEqual({ type: "NO_SOURCE", buildspec: "version: 0.2\n" });
    expect(artifacts).toEqual({ type: "NO_ARTIFACTS" });
  });

  it("is its caller's and not the pipeline's", () => {
    expect(isByPipeline(ofPipeline, { projectName: "p", sourceTypeOverride: "NO_SOURCE" })).toBe(false);
    expect(isByPipeline(ofPipeline, { projectName: "p", sourceTypeOverride: "S3" })).toBe(true);
    expect(isByPipeline(PROJECT, { projectName: "p", sourceTypeOverride: "S3" })).toBe(false);
  });
});

describe("an idempotencyToken", () => {
  const request = { idempotencyToken: "t", environmentVariablesOverride: [{ name: "A", value: "1" }] };
  const minutes = (count: number) => new Date(count * 60_000);

  it("is answered with the build that it has started, for five minutes", () => {
    const record = start(PROJECT, request);
    const again = { projectName: "p", ...request, sourceVersion: undefined };
    expect(isRepetition(record, again, minutes(5))).toBe(true);
    expect(isRepetition(record, again, minutes(5.1))).toBe(false);
  });

  it("is refused when it comes with other parameters", () => {
    const other = { projectName: "p", ...request, environmentVariablesOverride: [{ name: "A", value: "2" }] };
    expect(() => isRepetition(start(PROJECT, request), other, minutes(1))).toThrow("Parameter mismatch");
  });
});

describe("initiatorOf", () => {
  it.each([
    ["arn:aws:sts::1:assumed-role/role/session", false, "role/session"],
    ["arn:aws:sts::1:assumed-role/role/pipeline", true, "codepipeline/pipeline"],
    ["arn:aws:iam::1:user/jane", false, "jane"],
    ["arn:aws:iam::1:root", false, "root"],
  ])("names %s (pipeline: %s) as %s", (arn, byPipeline, name) => {
    expect(initiatorOf(arn, byPipeline)).toBe(name);
  });
});

describe("names", () => {
  it("are read from ids and ARNs alike", () => {
    expect(buildId("p:u")).toBe("p:u");
    expect(buildId("arn:aws:codebuild:r:1:build/p:u")).toBe("p:u");
    expect(projectName("arn:aws:codebuild:r:1:project/p")).toBe("p");
    expect(projectOfBuild("p:u")).toBe("p");
    expect(groupArnOfReport("arn:aws:codebuild:r:1:report/g:u")).toBe("arn:aws:codebuild:r:1:report-group/g");
  });
});

describe("page", () => {
  it("goes through a list", () => {
    const all = [1, 2, 3];
    expect(page(all, undefined, 2)).toEqual({ items: [1, 2], nextToken: { nextToken: "2" } });
    expect(page(all, "2", 2)).toEqual({ items: [3], nextToken: {} });
    expect(() => page(all, "x")).toThrow("Invalid nextToken");
  });
});
