import { beforeEach, describe, expect, it } from "@jest/globals";
import { deploy } from "../../../../automation/delivery/deploy";
import { type VerifySettings } from "../../../../automation/delivery/settings";
import { type Bake, verify, type VerifyPorts } from "../../../../automation/delivery/verify";
import { type HealthVerdict } from "../../../../runtime/health/domain";
import { type HealthReport } from "../../../../runtime/health/ports";
import { type TestReport } from "../../../../runtime/tests/ports";
import { settings, unasked, World } from "../support/delivery";

describe("verify", () => {
  it("ends a healthy deployment well: succeeded, last known good, lock free", async () => {
    const { world, verified, record } = await live();
    const result = await verify(verified, ports(world, {}));
    expect(result).toMatchObject({ ending: "ok", document: { verdict: { kind: "healthy" } } });
    expect(await record()).toMatchObject({
      status: "succeeded",
      phase: "done",
      integrationTestsPassed: true,
      e2eTestsPassed: false,
    });
    const { lock, lastKnownGood } = await world.table.state("test");
    expect([lock, lastKnownGood?.deploymentId]).toEqual([undefined, verified.deploymentId]);
    expect(world.progress.text).toContain("2 of 2 tests passed");
  });

  it("extends the lease at every look, and tells each new finding once", async () => {
    const { world, verified } = await live();
    const leases: number[] = [];
    const { bake, ...others } = ports(world, { looks: 3 });
    await verify(verified, {
      ...others,
      bake: {
        watch: (record, onPoll) =>
          bake.watch(record, async (seen) => {
            await world.later(1_000);
            await onPoll(seen);
            leases.push((await world.table.state("test")).lock?.leaseUntil ?? 0);
          }),
      },
    });
    expect(leases).toEqual([...leases].sort((a, b) => a - b));
    expect(new Set(leases).size).toBe(3);
    expect(world.progress.lines.filter((line) => line.includes("healthy"))).toHaveLength(1);
  });

  it("publishes how long a deployment took that succeeded, and of no other", async () => {
    const { world, verified } = await live();
    await world.later(90_500);
    await verify(verified, ports(world, {}));
    expect(published).toEqual([90.5]);
    const other = await live();
    await expect(verify(other.verified, ports(other.world, { report: report(1) }))).rejects.toThrow();
    expect(published).toEqual([90.5]);
  });

  it("that breaks off otherwise is a step that failed", async () => {
    const { world, verified, record } = await live();
    const bake = { watch: () => Promise.reject(new Error("ended")) };
    await expect(verify(verified, { ...ports(world, {}), bake })).rejects.toThrow("ended");
    expect(await record()).toMatchObject({ status: "failed", failureKind: "step" });
  });

  it("needs no test report where no tests run", async () => {
    const { world, verified, record } = await live();
    const { deploymentId } = verified;
    await verify({ ...settings, deploymentId }, ports(world, { report: null }));
    expect(await record()).toMatchObject({ status: "succeeded", integrationTestsPassed: false });
  });

  it.each<[HealthVerdict, string]>([
    [{ kind: "failed", because: "alarm rings", failedAlarms: [] }, "health"],
    [{ kind: "error", because: "CloudWatch cannot be read" }, "error"],
    [{ kind: "inconclusive", because: "no canary job ended" }, "inconclusive"],
  ])("records as failed, and keeps the lock of, what was not measured healthy: %j", async (verdict, failureKind) => {
    const { world, verified, record } = await live();
    await expect(verify(verified, ports(world, { verdict }))).rejects.toMatchObject({ ending: "failed" });
    expect(await record()).toMatchObject({
      status: "failed",
      phase: "baking",
      failureReason: `${verdict.kind}: ${verdict.because}.`,
      failureKind,
      canaries: [{ jobId: "job-1" }],
    });
    expect((await world.table.state("test")).lock?.deploymentId).toBe(verified.deploymentId);
  });

  it.each<[string, TestReport | null | Error, string, string]>([
    ["red tests", report(1), "The tests of the live release have not passed. Got: 1 of 2 failed.", "tests"],
    [
      "no tests",
      { summary: { total: 0, passed: 0, failed: 0, skipped: 0 }, failedTests: [] },
      "No test of the live release ran",
      "error",
    ],
    ["no report", null, "The test build published no report", "error"],
    ["a report that cannot be read", new Error("AccessDenied"), "could not be read: AccessDenied", "error"],
  ])("fails for %s, without a bake", async (_what, found, because, failureKind) => {
    const { world, verified, record } = await live();
    const failing = ports(world, { report: found });
    await expect(
      verify(verified, { ...failing, bake: { watch: () => Promise.reject(new Error("baked")) } }),
    ).rejects.toThrow(because);
    expect(await record()).toMatchObject({ status: "failed", phase: "live", failureKind });
  });

  it("keeps what failed in the record", async () => {
    const { world, verified, record } = await live();
    await expect(verify(verified, ports(world, { report: report(1) }))).rejects.toThrow();
    expect(await record()).toMatchObject({ integrationTestsPassed: false, failedTests: [{ name: "breaks" }] });
  });

  it("stops when it loses the lock in the middle", async () => {
    const { world, verified } = await live();
    const stealing = ports(world, {});
    const bake: Bake = {
      watch: (record, onPoll) => {
        const item = world.table.items.get("state#test") ?? {};
        world.table.items.set("state#test", { ...item, lock: { ...(item["lock"] as object), token: 99 } });
        return stealing.bake.watch(record, onPoll);
      },
    };
    await expect(verify(verified, { ...stealing, bake })).rejects.toThrow("This deployment may not go on");
    expect(world.progress.text).toContain("the failure could not be recorded");
  });

  it.each<[string, Partial<VerifySettings>, (world: World, id: string) => void]>([
    ["There is no such deployment", { deploymentId: "test#1" }, () => undefined],
    ["of release", { releaseVersion: "b".repeat(40) }, () => undefined],
    ["is one of staging", {}, (world, id) => change(world, id, { environment: "staging" })],
    ["is failed, not in_progress", {}, (world, id) => change(world, id, { status: "failed" })],
    ["is free", {}, (world) => change(world, "state#test", { lock: undefined })],
    ["is held by test#7", {}, (world) => change(world, "state#test", { lock: { deploymentId: "test#7", token: 9 } })],
  ])("refuses a record that is not its own to verify (%s)", async (because, overrides, prepare) => {
    const { world, verified } = await live();
    prepare(world, verified.deploymentId);
    const before = structuredClone(world.table.items);
    await expect(verify({ ...verified, ...overrides }, ports(world, {}))).rejects.toMatchObject({
      ending: "refused",
      message: expect.stringContaining(because) as unknown,
    });
    expect(world.table.items).toEqual(before);
  });
});

