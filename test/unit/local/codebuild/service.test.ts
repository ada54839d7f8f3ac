import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Build, Project } from "@aws-sdk/client-codebuild";
import { createCodeBuild } from "../../../../local/codebuild";
import { AwsError, type Call, type LocalService } from "../../../../local/services/contract";

let folder: string;
let service: LocalService;
let asked: string[];

/** A caller whose every request for a right is written down; those named in `denied` are refused. */
function caller(denied: readonly string[] = []): Call {
  return {
    requestId: "r",
    caller: { arn: "arn:aws:iam::123456789012:user/jane", accountId: "123456789012", region: "us-east-1" },
    authorize: async (action, resource) => {
      asked.push(`${action} ${resource}`);
      if (denied.includes(action)) throw new AwsError("AccessDeniedException", `not authorized to perform: ${action}`);
    },
  };
}

const open = (): Promise<LocalService> =>
  createCodeBuild({
    endpoint: "http://127.0.0.1:9",
    accountId: "123456789012",
    region: "us-east-1",
    stateDir: path.join(folder, "state"),
    gitDir: path.join(folder, "git"),
    publish: () => undefined,
    log: () => undefined,
    assumeRole: () => Promise.reject(new Error("no STS here")),
  });

const call = async <T>(operation: string, input: object, by = caller()): Promise<T> =>
  (await service.handle(operation, input, by)) as T;

