import { describe, expect, it } from "@jest/globals";
import { judgeRestored, type ValidationLook, validationDeadline } from "../../../../runtime/rollback/domainValidation";
import type { WatchedAlarm } from "../../../../runtime/rollback/ports";

const VERSION = "b".repeat(40);
const OTHER = "a".repeat(40);
const alarm = (name: string, state: WatchedAlarm["state"] = "ALARM", evaluationMs = 0): WatchedAlarm => ({
  name,
  state,
  since: 1,
  evaluationMs,
});
const judged = (over: Partial<ValidationLook> = {}) =>
  judgeRestored({
    version: VERSION,
    pointedTo: VERSION,
    canary: { jobId: "job:1", status: { kind: "succeeded", releaseVersion: VERSION } },
    alarms: [alarm("latency", "OK"), alarm("failures", "INSUFFICIENT_DATA")],
    alarmsBefore: [],
    ...over,
  });

describe("an environment", () => {
  it("is restored when version, health and alarms are right", () => {
    expect(judged()).toEqual({ kind: "restored", because: "canary job job:1 ran it, no alarm is on" });
  });

  it.each([
    ["another release", OTHER, OTHER],
    ["nothing", undefined, "nothing"],
  ])("has failed when the pointer names %s, whatever else is right", (_, pointedTo, named) => {
    expect(judged({ pointedTo })).toEqual({
      kind: "failed",
      because: `current.json names ${named}, not ${VERSION}`,
    });
  });

  it("has failed when its job failed", () => {
    expect(judged({ canary: { jobId: "job:1", status: { kind: "failed", because: "exit code 1" } } })).toEqual({
      kind: "failed",
      because: "canary job job:1: exit code 1",
    });
  });

  it("has failed when its job ran another release", () => {
    const status = { kind: "succeeded", releaseVersion: OTHER } as const;
    expect(judged({ canary: { jobId: "job:1", status } })).toEqual({
      kind: "failed",
      because: `canary job job:1: it ran ${OTHER}; it should run ${VERSION}`,
    });
  });

  it("is not judged by a job that could not be run", () => {
    expect(judged({ canary: { jobId: "job:1", status: { kind: "error", because: "no capacity" } } })).toEqual({
      kind: "error",
      because: "canary job job:1: no capacity",
    });
  });

  it("is waited for while its job runs", () => {
    expect(judged({ canary: { jobId: "job:1", status: { kind: "running" } } })).toEqual({
      kind: "waiting",
      because: "canary job job:1: running",
    });
  });

  it("is waited for while an alarm is still on", () => {
    expect(judged({ alarms: [alarm("latency"), alarm("queue", "OK"), alarm("failures")] })).toEqual({
      kind: "waiting",
      because: "still in ALARM: latency, failures",
    });
  });

  it("is not waited for because of an alarm that was on before the deployment came", () => {
    expect(judged({ alarms: [alarm("old")], alarmsBefore: ["old"] }).kind).toBe("restored");
    expect(judged({ alarms: [alarm("old"), alarm("new")], alarmsBefore: ["old"] })).toEqual({
      kind: "waiting",
      because: "still in ALARM: new",
    });
  });
});

describe("the time for a validation", () => {
  const limits = { settleMs: 60, graceMs: 120, longestMs: 900 };

  it("is to settle, the longest evaluation of the alarms, and some grace", () => {
    const alarms = [alarm("a", "OK", 300), alarm("b", "OK", 500), alarm("c", "OK", 100)];
    expect(validationDeadline(10_000, alarms, limits)).toBe(10_000 + 60 + 500 + 120);
  });

  it("is what settling and grace take where no alarm is", () => {
    expect(validationDeadline(10_000, [], limits)).toBe(10_180);
  });

  it("is never longer than the cap", () => {
    expect(validationDeadline(10_000, [alarm("slow", "OK", 5_000)], limits)).toBe(10_900);
  });
});
