import { describe, expect, test } from "@jest/globals";
import { exempts, faultsOf, holds } from "../../../policy/exemptions";

const today = "2026-11-25";
const rules = new Set(["keys-rotate", "queues-are-encrypted"]);
const exemption = {
  rule: "keys-rotate",
  resource: "aws:kms/key:Key::legacy",
  reason: "It is imported, and cannot rotate.",
  expires: "2026-12-31",
};

describe("an exemption", () => {
  test.each([
    ["2026-11-24", false],
    ["2026-11-25", true],
    ["2026-11-26", true],
    ["2027-01-01", true],
  ])("that expires on %s holds today: %s", (expires, holding) => {
    expect(holds({ expires }, today)).toBe(holding);
  });

  test.each([
    [{ type: "aws:kms/key:Key", name: "legacy" }, true],
    [{ type: "aws:kms/key:Key", name: "legacy-2" }, false],
    [{ type: "aws:kms/externalKey:ExternalKey", name: "legacy" }, false],
  ])("is about %j: %s", (resource, about) => {
    expect(exempts(exemption, resource)).toBe(about);
  });

  test("that holds, for a rule that exists, has no fault", () => {
    expect(faultsOf(exemption, rules, today)).toEqual([]);
  });

  test("that has expired or names no rule says so, and what to do", () => {
    expect(faultsOf({ ...exemption, expires: "2026-11-24" }, rules, today)).toEqual([
      "the exemption of aws:kms/key:Key::legacy from keys-rotate expired on 2026-11-24: mend the resource, or renew it with a reason",
    ]);
    expect(faultsOf({ ...exemption, rule: "keys" }, rules, today)).toEqual([
      "the exemption of aws:kms/key:Key::legacy from keys names a rule that does not exist: allowed are keys-rotate, queues-are-encrypted",
    ]);
    expect(faultsOf({ ...exemption, rule: "keys", expires: "2020-01-01" }, rules, today)).toHaveLength(2);
  });
});
