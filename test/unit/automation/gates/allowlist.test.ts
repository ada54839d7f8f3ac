import { describe, expect, it } from "@jest/globals";
import { readAllowlist } from "../../../../automation/gates/allowlist";

const today = "2026-11-25";
const entry = { advisory: "GHSA-c2qf-rxjj-qqgw", justification: "only reads our own versions", expires: "2026-12-31" };
const nothing = { entries: [], faults: [] };

describe("the allow-list of a worker", () => {
  it("is empty without a file, and without the property", () => {
    expect(readAllowlist(undefined, today)).toEqual(nothing);
    expect(readAllowlist('{"rollbackCompatibleFrom":"abc"}', today)).toEqual(nothing);
  });

  it("allows what is justified, through the day on which it expires", () => {
    expect(read([entry], today)).toEqual({ entries: [entry], faults: [] });
    expect(read([entry], entry.expires)).toEqual({ entries: [entry], faults: [] });
  });

  it("does not allow what has expired, and says so", () => {
    expect(read([entry], "2027-01-01")).toEqual({
      entries: [],
      faults: [
        {
          rule: "auditAllowlist[0]",
          resource: "kiro-release.json",
          message: "GHSA-c2qf-rxjj-qqgw expired on 2026-12-31",
          remedy: "Mend the entry, or remove it.",
          effect: "blocks",
        },
      ],
    });
  });

  it.each<[string, unknown, string[]]>([
    [
      "no justification",
      { ...entry, justification: undefined },
      ["justification: is missing: say why it does no harm here"],
    ],
    [
      "an empty justification",
      { ...entry, justification: " " },
      ["justification: is empty: say why it does no harm here"],
    ],
    [
      "no advisory",
      { ...entry, advisory: undefined },
      ["advisory: is missing: name one advisory, GHSA-xxxx-xxxx-xxxx"],
    ],
    [
      "another id",
      { ...entry, advisory: "CVE-2022-25883" },
      ["advisory: is not the id of an advisory, GHSA-xxxx-xxxx-xxxx"],
    ],
    ["a pattern", { ...entry, advisory: "GHSA-*" }, ["advisory: is not the id of an advisory, GHSA-xxxx-xxxx-xxxx"]],
    ["no expiry", { ...entry, expires: undefined }, ["expires: is not a date, YYYY-MM-DD"]],
    ["no real day", { ...entry, expires: "2026-02-30" }, ["expires: is not a date, YYYY-MM-DD"]],
    ["an id alone", entry.advisory, [": is not an object with advisory, justification and expires"]],
    ["a property too many", { ...entry, expire: "never" }, [': Unrecognized key: "expire"']],
    [
      "nothing at all",
      {},
      [
        "advisory: is missing: name one advisory, GHSA-xxxx-xxxx-xxxx",
        "justification: is missing: say why it does no harm here",
        "expires: is not a date, YYYY-MM-DD",
      ],
    ],
  ])("does not take an entry with %s, and says what is wrong with it", (_what, item, messages) => {
    const { entries, faults } = read([entry, item], today);
    expect(entries).toEqual([entry]);
    expect(faults.map(({ rule, message }) => `${rule.replace(/^auditAllowlist\[1\]\.?/, "")}: ${message}`)).toEqual(
      messages,
    );
    expect(faults.every(({ effect }) => effect === "blocks")).toBe(true);
  });

  it.each([
    ["{", "the file is not JSON"],
    ["[]", "is not a list in an object"],
    ["null", "is not a list in an object"],
    ['{"auditAllowlist":{}}', "is not a list in an object"],
    ['{"auditAllowlist":null}', "is not a list in an object"],
  ])("blocks when the file is %j", (text, message) => {
    const { entries, faults } = readAllowlist(text, today);
    expect(entries).toEqual([]);
    expect(faults.map((fault) => [fault.rule, fault.message, fault.effect])).toEqual([
      ["auditAllowlist", message, "blocks"],
    ]);
  });
});

// Helpers

const read = (auditAllowlist: readonly unknown[], on: string) => readAllowlist(JSON.stringify({ auditAllowlist }), on);
