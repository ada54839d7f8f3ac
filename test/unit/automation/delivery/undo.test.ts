import { BatchGetBuildsCommand, CodeBuildClient, ListBuildsForProjectCommand } from "@aws-sdk/client-codebuild";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { type DeployBuild, projectOfBuild, runningBuilds } from "../../../../automation/delivery/deployBuilds";
import { type UndoneInfrastructure } from "../../../../automation/delivery/ports";
import { type UndoSettings } from "../../../../automation/delivery/settings";
import { undo, type UndoPorts } from "../../../../automation/delivery/undo";
import { EngineProblem } from "../../../../automation/engine/run";
import { TamperedError } from "../../../../runtime/errors";
import { type Lock } from "../../../../runtime/deployments/domain";
import { releaseOf, settings, World } from "../support/delivery";

describe("undo", () => {
  it("applies the infrastructure of the release that its rollback goes back to", async () => {
    const { ports, world } = place();
    const result = await undo(mine, ports);
    expect(result).toMatchObject({ ending: "ok", document: { action: "up", version: mine.releaseVersion } });
    expect(result.lines).toEqual([
      `the infrastructure of test is that of release ${mine.releaseVersion} again: 1 delete, 3 same`,
    ]);
    expect(world.effects).toEqual([`undo aaaa: test#1 is taken back to release ${mine.releaseVersion}`]);
  });

  it("names what a killed update may have left, which is in no state any more", async () => {
    const { ports } = place();
    const pending = [{ kind: "creating", urn: "urn::queue" }];
    const { lines } = await undo(mine, { ...ports, infrastructure: { undo: async () => ({ ...undone, pending }) } });
    expect(lines.at(-1)).toBe("  look for what creating urn::queue may have left: it is in no state any more");
  });

  it("has nothing to do for a release without infrastructure, and says so", async () => {
    const { ports, world } = place();
    world.release = releaseOf(mine.releaseVersion, null);
    const { ending, document, lines } = await undo(mine, ports);
    expect([ending, document["action"], world.effects]).toEqual(["ok", "none", []]);
    expect(lines).toEqual([`release ${mine.releaseVersion} has no infrastructure: nothing to undo`]);
  });

  it.each<[string, Partial<Lock> | undefined]>([
    ["it is free", undefined],
    ["deployment of test#1, token 5", { purpose: "deployment" }],
    ["rollback of test#2, token 5", { deploymentId: "test#2" }],
    ["rollback of test#1, token 6", { token: 6 }],
  ])("refuses while its rollback does not hold the lock (%s)", async (value, overrides) => {
    const { ports, world } = place();
    world.table.items.set("state#test", { token: 9, ...(overrides && { lock: { ...lock, ...overrides } }) });
    await expect(undo(mine, ports)).rejects.toMatchObject({
      ending: "refused",
      said: { value, allowed: "rollback of test#1, token 5" },
    });
    expect([world.effects, world.progress.lines]).toEqual([[], []]);
  });

  it("lets the infrastructure ask again before each step that writes", async () => {
    const { ports, world } = place();
    const stolen: UndoPorts["infrastructure"] = {
      undo: async (_release, _message, alone) => {
        world.table.items.set("state#test", { token: 6, lock: { ...lock, token: 6 } });
        await alone();
        throw new Error("it went on");
      },
    };
    await expect(undo(mine, { ...ports, infrastructure: stolen })).rejects.toMatchObject({ ending: "refused" });
  });

  it.each<[DeployBuild]>([
    [{ id: "deploy-test:7", mode: "deploy" }],
    [{ id: "deploy-test:8", mode: "undo" }],
    [{ id: "deploy-test:8", mode: undefined }],
  ])("is busy while a build runs that may be changing the infrastructure: %j", async (build) => {
    const { ports, world } = place([build]);
    await expect(undo(mine, ports)).rejects.toMatchObject({
      ending: "busy",
      said: { value: `${build.id} (${build.mode ?? "mode unknown"})` },
    });
    expect(world.effects).toEqual([]);
  });

  it.each(["plan", "deploy", "verify"])(
    "goes on beside another %s, which changes nothing without the lock",
    async (mode) => {
      const { ports } = place([{ id: "deploy-test:8", mode }]);
      expect((await undo(mine, ports)).ending).toBe("ok");
    },
  );

  it("refuses a release that is not what was published", async () => {
    const { ports, world } = place();
    world.failing = { step: "readRelease", error: new TamperedError("releases/a/release.json", "1", "2") };
    await expect(undo(mine, ports)).rejects.toMatchObject({ ending: "refused" });
    expect(world.effects).toEqual([]);
  });

  it("does not look at the application, which runs already", async () => {
    const { ports, world } = place();
    world.failing = { step: "fetchFile", error: new Error("looked") };
    expect((await undo(mine, ports)).ending).toBe("ok");
  });

  it("lists the resources that a human must look at", async () => {
    const { ports } = place();
    const failures = [{ urn: "urn::queue", message: "already exists" }, { message: "update failed" }];
    const failing = { undo: () => Promise.reject(new EngineProblem("up", failures, undefined)) };
    await expect(undo(mine, { ...ports, infrastructure: failing })).rejects.toMatchObject({
      ending: "failed",
      said: {
        what: `The infrastructure of test could not be brought back to release ${mine.releaseVersion}`,
        value: "urn::queue: already exists; the program: update failed",
      },
    });
    const broken = { undo: () => Promise.reject(new Error("S3 is gone")) };
    await expect(undo(mine, { ...ports, infrastructure: broken })).rejects.toThrow("S3 is gone");
  });
});

