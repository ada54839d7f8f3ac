import { describe, expect, it } from "@jest/globals";
import {
  attentionNotice,
  deploymentFailedNotice,
  deploymentStartedNotice,
  deploymentSucceededNotice,
  durationText,
  rollbackNotice,
  stageFailedNotice,
} from "../../../../runtime/notices/messages";
import { deploymentRecord, rollbackProgress } from "../support/deploymentRecord";

const NOW = 1_130_500;
const SAID = "1970-01-01T00:18:50Z";
const RECORD = deploymentRecord();
const IDENTITY = { environment: "production", timestamp: SAID, deploymentId: RECORD.deploymentId };

describe("what is told of a deployment", () => {
  const commit = {
    version: RECORD.version,
    commitMessage: "feat: jobs",
    commitAuthor: "Ada",
    pipelineExecutionId: "execution-1",
  };

  it("that starts is which commit of whom", () => {
    expect(deploymentStartedNotice(RECORD, NOW)).toEqual({
      id: "production#1000000#deployment_started",
      topic: "deployments",
      createdAt: NOW,
      message: { event: "deployment_started", ...IDENTITY, ...commit },
    });
  });

  it("that succeeded is how long it took and what was tested", () => {
    expect(deploymentSucceededNotice(deploymentRecord({ e2eTestsPassed: false }), NOW)).toEqual({
      id: "production#1000000#deployment_succeeded",
      topic: "deployments",
      createdAt: NOW,
      message: {
        event: "deployment_succeeded",
        ...IDENTITY,
        version: RECORD.version,
        duration: "2m 11s",
        testResults: { unitTests: "passed", integrationTests: "passed", e2eTests: "not run", coverage: "90%" },
      },
    });
  });

  it("that failed is why", () => {
    expect(deploymentFailedNotice(deploymentRecord({ failureReason: "2 of 5 tests failed" }), NOW)).toEqual({
      id: "production#1000000#deployment_failed",
      topic: "deployments",
      createdAt: NOW,
      message: {
        event: "deployment_failed",
        ...IDENTITY,
        ...commit,
        duration: "2m 11s",
        reason: "2 of 5 tests failed",
      },
    });
    expect(deploymentFailedNotice(RECORD, NOW).message.reason).toBeUndefined();
  });

  it("that failed with a long reason is its beginning", () => {
    const { message } = deploymentFailedNotice(deploymentRecord({ failureReason: "x".repeat(5_000) }), NOW);
    expect(message.reason).toBe("x".repeat(1_000));
  });
});

describe("what is told of a rollback", () => {
  const versions = { currentVersion: RECORD.version, targetVersion: "b".repeat(40) };
  const because = "alarm kiro-worker-production-failures in ALARM state";

  it("that begins is why, and from what to what", () => {
    expect(rollbackNotice("rollback_initiated", deploymentRecord({ rollback: rollbackProgress() }), NOW)).toEqual({
      id: "production#1000000#rollback_initiated",
      topic: "rollbacks",
      createdAt: NOW,
      message: { event: "rollback_initiated", ...IDENTITY, ...versions, reason: because, level: "stage" },
    });
  });

  it("that restored the environment is how long it took", () => {
    const rollback = rollbackProgress({ level: "full", outcome: { kind: "restored", because: "jobs run it again" } });
    expect(rollbackNotice("rollback_succeeded", deploymentRecord({ rollback }), NOW).message).toEqual({
      event: "rollback_succeeded",
      ...IDENTITY,
      ...versions,
      reason: "jobs run it again",
      level: "full",
      duration: "0m 31s",
    });
  });

  it("that failed is what to do, and that no level was reached", () => {
    const rollback = rollbackProgress();
    expect(rollbackNotice("rollback_failed", deploymentRecord({ rollback }), NOW).message).toEqual({
      event: "rollback_failed",
      ...IDENTITY,
      ...versions,
      reason: because,
      level: "none",
      duration: "0m 31s",
      remedy: expect.stringContaining("Nothing is deployed into production until somebody has looked"),
    });
  });

  it("that was never claimed is nothing", () => {
    expect(() => rollbackNotice("rollback_failed", RECORD, NOW)).toThrow(
      "production#1000000 has no rollback to tell of",
    );
  });
});

describe("what needs a human", () => {
  it("is told with the reason and the commands that help", () => {
    expect(attentionNotice(RECORD, "nothing to go back to", NOW)).toEqual({
      id: expect.stringMatching(/^production#1000000#attention_needed#[0-9a-f]{12}$/),
      topic: "rollbacks",
      createdAt: NOW,
      message: {
        event: "attention_needed",
        ...IDENTITY,
        version: RECORD.version,
        pipelineExecutionId: "execution-1",
        reason: "nothing to go back to",
        remedy: expect.stringContaining("kiro-pipeline status"),
      },
    });
  });

  it("is the same notice for the same trouble, and another one for another trouble", () => {
    const idOf = (because: string, now: number) => attentionNotice(RECORD, because, now).id;
    expect(idOf("one", 1)).toBe(idOf("one", 2));
    expect(idOf("one", 1)).not.toBe(idOf("two", 1));
  });
});

describe("a stage that failed without a deployment", () => {
  const failure = { executionId: "execution-1", stage: "Build", attempt: 2, because: "x".repeat(2_000) };

  it("is told once for each attempt", () => {
    expect(stageFailedNotice(failure, NOW)).toEqual({
      id: "pipeline#execution-1#Build#2",
      topic: "deployments",
      createdAt: NOW,
      message: {
        event: "deployment_failed",
        environment: "none",
        timestamp: SAID,
        pipelineExecutionId: "execution-1",
        reason: "x".repeat(1_000),
      },
    });
  });
});

describe("a duration", () => {
  it.each([
    [0, "0m 0s"],
    [59_499, "0m 59s"],
    [59_500, "1m 0s"],
    [2_730_000, "45m 30s"],
    [-5_000, "0m 0s"],
  ])("of %d ms reads %s", (milliseconds, text) => {
    expect(durationText(milliseconds)).toBe(text);
  });
});
