import { beforeEach, describe, expect, it } from "@jest/globals";
import { ReleaseNotFoundError } from "../../../../runtime/errors";
import type { InfrastructureUndo, RollbackPorts } from "../../../../runtime/rollback/ports";
import type { Running } from "../../../../runtime/rollback/domainProgress";
import { runStep } from "../../../../runtime/rollback/steps";
import type { RollbackStep } from "../../../../runtime/types";
import { digestOf, GOOD, VALIDATION, World } from "../../../property/runtime/rollback/world";
import { release } from "../support/fixtures";
import { running } from "./support/bench";

let world: World;
beforeEach(() => {
  world = new World();
  world.now = 1_200_000;
});
const run = (step: RollbackStep, record: Running, over: Partial<RollbackPorts> = {}) =>
  runStep(step, record, { ...world.ports(), ...over }, VALIDATION);
const done = (step: RollbackStep, because: string, round = 1) => ({ step, round, at: world.now, because });

describe("undoing the infrastructure", () => {
  const OLDER = "9".repeat(40);
  const infrastructureVersion = OLDER;
  const target = { ...running().rollback.target, infrastructureVersion };
  const record = (over: Partial<Running["rollback"]> = {}) =>
    running({ next: "undo-infrastructure", target, ...over }, { infrastructureChanged: true });
  const undo = (status: "running" | "succeeded" | "failed") =>
    world.builds.set("undo:1", { status, environment: "production", mode: "undo" });

  it("has nothing to do when the deployment had not changed it", async () => {
    expect(await run("undo-infrastructure", running({ next: "undo-infrastructure" }))).toMatchObject({
      kind: "advance",
      rollback: {
        next: "validate",
        done: [done("undo-infrastructure", "the deployment had not changed the infrastructure")],
      },
    });
    expect(world.effects).toBe(0);
  });

  it("starts a build that applies the infrastructure that was there before", async () => {
    const asked: InfrastructureUndo[] = [];
    const builds: RollbackPorts["builds"] = {
      ...world.ports().builds,
      startUndo: async (one) => {
        asked.push(one);
        return "undo:1";
      },
    };
    const began = record({ round: 2 });
    expect(await run("undo-infrastructure", began, { builds })).toEqual({
      kind: "advance",
      rollback: { ...began.rollback, infrastructureBuildId: "undo:1" },
      // Until it has succeeded nobody knows what is there.
      changes: { remove: [["infrastructureDigest"]] },
    });
    expect(asked).toEqual([
      {
        environment: "production",
        deploymentId: "production#1000000",
        pipelineExecutionId: "execution-1",
        token: 4,
        round: 2,
        version: OLDER,
        releaseDigest: digestOf(OLDER),
      },
    ]);
  });

  it.each([
    ["the target's own, as it was when it was live", GOOD, [GOOD, digestOf(GOOD)]],
    ["the target's own where none was recorded", undefined, [GOOD, digestOf(GOOD)]],
    ["an older release's, whose digest nobody captured", OLDER, [OLDER, undefined]],
  ])("reads %s", async (_, version, expected) => {
    const read: unknown[] = [];
    const releases: RollbackPorts["releases"] = {
      readRelease: async (...asked) => {
        read.push(asked);
        return { release: release(), digest: "" };
      },
    };
    await run("undo-infrastructure", record({ target: { ...target, infrastructureVersion: version } }), { releases });
    expect(read).toEqual([expected]);
  });

  it("waits while its build runs", async () => {
    undo("running");
    expect(await run("undo-infrastructure", record({ infrastructureBuildId: "undo:1" }))).toEqual({
      kind: "wait",
      because: "build undo:1 undoes the infrastructure",
    });
  });

  it("is done when its build succeeded, and the environment has that infrastructure", async () => {
    undo("succeeded");
    expect(await run("undo-infrastructure", record({ infrastructureBuildId: "undo:1" }))).toMatchObject({
      kind: "advance",
      rollback: {
        next: "validate",
        done: [done("undo-infrastructure", `build undo:1 applied the infrastructure of ${OLDER}`)],
      },
      changes: {
        set: [
          { path: ["infrastructureVersion"], value: OLDER },
          { path: ["infrastructureDigest"], value: release().infrastructureDigest },
        ],
      },
    });
  });

  it.each(["failed", "unknown"] as const)("fails when its build is %s, and says what is live", async (status) => {
    if (status !== "unknown") undo(status);
    const result = await run("undo-infrastructure", record({ infrastructureBuildId: "undo:1" }));
    expect(result).toMatchObject({
      kind: "advance",
      rollback: {
        next: "end",
        done: [],
        failure: `${GOOD} is live again, but build undo:1, which undoes the infrastructure, ended as ${status}: its log has the list`,
      },
    });
  });

  it("that fails in a full rollback leaves the other environments to go back", async () => {
    undo("failed");
    const parts = [{ environment: "production", deploymentId: "production#1000000" }] as const;
    const result = await run("undo-infrastructure", record({ infrastructureBuildId: "undo:1", round: 2, parts }));
    expect(result).toMatchObject({ rollback: { next: "parts", failure: expect.stringContaining("ended as failed") } });
  });

  it("fails for good when the release that has it is gone", async () => {
    const error = new ReleaseNotFoundError(`releases/${OLDER}/release.json`);
    const releases = { readRelease: () => Promise.reject(error) };
    expect(await run("undo-infrastructure", record(), { releases })).toMatchObject({
      kind: "advance",
      rollback: { next: "end", failure: `undo-infrastructure: ${error.message}` },
    });
    expect(world.effects).toBe(0);
  });
});
