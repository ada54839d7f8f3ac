import { describe, expect, it } from "@jest/globals";
import type { DeploymentRecord } from "../../../runtime/deployments/domain";
import {
  HealthCheckError,
  PageError,
  PipelineError,
  ReleaseNotFoundError,
  RollbackError,
  SecurityScanError,
  TamperedError,
  UnreadableItemError,
  UnreadableReleaseError,
} from "../../../runtime/errors";

const cause = new Error("below");
const deployment = { deploymentId: "test#1" } as DeploymentRecord;
const alarms = [{ name: "failed-jobs", state: "ALARM" }] as const;
const violations = [
  { rule: "r", resource: "bucket", message: "is public", remedy: "Close it.", effect: "blocks" },
] as const;

describe("the errors", () => {
  it("carry their name, their subject and their cause", () => {
    expect(new PipelineError("no", "Build", cause)).toMatchObject({ name: "PipelineError", stage: "Build", cause });
    expect(new RollbackError("no", deployment, cause)).toMatchObject({ name: "RollbackError", deployment, cause });
    expect(new HealthCheckError("no", alarms, cause)).toMatchObject({ failedAlarms: alarms, cause });
    expect(new SecurityScanError("no", violations, cause)).toMatchObject({ violations, cause });
    expect(new ReleaseNotFoundError("releases/1/release.json", cause)).toMatchObject({ cause });
    expect(new PageError("no", cause)).toMatchObject({ name: "PageError", cause });
  });

  it("have no cause when none was given", () => {
    expect("cause" in new PipelineError("no", "Build")).toBe(false);
  });

  it("say in their message what was wanted and what was found", () => {
    expect(new TamperedError("application.zip", "aa", "bb").message).toBe(
      "application.zip is tampered: its SHA-256 should be aa and is bb",
    );
    expect(new UnreadableReleaseError("current.json", ["version: is missing", "x: y"]).message).toBe(
      "current.json is unreadable: version: is missing; x: y",
    );
    expect(new UnreadableItemError("test#1", { phase: 3 }, ["phase: is a number"]).message).toBe(
      'item test#1 of the deployments table is unreadable: phase: is a number; it is {"phase":3}',
    );
  });
});
