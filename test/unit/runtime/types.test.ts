import { describe, expect, it } from "@jest/globals";
import * as types from "../../../runtime/types";

describe("the type guards", () => {
  it.each([
    ["environment", types.isEnvironment, types.ENVIRONMENTS],
    ["deployment status", types.isDeploymentStatus, types.DEPLOYMENT_STATUSES],
    ["rollback level", types.isRollbackLevel, types.ROLLBACK_LEVELS],
    ["rollback status", types.isRollbackStatus, types.ROLLBACK_STATUSES],
    ["phase", types.isPhase, types.PHASES],
    ["alarm state", types.isAlarmState, types.ALARM_STATES],
  ])("know every %s and nothing else", (_name, guard: (value: unknown) => boolean, known: readonly string[]) => {
    expect(known.every((value) => guard(value))).toBe(true);
    expect(["", "prod", "toString", known.join(), undefined, null, 0, {}].some((value) => guard(value))).toBe(false);
  });

  it("name the environments in the order of a release", () => {
    expect(types.ENVIRONMENTS).toEqual(["test", "staging", "production"]);
  });
});
