import { describe, expect, it } from "@jest/globals";
import { ZodError } from "zod";
import { type EventNames, readEvent } from "../../../../runtime/rollback/events";
import { alarmEvent, buildEvent, NAMES, requestEvent, stageEvent, TICK } from "./support/events";

const read = (event: unknown, names: EventNames = NAMES) => readEvent(event, names);

describe("an alarm event", () => {
  it("is of the environment whose prefix the alarm has", () => {
    expect(read(alarmEvent())).toEqual({
      kind: "alarm",
      environment: "production",
      alarm: {
        name: "kiro-worker-production-failed-jobs",
        state: "ALARM",
        reason: "Threshold Crossed: 3 datapoints",
        since: Date.UTC(2026, 10, 25, 10, 0, 0, 985),
      },
    });
    expect(read(alarmEvent({ alarmName: "kiro-worker-staging-latency" }))).toMatchObject({ environment: "staging" });
    expect(read(alarmEvent({ alarmName: "kiro-worker-test-latency" }))).toMatchObject({ environment: "test" });
  });

  it.each([
    ["2026-11-25T12:00:00.985+0200", Date.UTC(2026, 10, 25, 10, 0, 0, 985)],
    ["2026-11-25T09:00:00-01:00", Date.UTC(2026, 10, 25, 10)],
    ["2026-11-25T10:00:00Z", Date.UTC(2026, 10, 25, 10)],
  ])("has its time, written as %s", (timestamp, since) => {
    expect(read(alarmEvent({ state: { value: "ALARM", timestamp } }))).toMatchObject({
      alarm: { since, reason: undefined },
    });
  });

  it("without a readable time is refused", () => {
    expect(() => read(alarmEvent({ state: { value: "ALARM", timestamp: "yesterday" } }))).toThrow(
      "the alarm kiro-worker-production-failed-jobs has no readable time: yesterday",
    );
  });

  it("of no worker is nothing, however alike the name is", () => {
    for (const alarmName of ["billing", "kiro-worker-productions", "my-kiro-worker-production-failed-jobs"]) {
      expect(read(alarmEvent({ alarmName }))).toEqual({
        kind: "nothing",
        because: `${alarmName} is no alarm of a worker`,
      });
    }
  });

  it.each(["OK", "INSUFFICIENT_DATA"])("that says %s is nothing", (value) => {
    const state = { value, timestamp: "2026-11-25T10:00:00Z" };
    expect(read(alarmEvent({ state }))).toEqual({
      kind: "nothing",
      because: `kiro-worker-production-failed-jobs is ${value}`,
    });
  });
});

describe("a stage's event", () => {
  it("that failed names the actions, what they said, and the attempt", () => {
    const failed = stageEvent({
      "pipeline-execution-attempt": 2,
      "failed-actions": [{ action: "Deploy", "additional-information": "exit code 1" }, { action: "Verify" }],
    });
    expect(read(failed)).toEqual({
      kind: "stage-failed",
      environment: "production",
      failure: {
        executionId: "execution-b",
        stage: "ProductionEnv",
        attempt: 2,
        because: "stage ProductionEnv failed (Deploy: exit code 1; Verify: failed)",
      },
    });
  });

  it("that failed without more is its first attempt", () => {
    expect(read(stageEvent())).toMatchObject({ failure: { attempt: 1, because: "stage ProductionEnv failed" } });
  });

  it.each([
    ["TestEnv", "test"],
    ["StagingEnv", "staging"],
    ["ProductionEnv", "production"],
    ["Source", undefined],
    ["Build", undefined],
  ])("of %s concerns %s", (stage, environment) => {
    expect(read(stageEvent({ stage }))).toMatchObject({ kind: "stage-failed", environment, failure: { stage } });
  });

  it("that was stopped may end a deployment, and tells nothing else", () => {
    expect(read(stageEvent({ state: "STOPPED", stage: "StagingEnv" }))).toEqual({
      kind: "decide",
      environment: "staging",
      trigger: { kind: "stage", executionId: "execution-b", outcome: "stopped" },
    });
    expect(read(stageEvent({ state: "STOPPED", stage: "Build" }))).toEqual({
      kind: "nothing",
      because: "stage Build was stopped before any environment",
    });
  });

  it.each(["STARTED", "SUCCEEDED", "RESUMED", "CANCELED", "STOPPING"])("that says %s is nothing", (state) => {
    expect(read(stageEvent({ state }))).toEqual({ kind: "nothing", because: `stage ProductionEnv is ${state}` });
  });

  it("of another pipeline is nothing", () => {
    expect(read(stageEvent({ pipeline: "payroll" }))).toEqual({
      kind: "nothing",
      because: "payroll is another pipeline",
    });
  });
});

describe("a build's event", () => {
  it("that ended concerns the environment of its project, be it a deployment's or a canary's", () => {
    expect(read(buildEvent({ "project-name": "deploy-staging" }))).toEqual({
      kind: "decide",
      environment: "staging",
      trigger: { kind: "build", buildId: "deploy-production:1" },
    });
    expect(read(buildEvent({ "project-name": "worker-test" }))).toMatchObject({ environment: "test" });
  });

  it("names the build by its id, not by its ARN", () => {
    expect(read(buildEvent({ "build-id": "deploy-production:1" }))).toMatchObject({
      trigger: { buildId: "deploy-production:1" },
    });
  });

  it("that has only begun, or of another project, is nothing", () => {
    expect(read(buildEvent({ "build-status": "IN_PROGRESS" }))).toEqual({
      kind: "nothing",
      because: "the build has only begun",
    });
    expect(read(buildEvent({ "project-name": "payroll" }))).toEqual({
      kind: "nothing",
      because: "payroll is no project of the pipeline",
    });
  });
});

describe("an operators' request", () => {
  it("is read as it is", () => {
    const detail = { environment: "staging", by: "ada", because: "slow", to: "c".repeat(40), dryRun: true };
    expect(read(requestEvent(detail))).toEqual({ kind: "request", request: detail });
  });

  it.each([
    ["without who asks", { by: "" }],
    ["without why", { because: "" }],
    ["for an unknown environment", { environment: "prod" }],
    ["to a short commit", { to: "abc" }],
    ["to a commit with something behind it", { to: `${"c".repeat(40)}\n` }],
    ["that does not say whether it is a rehearsal", { dryRun: undefined }],
  ])("%s is refused", (_, over) => {
    expect(() => read(requestEvent(over))).toThrow(ZodError);
  });
});

describe("any other event", () => {
  it("of the schedule is a tick", () => {
    expect(read(TICK)).toEqual({ kind: "tick" });
  });

  it("is nothing", () => {
    expect(read({ source: "aws.ec2", "detail-type": "Scheduled Event", detail: {} })).toEqual({
      kind: "nothing",
      because: "nothing is done on aws.ec2 Scheduled Event",
    });
  });

  it.each([
    ["text", "hello"],
    ["an alarm without a name", alarmEvent({ alarmName: undefined })],
    ["a stage without an execution", stageEvent({ "execution-id": undefined })],
    ["a build without a status", buildEvent({ "build-status": undefined })],
  ])("that is %s is kept for people", (_, event) => {
    expect(() => read(event)).toThrow(ZodError);
  });
});
