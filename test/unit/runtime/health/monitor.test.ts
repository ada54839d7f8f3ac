import { describe, expect, it } from "@jest/globals";
import { HealthCheckMonitor } from "../../../../runtime/health/monitor";
import type { HealthReport } from "../../../../runtime/health/ports";
import { HealthWorld, healthOptions } from "../support/healthWorld";

const ALARM = { name: "worker-test-failed-jobs", state: "ALARM" } as const;

describe("a bake", () => {
  it("looks at both ends and between, and runs a canary at the start and at each interval", async () => {
    const world = new HealthWorld();
    const report = await new HealthCheckMonitor(world.ports, healthOptions()).monitorHealthChecks(140);
    expect(report).toMatchObject({
      success: true,
      failedAlarms: [],
      timestamp: 140,
      verdict: { kind: "healthy", because: "no new alarm, and 3 canary jobs ran the release" },
    });
    expect(world.looks).toEqual([0, 30, 60, 90, 120, 140]);
    expect(world.starts).toEqual([
      { at: 0, token: "test#1-canary-1" },
      { at: 60, token: "test#1-canary-2" },
      { at: 120, token: "test#1-canary-3" },
    ]);
  });

  it("ends as soon as the release is measured bad, and stays failed", async () => {
    const world = new HealthWorld();
    world.alarmsAt = (at) => (at === 60 ? [ALARM, { name: "worker-staging-x", state: "ALARM" }] : []);
    const monitor = new HealthCheckMonitor(world.ports, healthOptions());
    const report = await monitor.monitorHealthChecks(1_000);
    expect(report).toMatchObject({ success: false, failedAlarms: [ALARM], timestamp: 60 });
    expect((await monitor.runHealthChecks()).verdict.kind).toBe("failed");
    expect((await monitor.monitorHealthChecks(100)).verdict.kind).toBe("failed");
  });

  it("sees an alarm that goes off at its very end", async () => {
    const world = new HealthWorld();
    world.alarmsAt = (at) => (at >= 100 ? [ALARM] : []);
    expect((await new HealthCheckMonitor(world.ports, healthOptions()).monitorHealthChecks(100)).success).toBe(false);
  });

  it("waits for a canary beyond its end, by the grace at most", async () => {
    const slow = new HealthWorld();
    slow.jobAt = (at, startedAt) =>
      at - startedAt < 90 ? { kind: "running" } : { kind: "succeeded", releaseVersion: "v1" };
    expect(await new HealthCheckMonitor(slow.ports, healthOptions()).monitorHealthChecks(100)).toMatchObject({
      timestamp: 160,
      verdict: { kind: "healthy" },
    });

    const stuck = new HealthWorld();
    stuck.jobAt = () => ({ kind: "running" });
    expect(await new HealthCheckMonitor(stuck.ports, healthOptions()).monitorHealthChecks(100)).toMatchObject({
      timestamp: 200,
      verdict: { kind: "inconclusive", because: "2 canary jobs not ended: job:1, job:2" },
    });
  });

  it("starts one canary and looks once even when it lasts no time, and catches up with no burst", async () => {
    const world = new HealthWorld();
    expect((await new HealthCheckMonitor(world.ports, healthOptions()).monitorHealthChecks(0)).success).toBe(true);
    expect(world.starts).toHaveLength(1);

    const slow = new HealthWorld();
    await new HealthCheckMonitor(slow.ports, healthOptions({ pollIntervalMs: 150 })).monitorHealthChecks(400);
    expect(slow.starts.map(({ at }) => at)).toEqual([0, 150, 300]);
  });

  it("tells what could not be measured from what was measured bad", async () => {
    const blind = new HealthWorld();
    blind.alarmsAt = () => {
      throw new Error("denied");
    };
    expect((await new HealthCheckMonitor(blind.ports, healthOptions()).monitorHealthChecks(60)).verdict).toEqual({
      kind: "error",
      because: "the alarms could not be read at the end: denied",
    });

    const jobless = new HealthWorld();
    jobless.startAt = () => {
      throw new Error("no such project");
    };
    expect((await new HealthCheckMonitor(jobless.ports, healthOptions()).monitorHealthChecks(60)).verdict).toEqual({
      kind: "error",
      because: "1 canary job could not be run: not started: no such project",
    });
  });

  it("asks again for a canary whose state could not be read", async () => {
    const world = new HealthWorld();
    const healthy = world.jobAt;
    world.jobAt = (at, startedAt) => {
      if (at < 100) throw new Error("throttled");
      return healthy(at, startedAt);
    };
    const seen: HealthReport[] = [];
    const options = healthOptions({ onPoll: async (report) => void seen.push(report) });
    expect((await new HealthCheckMonitor(world.ports, options).monitorHealthChecks(100)).success).toBe(true);
    expect(seen[0]?.verdict.because).toBe("1 canary job not ended: job:1 (its state could not be read: throttled)");
  });

  it("tells every look to its caller, who may end it", async () => {
    const world = new HealthWorld();
    const options = healthOptions({
      onPoll: async () => {
        if (world.now >= 60) throw new Error("the lock is lost");
      },
    });
    await expect(new HealthCheckMonitor(world.ports, options).monitorHealthChecks(600)).rejects.toThrow(
      "the lock is lost",
    );
    expect(world.now).toBe(60);
  });
});

describe("runHealthChecks", () => {
  it("is one canary and a look at the alarms", async () => {
    const world = new HealthWorld();
    expect(await new HealthCheckMonitor(world.ports, healthOptions()).runHealthChecks()).toMatchObject({
      success: true,
      timestamp: 30,
      canaries: [{ jobId: "job:1", startedAt: 0, status: "succeeded" }],
    });
  });

  it("waits by the grace at most", async () => {
    const world = new HealthWorld();
    world.jobAt = () => ({ kind: "running" });
    expect(await new HealthCheckMonitor(world.ports, healthOptions()).runHealthChecks()).toMatchObject({
      timestamp: 100,
      verdict: { kind: "inconclusive" },
    });
  });
});

describe("checkAlarms", () => {
  it("gives the alarms of the prefix, and throws what the source throws", async () => {
    const world = new HealthWorld();
    world.alarmsAt = () => [ALARM, { name: "other", state: "OK" }];
    const monitor = new HealthCheckMonitor(world.ports, healthOptions());
    expect(await monitor.checkAlarms()).toEqual([ALARM]);
    world.alarmsAt = () => {
      throw new Error("denied");
    };
    await expect(monitor.checkAlarms()).rejects.toThrow("denied");
  });
});
