import { describe, expect, it } from "@jest/globals";
import { type Allowlist, readAllowlist } from "../../../../automation/gates/allowlist";
import { type Advisory, type Audit, type Severity } from "../../../../automation/gates/auditReport";
import { judgeDependencies } from "../../../../automation/gates/dependencies";

describe("the dependency gate", () => {
  it("passes when nothing is known", () => {
    expect(judge([audited()])).toEqual({
      gate: "dependencies",
      outcome: "passed",
      measured: "7 packages: nothing known",
      allowed: "nothing critical or high that auditAllowlist does not name",
      findings: [],
    });
  });

  it.each<[Severity, string, string]>([
    ["critical", "blocked", "blocks"],
    ["high", "blocked", "blocks"],
    ["moderate", "warned", "warns"],
    ["low", "passed", "informs"],
    ["info", "passed", "informs"],
  ])("is led by an advisory that is %s: %s", (severity, outcome, effect) => {
    const report = judge([audited(advisory("1111", severity))]);
    expect([report.outcome, report.measured, report.findings.map((finding) => finding.effect)]).toEqual([
      outcome,
      `7 packages: 1 ${severity}`,
      [effect],
    ]);
  });

  it("says of what blocks where it is and both ways out, the worst first", () => {
    const fixed = { ...advisory("2222", "critical"), fix: "Install b 2.0.0" };
    const { findings, measured } = judge([audited(advisory("3333", "low"), advisory("1111", "high"), fixed)]);
    expect(measured).toBe("7 packages: 1 critical, 1 high, 1 low");
    expect(findings).toEqual([
      {
        rule: "GHSA-2222-2222-2222",
        resource: "p2222 <2 in package-lock.json",
        message: "critical: is bad",
        remedy: "Install b 2.0.0, or allow it in kiro-release.json with a justification and a date.",
        effect: "blocks",
      },
      {
        rule: "GHSA-1111-1111-1111",
        resource: "p1111 <2 in package-lock.json",
        message: "high: is bad",
        remedy:
          "There is no fix yet: replace the package, or allow it in kiro-release.json with a justification and a date.",
        effect: "blocks",
      },
      {
        rule: "GHSA-3333-3333-3333",
        resource: "p3333 <2 in package-lock.json",
        message: "low: is bad",
        remedy: "There is no fix yet: replace the package.",
        effect: "informs",
      },
    ]);
  });

  it("tells an advisory once, with all its places and its worst rating", () => {
    const report = judge([
      audited(advisory("1111", "moderate"), { ...advisory("1111", "moderate"), package: "other" }),
      { lockFile: "infrastructure/package-lock.json", audit: audit(advisory("1111", "high")) },
    ]);
    expect(report.measured).toBe("14 packages: 1 high");
    expect(report.findings).toMatchObject([
      {
        resource:
          "p1111 <2 in package-lock.json, other <2 in package-lock.json, p1111 <2 in infrastructure/package-lock.json",
        effect: "blocks",
      },
    ]);
  });

  it("lets an allowed advisory pass, exactly that one, and says that it did", () => {
    const report = judge([audited(advisory("1111", "critical"), advisory("2222", "high"))], allowing("1111"));
    expect(report).toMatchObject({
      outcome: "blocked",
      measured: "7 packages: 1 critical, 1 high; allowed: GHSA-1111-1111-1111",
      findings: [
        { rule: "GHSA-2222-2222-2222", effect: "blocks" },
        { rule: "GHSA-1111-1111-1111", effect: "informs", remedy: "Allowed until 2026-12-01: not used here" },
      ],
    });
    expect(judge([audited(advisory("1111", "critical"))], allowing("1111")).outcome).toBe("passed");
  });

  it("hints at an entry that allows what no dependency has", () => {
    const report = judge([audited()], allowing("1111"));
    expect(report.outcome).toBe("passed");
    expect(report.findings).toEqual([
      {
        rule: "GHSA-1111-1111-1111",
        resource: "kiro-release.json",
        message: "is allowed, but no dependency has it",
        remedy: "Remove the entry.",
        effect: "informs",
      },
    ]);
  });

  it("is blocked by an entry without a justification or past its date, even when nothing has the advisory", () => {
    const auditAllowlist = [
      { advisory: "GHSA-1111-1111-1111", justification: "", expires: "2026-12-01" },
      { advisory: "GHSA-2222-2222-2222", justification: "not used here", expires: "2026-11-24" },
    ];
    const report = judge([audited()], readAllowlist(JSON.stringify({ auditAllowlist }), "2026-11-25"));
    expect([report.outcome, report.findings.map(({ rule, effect }) => [rule, effect])]).toEqual([
      "blocked",
      [
        ["auditAllowlist[0].justification", "blocks"],
        ["auditAllowlist[1]", "blocks"],
      ],
    ]);
  });

  it("blocks when a lock file could not be audited", () => {
    const report = judge([audited(), unaudited]);
    expect(report).toMatchObject({
      outcome: "blocked",
      measured: "7 packages: nothing known; no audit of infrastructure/package-lock.json",
      findings: [
        {
          rule: "npm audit",
          resource: "infrastructure/package-lock.json",
          message: "no audit: 405",
          remedy: "Run the build again when the registry answers npm audit; without an audit nothing is released.",
          effect: "blocks",
        },
      ],
    });
  });

  it("is skipped in the local cloud when there is no audit, and says so", () => {
    const report = judge([unaudited], { ...none, entries: allowing("1111").entries }, true);
    expect(report).toMatchObject({
      outcome: "skipped",
      measured: "no audit of infrastructure/package-lock.json; skipped in the local cloud",
      findings: [
        {
          effect: "warns",
          message: "no audit: 405",
          remedy: "Skipped because this is the local cloud; on AWS it blocks.",
        },
      ],
    });
    expect(report.findings).toHaveLength(1);
  });

  it("blocks in the local cloud too for what it knows", () => {
    expect(judge([audited(advisory("1111", "high")), unaudited], none, true).outcome).toBe("blocked");
    const { faults } = readAllowlist("{", "2026-11-25");
    expect(judge([unaudited], { entries: [], faults }, true).outcome).toBe("blocked");
  });

  it("mentions an entry that nothing needs, and not the one beside it that something does", () => {
    const { entries } = allowing("9999");
    const both = { ...none, entries: [...allowing("1111").entries, ...entries] };
    const { outcome, findings } = judge([audited(advisory("1111", "high"))], both);
    expect(outcome).toBe("passed");
    expect(findings.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([
      "GHSA-1111-1111-1111: high: is bad",
      "GHSA-9999-9999-9999: is allowed, but no dependency has it",
    ]);
  });

  it.each([
    ["first", "high", "low"],
    ["last", "low", "high"],
  ] as const)("takes the worst rating of an advisory when it comes %s", (_when, one, other) => {
    const places = [audited(advisory("1111", one)), { ...audited(advisory("1111", other)), lockFile: "other.json" }];
    expect(judge(places).measured).toBe("14 packages: 1 high");
  });
});

// Helpers

const none: Allowlist = { entries: [], faults: [] };
const unaudited = {
  lockFile: "infrastructure/package-lock.json",
  audit: { kind: "unavailable", because: "405" },
} as const;

const judge = (audits: Parameters<typeof judgeDependencies>[0], allowlist: Allowlist = none, localCloud = false) =>
  judgeDependencies(audits, allowlist, localCloud);

const audited = (...advisories: Advisory[]) => ({ lockFile: "package-lock.json", audit: audit(...advisories) });
const audit = (...advisories: Advisory[]): Audit => ({ kind: "audited", packages: 7, advisories });

const advisory = (digits: string, severity: Severity): Advisory => ({
  id: `GHSA-${digits}-${digits}-${digits}`,
  severity,
  title: "is bad",
  package: `p${digits}`,
  range: "<2",
  fix: undefined,
});

const allowing = (digits: string): Allowlist => ({
  entries: [{ advisory: `GHSA-${digits}-${digits}-${digits}`, justification: "not used here", expires: "2026-12-01" }],
  faults: [],
});
