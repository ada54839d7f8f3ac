import { describe, expect, it } from "@jest/globals";
import { takeLock } from "../../../../automation/delivery/takeLock";
import { type DeploymentInfo } from "../../../../runtime/deployments/domain";
import { settings, World } from "../support/delivery";

describe("the lock of an environment", () => {
  it("is taken at once when it is free", async () => {
    const world = new World();
    const record = await takeLock(info("one"), settings.lockWaitMs, world);
    expect([record.lockToken, record.status, record.phase]).toEqual([1, "in_progress", "locked"]);
    expect(world.progress.lines).toEqual([]);
  });

  it("is waited for, telling who holds it once a minute, until it is free", async () => {
    const world = new World();
    const began = world.clock.now();
    const first = await takeLock(info("one"), settings.lockWaitMs, world);
    world.clock.meanwhile = async (now) => {
      if (now - began < 150_000) return;
      const baking = await world.deployments.breakLock(
        "test",
        {
          deploymentId: first.deploymentId,
          purpose: "deployment",
          token: 1,
          leaseUntil: 0,
          buildId: "",
          pipelineExecutionId: "",
          since: 0,
        },
        { build: "terminal", execution: "terminal" },
        "operator",
        "it was stuck",
      );
      expect(baking.kind).toBe("broken");
      world.clock.meanwhile = async () => undefined;
    };
    const second = await takeLock(info("two"), settings.lockWaitMs, world);
    expect(second.lockToken).toBe(2);
    expect(world.progress.lines).toHaveLength(3);
    expect(world.progress.lines[0]).toBe(
      `  the lock of test is held by ${first.deploymentId} (build one, execution e-one): waiting, 1200 s left`,
    );
  });

  it("ends busy, with the holder, when the time is up", async () => {
    const world = new World();
    await takeLock(info("one"), 0, world);
    await expect(takeLock(info("two"), 60_000, world)).rejects.toMatchObject({
      ending: "busy",
      said: { what: "The lock of test is still held after 60 s" },
    });
    expect((await world.table.state("test")).token).toBe(1);
  });

  it("is never taken over before its lease has run out, though its holder is dead", async () => {
    const world = new World();
    await takeLock(info("one"), 0, world);
    world.activity = { build: "terminal", execution: "terminal" };
    await expect(takeLock(info("two"), 14 * 60_000, world)).rejects.toMatchObject({ ending: "busy" });
  });

  it.each([
    [{ build: "running", execution: "terminal" }],
    [{ build: "terminal", execution: "running" }],
    [{ build: "unknown", execution: "terminal" }],
    [{ build: "terminal", execution: "unknown" }],
  ] as const)("is never taken over from a holder that may still act: %j", async (activity) => {
    const world = new World();
    await takeLock(info("one"), 0, world);
    world.activity = activity;
    await expect(takeLock(info("two"), 20 * 60_000, world)).rejects.toMatchObject({ ending: "busy" });
  });

  it("is taken over when the lease has run out and build and execution have ended", async () => {
    const world = new World();
    const first = await takeLock(info("one"), 0, world);
    world.activity = { build: "terminal", execution: "terminal" };
    const second = await takeLock(info("two"), 20 * 60_000, world);
    expect(second.lockToken).toBe(2);
    expect(await world.table.record(first.deploymentId)).toMatchObject({ status: "failed" });
    expect(world.progress.text).toContain(`taking the lock over from ${first.deploymentId}`);
  });

  it("is asked for anew, with what is known then, at every attempt", async () => {
    const world = new World();
    await takeLock(info("one"), 0, world);
    let asked = 0;
    const asking = () => {
      asked += 1;
      return asked < 3 ? info("two")() : Promise.reject(new Error("held meanwhile"));
    };
    await expect(takeLock(asking, 60_000, world)).rejects.toThrow("held meanwhile");
    expect(world.clock.now()).toBe(1_790_000_000_000 + 10_000);
  });

  it("that cannot be written is an error, not a wait", async () => {
    const world = new World();
    world.table.contested.add("state#test");
    await expect(takeLock(info("one"), 60_000, world)).rejects.toMatchObject({ ending: "failed" });
  });
});

// Helpers

const info = (build: string) => async (): Promise<DeploymentInfo> => ({
  environment: "test",
  version: "a".repeat(40),
  releaseDigest: "b".repeat(64),
  infrastructureDigest: null,
  buildId: build,
  pipelineExecutionId: `e-${build}`,
  commitMessage: "feat: x",
  commitAuthor: "Ada",
  artifactLocation: "s3://releases/a/",
  unitTestsPassed: true,
  coveragePercentage: 90,
  alarmsBefore: [],
});
