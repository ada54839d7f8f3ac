import { describe, expect, it } from "@jest/globals";
import type { Build, BuildPhaseType } from "@aws-sdk/client-codebuild";
import { endBuild, endPhase, nextPhase, startPhase } from "../../../../local/codebuild/phases";

type Walk = (phase: BuildPhaseType) => { succeeded: boolean; onFailure?: "ABORT" | "CONTINUE" };

function walk(outcome: Walk): BuildPhaseType[] {
  const way: BuildPhaseType[] = [];
  let phase: BuildPhaseType | undefined = "SUBMITTED";
  while (phase !== undefined) {
    way.push(phase);
    const { succeeded, onFailure } = outcome(phase);
    phase = nextPhase(phase, succeeded, onFailure);
  }
  return way;
}

const ALL: BuildPhaseType[] = [
  "SUBMITTED",
  "QUEUED",
  "PROVISIONING",
  "DOWNLOAD_SOURCE",
  "INSTALL",
  "PRE_BUILD",
  "BUILD",
  "POST_BUILD",
  "UPLOAD_ARTIFACTS",
  "FINALIZING",
  "COMPLETED",
];

describe("the way through the phases", () => {
  it("is all of them when nothing fails", () => {
    expect(walk(() => ({ succeeded: true }))).toEqual(ALL);
  });

  it.each([
    ["QUEUED", ["COMPLETED"]],
    ["PROVISIONING", ["COMPLETED"]],
    ["DOWNLOAD_SOURCE", ["FINALIZING", "COMPLETED"]],
    ["INSTALL", ["FINALIZING", "COMPLETED"]],
    ["PRE_BUILD", ["FINALIZING", "COMPLETED"]],
    ["BUILD", ["POST_BUILD", "UPLOAD_ARTIFACTS", "FINALIZING", "COMPLETED"]],
    ["POST_BUILD", ["UPLOAD_ARTIFACTS", "FINALIZING", "COMPLETED"]],
    ["UPLOAD_ARTIFACTS", ["FINALIZING", "COMPLETED"]],
  ] as const)("after a failed %s is %j", (failing, rest) => {
    const way = walk((phase) => ({ succeeded: phase !== failing }));
    expect(way).toEqual([...ALL.slice(0, ALL.indexOf(failing) + 1), ...rest]);
  });

  it("is led by on-failure", () => {
    expect(nextPhase("BUILD", false, "ABORT")).toBe("FINALIZING");
    expect(nextPhase("PRE_BUILD", false, "CONTINUE")).toBe("BUILD");
    expect(nextPhase("PRE_BUILD", true, "ABORT")).toBe("BUILD");
  });
});

describe("a build's record of its phases", () => {
  const NEW: Build = {};
  const at = (seconds: number): Date => new Date(seconds * 1000);

  it("ends the running phase once, with how long it took and why", () => {
    const running = startPhase(NEW, "BUILD", at(0));
    const ended = endPhase(running, "FAILED", [{ statusCode: "X", message: "y" }], at(3));
    expect(ended.phases).toEqual([
      {
        phaseType: "BUILD",
        phaseStatus: "FAILED",
        startTime: at(0),
        endTime: at(3),
        durationInSeconds: 3,
        contexts: [{ statusCode: "X", message: "y" }],
      },
    ]);
    expect(endPhase(ended, "SUCCEEDED", [], at(4))).toBe(ended);
  });

  it("ends with the build, which ends once", () => {
    const stopped = endBuild(startPhase(NEW, "BUILD", at(0)), "STOPPED", [], at(1));
    expect(stopped).toMatchObject({
      buildStatus: "STOPPED",
      buildComplete: true,
      currentPhase: "COMPLETED",
      endTime: at(1),
    });
    expect(stopped.phases?.map(({ phaseType, phaseStatus }) => [phaseType, phaseStatus])).toEqual([
      ["BUILD", "STOPPED"],
      ["COMPLETED", undefined],
    ]);
    expect(endBuild(stopped, "FAULT", [], at(2))).toBe(stopped);
  });
});