// Helpers

async function live() {
  const world = new World();
  await deploy(settings, unasked, world);
  const deploymentId = world.exported["DEPLOYMENT_ID"] ?? "";
  const verified: VerifySettings = { ...settings, deploymentId, testBuildId: "integration-test:1" };
  return { world, verified, record: () => world.table.record(deploymentId) };
}

function change(world: World, key: string, changes: object): void {
  world.table.items.set(key, { ...world.table.items.get(key), ...changes });
}

function report(failed: number): TestReport {
  return {
    summary: { total: 2, passed: 2 - failed, failed, skipped: 0 },
    failedTests: Array.from({ length: failed }, () => ({ name: "breaks", suite: "jobs", error: "expected 1" })),
  };
}

/** Durations of deployments, seconds. */
const published: number[] = [];
beforeEach(() => {
  published.length = 0;
});

interface Seen {
  readonly verdict?: HealthVerdict;
  readonly report?: TestReport | null | Error;
  readonly looks?: number;
}

function ports(
  world: World,
  { verdict = { kind: "healthy", because: "all is well" }, report: found = report(0), looks = 1 }: Seen,
): VerifyPorts {
  const seen: HealthReport = {
    success: verdict.kind === "healthy",
    failedAlarms: [],
    timestamp: 0,
    verdict,
    canaries: [{ jobId: "job-1", startedAt: 0, status: "succeeded" }],
  };
  return {
    deployments: world.deployments,
    progress: world.progress,
    tests: { report: async () => (found instanceof Error ? Promise.reject(found) : (found ?? undefined)) },
    metrics: { publishDeploymentDuration: async (_environment, seconds) => void published.push(seconds) },
    bake: {
      watch: async (_record, onPoll) => {
        for (let look = 0; look < looks; look += 1) await onPoll(seen);
        return seen;
      },
    },
  };
}
