import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { readAllowlist } from "../../../../automation/gates/allowlist";
import { readAudit, SEVERITIES, type Severity } from "../../../../automation/gates/auditReport";
import { judgeDependencies } from "../../../../automation/gates/dependencies";

const today = "2026-11-25";
const ENTRIES = ["none", "valid", "last day", "expired", "unjustified", "for another"] as const;
type Entry = (typeof ENTRIES)[number];

interface Known {
  readonly severity: Severity;
  readonly entry: Entry;
  /** Its package is in the lock file of the infrastructure rather than the worker's. */
  readonly below: boolean;
  /** Packages that have the advisory only because they depend on its package. */
  readonly dependents: number;
}

describe("security blocking", () => {
  it("blocks exactly what is critical or high and not validly allowed, and what the allow-list gets wrong", () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(fc.array(known, { maxLength: 5 }), (found) => {
        const dangerous = found.some(({ severity, entry }) => rankOf(severity) >= rankOf("high") && !allows(entry));
        const wrong = found.some(({ entry }) => entry === "expired" || entry === "unjustified");
        const warning = found.some(({ severity, entry }) => severity === "moderate" && !allows(entry));
        const expected = dangerous || wrong ? "blocked" : warning ? "warned" : "passed";
        reached.add(expected);
        for (const { severity, entry } of found) reached.add(`${severity}, ${entry}`);

        const report = judgeDependencies(
          [false, true].map((below) => ({ lockFile: String(below), audit: readAudit(audit(found, below)) })),
          readAllowlist(allowlist(found), today),
          false,
        );
        expect(report.outcome).toBe(expected);
        const blocking = report.findings.filter(({ effect, rule }) => effect === "blocks" && rule.startsWith("GHSA-"));
        expect(blocking.length > 0).toBe(dangerous);
      }),
      { numRuns: 1_000 },
    );
    const everyKind = SEVERITIES.flatMap((severity) => ENTRIES.map((entry) => `${severity}, ${entry}`));
    expect([...reached].sort()).toEqual(["blocked", "warned", "passed", ...everyKind].sort());
  });
});

// Helpers

const known: fc.Arbitrary<Known> = fc.record({
  severity: fc.constantFrom(...SEVERITIES),
  entry: fc.oneof({ weight: 3, arbitrary: fc.constant("valid" as const) }, fc.constantFrom(...ENTRIES)),
  below: fc.boolean(),
  dependents: fc.nat({ max: 2 }),
});

const rankOf = (severity: Severity): number => SEVERITIES.indexOf(severity);
const allows = (entry: Entry): boolean => entry === "valid" || entry === "last day";
const idOf = (index: number): string => `GHSA-aaaa-bbbb-000${index}`;

function audit(found: readonly Known[], below: boolean): string {
  const packages = found.flatMap(({ severity, dependents, ...known }, index) => {
    if (known.below !== below) return [];
    const url = `https://github.com/advisories/${idOf(index)}`;
    const via = [{ source: index, name: `p${index}`, title: "t", url, severity, range: "<1" }];
    const one = { severity, fixAvailable: true };
    return [
      [`p${index}`, { ...one, via }],
      ...Array.from({ length: dependents }, (_, dependent) => [
        `d${index}-${dependent}`,
        { ...one, via: [`p${index}`] },
      ]),
    ];
  });
  return JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: Object.fromEntries(packages) as unknown,
    metadata: { dependencies: { total: packages.length } },
  });
}

function allowlist(found: readonly Known[]): string {
  const entries = found.flatMap(({ entry }, index) =>
    entry === "none"
      ? []
      : [
          {
            advisory: entry === "for another" ? `GHSA-zzzz-zzzz-000${index}` : idOf(index),
            justification: entry === "unjustified" ? " " : "not used here",
            expires: entry === "expired" ? "2026-11-24" : entry === "last day" ? today : "2027-01-01",
          },
        ],
  );
  return JSON.stringify({ auditAllowlist: entries });
}
