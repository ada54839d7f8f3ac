import { describe, expect, it } from "@jest/globals";
import { isLocalCloud } from "../../../../automation/gates/localCloud";
import { proofOf, readDependenciesProof, renderProof } from "../../../../automation/gates/proof";

const report = { gate: "dependencies", measured: "it's\n 2 packages: 1 low", allowed: "", findings: [] } as const;

describe("the proof of the dependency gate", () => {
  it.each(["passed", "warned", "skipped"] as const)("survives the way to release publish: %s", (outcome) => {
    const proof = proofOf({ ...report, outcome });
    expect(readDependenciesProof(proof && renderProof(proof))).toEqual({
      gate: "dependencies",
      outcome,
      because: "it's 2 packages: 1 low",
    });
  });

  it("does not exist when it blocks", () => {
    expect(proofOf({ ...report, outcome: "blocked" })).toBeUndefined();
  });

  it.each([undefined, "", "passed", "passed: ", "blocked: 1 high", "not passed: x", "PASSED: x", "passed: a\nb"])(
    "is not %j",
    (value) => expect(readDependenciesProof(value)).toBeUndefined(),
  );
});

describe("the local cloud", () => {
  it.each(["http://127.0.0.1:4566", "http://localhost", "https://LOCALHOST:1/x", "http://[::1]:4566"])(
    "is at %s",
    (endpoint) => expect(isLocalCloud(endpoint)).toBe(true),
  );

  it.each([
    undefined,
    "",
    "localhost:4566",
    "127.0.0.1",
    "https://sts.us-east-1.amazonaws.com",
    "http://localhost.example.com",
    "http://localhost@example.com",
    "http://127.0.0.1.example.com",
    "http://10.0.0.1",
  ])("is not at %j", (endpoint) => expect(isLocalCloud(endpoint)).toBe(false));
});
