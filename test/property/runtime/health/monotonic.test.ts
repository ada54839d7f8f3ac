import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { CanaryRun } from "../../../../runtime/deployments/domain";
import { type AlarmReading, type HealthVerdict, judge } from "../../../../runtime/health/domain";
import { HealthCheckMonitor } from "../../../../runtime/health/monitor";
import type { HealthReport } from "../../../../runtime/health/ports";
import { ALARM_STATES } from "../../../../runtime/types";
import { HealthWorld, healthOptions } from "../../../unit/runtime/support/healthWorld";

const NAMES = ["worker-test-failed-jobs", "worker-test-slow"] as const;
const KINDS = ["error", "failed", "healthy", "inconclusive"];

describe("judge", () => {
  it("never takes a failure back, and reaches every verdict", () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(
        fc.array(readings(), { maxLength: 6 }),
        fc.array(canaries(), { maxLength: 4 }),
        before(),
        (seen, ran, excused) => {
          let failed = false;
          for (let n = 0; n <= Math.max(seen.length, ran.length); n++) {
            const verdict = judge({ readings: seen.slice(0, n), canaries: ran.slice(0, n) }, excused);
            reached.add(verdict.kind);
            if (failed) expect(verdict.kind).toBe("failed");
            failed = verdict.kind === "failed";
          }
        },
      ),
      { numRuns: 500 },
    );
    expect([...reached].sort()).toEqual(KINDS);
  });

  it("never calls healthy what was not seen to run, nor failed for an excused alarm alone", () => {
    fc.assert(
      fc.property(fc.array(readings(), { maxLength: 6 }), fc.array(canaries(), { maxLength: 4 }), (seen, ran) => {
        const verdict = judge({ readings: seen, canaries: ran }, NAMES);
        if (verdict.kind === "healthy") expect(ran.some(({ status }) => status === "succeeded")).toBe(true);
        if (verdict.kind === "failed") expect(ran.some(({ status }) => status === "failed")).toBe(true);
        if (!ran.some(({ status }) => status === "succeeded")) expect(verdict.kind).not.toBe("healthy");
      }),
    );
  });
});

describe("a monitoring session", () => {
  it("ends at its first failure, in time, and never reports success after it", async () => {
    const reached = new Set<HealthVerdict["kind"]>();
    const world = fc.record({
      duration: fc.integer({ min: 0, max: 300 }),
      alarmAt: fc.option(fc.integer({ min: 0, max: 400 }), { nil: Infinity, freq: 2 }),
      alarmFor: fc.integer({ min: 1, max: 100 }),
      jobTakes: fc.oneof(fc.integer({ min: 1, max: 150 }), fc.constant(Infinity)),
      jobFailsFrom: fc.option(fc.integer({ min: 0, max: 400 }), { nil: Infinity, freq: 2 }),
      deniedFrom: fc.option(fc.integer({ min: 0, max: 400 }), { nil: Infinity, freq: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(world, async ({ duration, alarmAt, alarmFor, jobTakes, jobFailsFrom, deniedFrom }) => {
        const seen: HealthReport[] = [];
        const surroundings = new HealthWorld();
        surroundings.alarmsAt = (at) => {
          if (at >= deniedFrom) throw new Error("denied");
          return [{ name: NAMES[0], state: at >= alarmAt && at < alarmAt + alarmFor ? "ALARM" : "OK" }];
        };
        surroundings.jobAt = (at, startedAt) => {
          if (at - startedAt < jobTakes) return { kind: "running" };
          if (startedAt >= jobFailsFrom) return { kind: "failed", because: "exit 1" };
          return { kind: "succeeded", releaseVersion: "v1" };
        };
        const options = healthOptions({ onPoll: async (report) => void seen.push(report) });
        const monitor = new HealthCheckMonitor(surroundings.ports, options);
        const report = await monitor.monitorHealthChecks(duration);

        reached.add(report.verdict.kind);
        expect(report.timestamp).toBeLessThanOrEqual(duration + options.canaryGraceMs);
        expect(seen.slice(0, -1).some(({ verdict }) => verdict.kind === "failed")).toBe(false);
        if (report.verdict.kind === "failed") {
          expect((await monitor.monitorHealthChecks(60)).success).toBe(false);
        } else {
          expect(report.timestamp).toBeGreaterThanOrEqual(duration);
        }
      }),
      { numRuns: 300 },
    );
    expect([...reached].sort()).toEqual(KINDS);
  });
});

// Helpers

function readings(): fc.Arbitrary<AlarmReading> {
  const alarm = fc.record({
    name: fc.constantFrom(...NAMES),
    state: fc.constantFrom("OK" as const, "OK" as const, "OK" as const, ...ALARM_STATES),
  });
  const read = fc.array(alarm, { maxLength: 2 }).map((alarms) => ({ kind: "read" as const, at: 0, alarms }));
  return fc.oneof(
    { weight: 5, arbitrary: read },
    { weight: 1, arbitrary: fc.constant({ kind: "unreadable" as const, at: 0, because: "denied" }) },
  );
}

function canaries(): fc.Arbitrary<CanaryRun> {
  const status = fc.constantFrom(
    "succeeded" as const,
    "succeeded" as const,
    "running" as const,
    "error" as const,
    "failed" as const,
  );
  return fc.record({ jobId: fc.constant("job:1"), startedAt: fc.constant(0), status });
}

function before(): fc.Arbitrary<string[]> {
  return fc.subarray([...NAMES]);
}
