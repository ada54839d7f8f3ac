import { describe, expect, it } from "@jest/globals";
import type { CanaryRun } from "../../../../runtime/deployments/domain";
import { type AlarmReading, canaryAfter, judge } from "../../../../runtime/health/domain";
import type { AlarmState } from "../../../../runtime/types";

const QUIET = reading("OK");
const GOOD = canary("succeeded");

describe("judge", () => {
  it("is healthy only with a quiet end and a canary that ran to its end", () => {
    expect(judge({ readings: [QUIET], canaries: [GOOD] }, [])).toEqual({
      kind: "healthy",
      because: "no new alarm, and 1 canary job ran the release",
    });
  });

  it.each<[string, AlarmReading[], CanaryRun[], string, string]>([
    ["an alarm", [reading("ALARM"), QUIET], [GOOD], "failed", "alarm failed-jobs went off (3 of 5)"],
    ["a canary", [QUIET], [GOOD, canary("failed", "exit 1")], "failed", "canary job job:1 failed: exit 1"],
    ["a canary without a reason", [QUIET], [canary("failed")], "failed", "no reason was given"],
    ["nothing", [], [GOOD], "error", "the alarms were never read"],
    ["an unreadable end", [QUIET, unreadable()], [GOOD], "error", "could not be read at the end: denied"],
    [
      "no canary that could run",
      [QUIET],
      [canary("error", "no project")],
      "error",
      "1 canary job could not be run: no project",
    ],
    ["mostly lost canaries", [QUIET], [GOOD, canary("error"), canary("error")], "error", "no reason was given"],
    ["a canary on its way", [QUIET], [GOOD, canary("running")], "inconclusive", "1 canary job not ended: job:1"],
    ["an unreadable canary", [QUIET], [canary("running", "denied")], "inconclusive", "job:1 (denied)"],
    ["no canary", [QUIET], [], "inconclusive", "no canary job ran"],
  ])("tells %s", (_what, readings, canaries, kind, because) => {
    const verdict = judge({ readings, canaries }, []);
    expect([verdict.kind, verdict.because]).toEqual([kind, expect.stringContaining(because)]);
  });

  it("is healthy when one canary was lost and another ran, or a look in between failed", () => {
    expect(judge({ readings: [QUIET], canaries: [canary("error"), GOOD] }, []).kind).toBe("healthy");
    expect(judge({ readings: [unreadable(), QUIET], canaries: [GOOD] }, []).kind).toBe("healthy");
    expect(judge({ readings: [reading("INSUFFICIENT_DATA")], canaries: [GOOD] }, []).kind).toBe("healthy");
  });

  it("excuses alarms from before, and names every other one once", () => {
    expect(judge({ readings: [reading("ALARM")], canaries: [GOOD] }, ["failed-jobs"]).kind).toBe("healthy");
    const bare = { name: "slow", state: "ALARM" } as const;
    const verdict = judge({ readings: [reading("ALARM", [bare]), reading("ALARM", [bare])], canaries: [GOOD] }, []);
    expect(verdict).toEqual({
      kind: "failed",
      because: "alarm failed-jobs went off (3 of 5); alarm slow went off",
      failedAlarms: [{ name: "failed-jobs", state: "ALARM", reason: "3 of 5" }, bare],
    });
  });
});

describe("a canary", () => {
  it("ends as its job did, if it ran the right release", () => {
    const running = canary("running", "unreadable for a while");
    expect(canaryAfter(running, { kind: "running" }, "v1")).toEqual({ ...running, because: undefined });
    expect(canaryAfter(running, { kind: "succeeded", releaseVersion: "v1" }, "v1").status).toBe("succeeded");
    expect(canaryAfter(running, { kind: "succeeded", releaseVersion: "v0" }, "v1")).toMatchObject({
      status: "failed",
      because: "it ran v0; it should run v1",
    });
    expect(canaryAfter(running, { kind: "succeeded", releaseVersion: undefined }, "v1")).toMatchObject({
      status: "failed",
      because: "it did not say which release it ran; it should run v1",
    });
    expect(canaryAfter(running, { kind: "failed", because: "exit 1" }, "v1")).toMatchObject({ status: "failed" });
    expect(canaryAfter(running, { kind: "error", because: "fault" }, "v1")).toMatchObject({ status: "error" });
  });
});

function reading(state: AlarmState, others: { name: string; state: AlarmState }[] = []): AlarmReading {
  return { kind: "read", at: 0, alarms: [{ name: "failed-jobs", state, reason: "3 of 5" }, ...others] };
}

function unreadable(): AlarmReading {
  return { kind: "unreadable", at: 0, because: "denied" };
}

function canary(status: CanaryRun["status"], because?: string): CanaryRun {
  return { jobId: "job:1", startedAt: 0, status, because };
}
