import { describe, expect, it } from "@jest/globals";
import { eventsOf } from "../../../../local/codebuild/events";
import { endBuild, startPhase } from "../../../../local/codebuild/phases";
import { newBuild } from "../../../../local/codebuild/startBuild";

const NOW = new Date("2026-01-02T15:04:05Z");
const { build: submitted } = newBuild(
  {
    name: "p",
    source: { type: "NO_SOURCE", buildspec: "version: 0.2\n" },
    environment: {
      type: "LINUX_CONTAINER",
      image: "i",
      computeType: "BUILD_GENERAL1_SMALL",
      environmentVariables: [{ name: "TOKEN", value: "not for everyone", type: "PLAINTEXT" }],
    },
  },
  { projectName: "p" },
  { uuid: "u", number: 1, initiator: "me", startTime: NOW },
  { region: "us-east-1", accountId: "000000000000" },
);

describe("the events of a build", () => {
  it("tell its beginning, in AWS's shape and without the values of its variables", () => {
    const [event, ...more] = eventsOf(submitted, undefined, NOW);
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      source: "aws.codebuild",
      detailType: "CodeBuild Build State Change",
      resources: [submitted.arn],
      time: NOW,
      detail: {
        "build-status": "IN_PROGRESS",
        "project-name": "p",
        "build-id": submitted.arn,
        "current-phase": "QUEUED",
        version: "1",
        "additional-information": {
          "build-complete": false,
          "build-start-time": "Jan 2, 2026 3:04:05 PM",
          initiator: "me",
          environment: { "environment-variables": [{ name: "TOKEN", type: "PLAINTEXT" }] },
        },
      },
    });
    expect(JSON.stringify(event)).not.toContain("not for everyone");
  });

  it("tell each phase that is completed and the end, once", () => {
    const running = startPhase(submitted, "BUILD", NOW);
    expect(eventsOf(running, submitted, NOW)).toEqual([]);
    const ended = endBuild(running, "FAILED", [{ statusCode: "X", message: "why" }], NOW);
    const events = eventsOf(ended, running, NOW);
    expect(events.map(({ detailType }) => detailType)).toEqual([
      "CodeBuild Build Phase Change",
      "CodeBuild Build State Change",
    ]);
    expect(events[0]?.detail).toMatchObject({ "completed-phase": "BUILD", "completed-phase-context": "[X: why]" });
    expect(events[1]?.detail).toMatchObject({ "build-status": "FAILED", "current-phase": "COMPLETED" });
    expect(eventsOf(ended, ended, NOW)).toEqual([]);
  });
});
