import { describe, expect, it } from "@jest/globals";
import type { EnvironmentState } from "../../../../runtime/deployments/domain";
import { type Compatibility, refusedTarget, spentBudget, targetOf } from "../../../../runtime/rollback/domainGuards";
import { deploymentRecord, rollbackProgress } from "../support/deploymentRecord";

const { target: TARGET } = rollbackProgress();
const STATE: EnvironmentState = { environment: "production", token: 3 };
const HOUR = 3_600_000;

describe("a deployment goes back to", () => {
  const captured = {
    previousVersion: "b".repeat(40),
    previousReleaseDigest: "f".repeat(64),
    previousDeploymentId: "production#900000",
    previousInfrastructureVersion: "c".repeat(40),
  };

  it("what its own record captured", () => {
    expect(targetOf(deploymentRecord(captured), undefined)).toEqual({
      kind: "found",
      target: { ...TARGET, infrastructureVersion: "c".repeat(40) },
    });
  });

  it("what an operator named before that", () => {
    const named = { ...TARGET, version: "9".repeat(40) };
    expect(targetOf(deploymentRecord(captured), named)).toEqual({ kind: "found", target: named });
  });

  it("nothing when it is the first release there", () => {
    expect(targetOf(deploymentRecord(), undefined)).toEqual({
      kind: "none",
      because: "it is the first release in production: there is nothing to go back to",
    });
  });
});

describe("a target", () => {
  const refusal = (state: Partial<EnvironmentState> = {}, compatibility?: Compatibility) =>
    refusedTarget(TARGET, deploymentRecord(), { ...STATE, ...state }, compatibility);
  const known = (compatibleFrom: number | null, targetSequence: number): Compatibility => ({
    kind: "known",
    compatibleFrom,
    targetSequence,
  });

  it("is fine where nothing speaks against it", () => {
    expect(refusal()).toBeUndefined();
  });

  it("is never the release that is taken back", () => {
    const bad = deploymentRecord({ version: TARGET.version });
    expect(refusedTarget(TARGET, bad, STATE, undefined)).toBe(`${TARGET.version} is what would be taken back`);
  });

  it("is never quarantined there, whatever else is", () => {
    const one = (version: string) => ({ version, deploymentId: "production#1", because: "alarm", since: 1 });
    expect(refusal({ quarantine: [one("9".repeat(40))] })).toBeUndefined();
    expect(refusal({ quarantine: [one("9".repeat(40)), one(TARGET.version)] })).toBe(
      `${TARGET.version} is quarantined in production`,
    );
  });

  it("is never below what the bad release allows", () => {
    expect(refusal({}, known(null, 1))).toBeUndefined();
    expect(refusal({}, known(5, 5))).toBeUndefined();
    expect(refusal({}, known(5, 4))).toBe(
      `${"a".repeat(40)} may go back to release number 5 at the lowest, ${TARGET.version} is number 4`,
    );
  });

  it("is refused where nobody knows whether it is compatible", () => {
    expect(refusal({}, { kind: "unknown", because: "release.json is tampered" })).toBe("release.json is tampered");
  });
});

describe("the budget of automatic rollbacks", () => {
  const NOW = 100 * HOUR;
  const spent = (
    automaticRollbacks: readonly number[] | undefined,
    budget: { production?: number } = { production: 2 },
  ) => spentBudget({ ...STATE, automaticRollbacks }, "production", { budget, budgetWindowMs: 24 * HOUR }, NOW);

  it("is there until its last rollback within the window", () => {
    expect(spent(undefined)).toBeUndefined();
    expect(spent([NOW - HOUR])).toBeUndefined();
    expect(spent([NOW - 2 * HOUR, NOW - HOUR])).toBe(
      "production has spent its budget of 2 automatic rollbacks in 24 h",
    );
  });

  it("comes back when a rollback leaves the window", () => {
    expect(spent([NOW - 24 * HOUR, NOW - HOUR])).toBeUndefined();
    expect(spent([NOW - 24 * HOUR + 1, NOW - HOUR])).toMatch("spent");
  });

  it("has no limit where none is set", () => {
    expect(spent(Array<number>(50).fill(NOW), {})).toBeUndefined();
  });
});