const PROJECT = {
  name: "p1",
  source: { type: "NO_SOURCE", buildspec: "version: 0.2\nphases: {build: {commands: [a]}}\n" },
  artifacts: { type: "NO_ARTIFACTS" },
  environment: { type: "LINUX_CONTAINER", image: "i", computeType: "BUILD_GENERAL1_SMALL" },
  serviceRole: "arn:aws:iam::123456789012:role/p1",
};
const ARN = "arn:aws:codebuild:us-east-1:123456789012:project/p1";

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "service-"));
  asked = [];
  service = await open();
});
afterEach(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("operations on projects", () => {
  it("create, read, change and delete them, each with its right", async () => {
    const { project } = await call<{ project: Project }>("CreateProject", { ...PROJECT, badgeEnabled: false });
    expect(project).toMatchObject({
      arn: ARN,
      timeoutInMinutes: 60,
      queuedTimeoutInMinutes: 480,
      cache: { type: "NO_CACHE" },
    });
    await expect(call("CreateProject", PROJECT)).rejects.toMatchObject({ code: "ResourceAlreadyExistsException" });
    await call("UpdateProject", { name: "p1", concurrentBuildLimit: 2 });
    const changed = await call<{ project: Project }>("UpdateProject", {
      name: ARN,
      concurrentBuildLimit: -1,
      description: "d",
    });
    expect(changed.project).toMatchObject({ name: "p1", description: "d" });
    expect(changed.project.concurrentBuildLimit).toBeUndefined();
    await service.stop();
    service = await open();
    expect(await call("BatchGetProjects", { names: ["p1", "p2"] })).toEqual({
      projects: [changed.project],
      projectsNotFound: ["p2"],
    });
    await call("DeleteProject", { name: "p1" });
    await call("DeleteProject", { name: "p1" });
    await expect(call("UpdateProject", { name: "p1" })).rejects.toMatchObject({ code: "ResourceNotFoundException" });
    expect(new Set(asked)).toEqual(
      new Set([
        ...["Create", "Update", "BatchGet", "Delete"].map(
          (verb) => `codebuild:${verb}${verb === "BatchGet" ? "Projects" : "Project"} ${ARN}`,
        ),
        `codebuild:BatchGetProjects ${ARN.replace("p1", "p2")}`,
      ]),
    );
  });

  it.each([
    [{ serviceRole: "p1" }, "Invalid service role"],
    [{ source: { type: "NO_SOURCE" } }, "needs an inline buildspec"],
    [{ source: { type: "S3", location: "x" } }, "bucket/key"],
    [{ artifacts: { type: "S3" } }, "must be a bucket"],
    [{ artifacts: { type: "CODEPIPELINE" } }, "or neither"],
  ])("refuse %j", async (wrong, reason) => {
    const refused = call("CreateProject", { ...PROJECT, ...wrong });
    await expect(refused).rejects.toMatchObject({ code: "InvalidInputException" });
    await expect(refused).rejects.toThrow(reason);
  });

  it("list them in the order that is asked for", async () => {
    for (const name of ["p2", "p1"]) await call("CreateProject", { ...PROJECT, name });
    expect(await call("ListProjects", {})).toEqual({ projects: ["p1", "p2"] });
    expect(await call("ListProjects", { sortBy: "NAME", sortOrder: "DESCENDING" })).toEqual({ projects: ["p2", "p1"] });
    for (const sortBy of ["CREATED_TIME", "LAST_MODIFIED_TIME"]) {
      expect(await call<{ projects: string[] }>("ListProjects", { sortBy })).toMatchObject({
        projects: expect.arrayContaining(["p1", "p2"]),
      });
    }
    expect(asked.at(-1)).toBe("codebuild:ListProjects *");
  });

  it.each(["CreateProject", "StartBuild", "StopBuild", "BatchGetBuilds", "RetryBuild", "ListBuilds"])(
    "%s does nothing without its right",
    async (operation) => {
      const input = { ...PROJECT, projectName: "p1", id: "p1:u", ids: ["p1:u"] };
      await expect(call(operation, input, caller([`codebuild:${operation}`]))).rejects.toMatchObject({
        code: "AccessDeniedException",
      });
    },
  );
});

describe("a service that starts", () => {
  it("ends the builds that its predecessor left, with their processes and folders", async () => {
    await service.stop();
    const left = path.join(folder, "state", "builds", "u", "shell");
    await mkdir(left, { recursive: true });
    const driver = path.join(left, "driver.sh");
    await writeFile(driver, "sleep 300\n");
    const orphan = spawn("/bin/sh", [driver], { detached: true, stdio: "ignore" });
    const gone = new Promise((resolve) => orphan.once("exit", (_code, signal) => resolve(signal)));
    await writeFile(path.join(left, "group"), String(orphan.pid));
    const build = {
      id: "p1:u",
      projectName: "p1",
      buildStatus: "IN_PROGRESS",
      phases: [{ phaseType: "BUILD", startTime: new Date() }],
    };
    const state = { builds: { "p1:u": { build, request: {}, artifacts: { type: "NO_ARTIFACTS" } } } };
    await writeFile(path.join(folder, "state", "state.json"), JSON.stringify(state));

    service = await open();
    const { builds } = await call<{ builds: Build[] }>("BatchGetBuilds", { ids: ["p1:u"] });
    expect(builds[0]).toMatchObject({ buildStatus: "FAULT", buildComplete: true, currentPhase: "COMPLETED" });
    expect(builds[0]?.phases?.[0]).toMatchObject({
      phaseStatus: "FAULT",
      contexts: [{ statusCode: "INTERNAL_ERROR" }],
    });
    expect(await gone).toBe("SIGTERM");
    expect(existsSync(path.dirname(left))).toBe(false);
  });

  it("fails a build whose role it cannot assume", async () => {
    await call("CreateProject", PROJECT);
    const { build } = await call<{ build: Build }>("StartBuild", { projectName: "p1" });
    expect(build).toMatchObject({ buildStatus: "IN_PROGRESS", currentPhase: "QUEUED", initiator: "jane" });
    for (;;) {
      const { builds } = await call<{ builds: Build[] }>("BatchGetBuilds", { ids: [build.id] });
      if (!builds[0]?.buildComplete) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        continue;
      }
      const failed = builds[0].phases?.find(({ phaseStatus }) => phaseStatus === "FAILED");
      expect(failed?.contexts?.[0]).toEqual({
        statusCode: "ACCESS_DENIED",
        message: `CodeBuild is not authorized to perform: sts:AssumeRole on ${PROJECT.serviceRole}: no STS here`,
      });
      return;
    }
  });
});