describe("the running builds of a project", () => {
  const codeBuild = mockClient(CodeBuildClient);
  const client = new CodeBuildClient({ region: "us-east-1" });
  beforeEach(() => {
    codeBuild.reset();
  });

  it("are those in progress among its newest, with their mode", async () => {
    const environment = (mode: string) => ({
      type: undefined,
      image: undefined,
      computeType: undefined,
      environmentVariables: [{ name: "MODE", value: mode }],
    });
    codeBuild
      .on(ListBuildsForProjectCommand, { projectName: projectOfBuild("deploy-test:1"), sortOrder: "DESCENDING" })
      .resolves({ ids: ["deploy-test:3", "deploy-test:2", "deploy-test:1"] });
    codeBuild.on(BatchGetBuildsCommand, { ids: ["deploy-test:3", "deploy-test:2", "deploy-test:1"] }).resolves({
      builds: [
        { id: "deploy-test:3", buildStatus: "IN_PROGRESS", environment: environment("verify") },
        { id: "deploy-test:2", buildStatus: "STOPPED", environment: environment("deploy") },
        { id: "deploy-test:1", buildStatus: "IN_PROGRESS" },
      ],
    });
    expect(await runningBuilds(client, "deploy-test")).toEqual([
      { id: "deploy-test:3", mode: "verify" },
      { id: "deploy-test:1", mode: undefined },
    ]);
  });

  it("are none where it never built", async () => {
    codeBuild.on(ListBuildsForProjectCommand).resolves({ ids: [] });
    expect(await runningBuilds(client, "deploy-test")).toEqual([]);
  });
});

// Helpers

const mine: UndoSettings = { ...settings, buildId: "deploy-test:9", deploymentId: "test#1", rollbackToken: 5 };
const undone: UndoneInfrastructure = { counts: { delete: 1, same: 3 }, pending: [] };
const lock: Lock = {
  deploymentId: "test#1",
  purpose: "rollback",
  token: 5,
  leaseUntil: 0,
  buildId: "deploy-test:7",
  pipelineExecutionId: "e1",
  since: 0,
};

/** An environment whose rollback holds the lock and has started this build; `others` run beside it. */
function place(others: readonly DeployBuild[] = []): { world: World; ports: UndoPorts } {
  const world = new World();
  world.table.items.set("state#test", { token: 5, lock });
  const { deployments, releases, progress } = world;
  const ports: UndoPorts = {
    deployments,
    releases,
    progress,
    builds: { running: async () => [{ id: mine.buildId, mode: "undo" }, ...others] },
    infrastructure: {
      undo: async ({ version }, message, alone) => {
        await alone();
        world.effects.push(`undo ${version.slice(0, 4)}: ${message}`);
        return undone;
      },
    },
  };
  return { world, ports };
}
