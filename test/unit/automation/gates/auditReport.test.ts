import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { readAudit, unavailable } from "../../../../automation/gates/auditReport";

describe("an audit of npm", () => {
  it("is read by its advisories, each with its own severity; what depends on them adds none", () => {
    expect(readAudit(fixture("vulnerable"))).toEqual({
      kind: "audited",
      packages: 4,
      advisories: [
        {
          id: "GHSA-v6h2-p8h4-qcjw",
          severity: "low",
          title: "brace-expansion Regular Expression Denial of Service vulnerability",
          package: "brace-expansion",
          range: "<=1.1.11",
          fix: "Install brace-expansion 1.1.12",
        },
        {
          id: "GHSA-vh95-rmgr-6w4m",
          severity: "moderate",
          title: "Prototype Pollution in minimist",
          package: "minimist",
          range: "<0.2.1",
          fix: "Install mkdirp 0.5.6",
        },
        {
          id: "GHSA-xvch-5gv4-984h",
          severity: "critical",
          title: "Prototype Pollution in minimist",
          package: "minimist",
          range: "<0.2.4",
          fix: "Install mkdirp 0.5.6",
        },
        {
          id: "GHSA-c2qf-rxjj-qqgw",
          severity: "high",
          title: "semver vulnerable to Regular Expression Denial of Service",
          package: "semver",
          range: "<5.7.2",
          fix: "Install semver 7.7.3, a major version",
        },
      ],
    });
  });

  it("may find nothing", () => {
    expect(readAudit(fixture("clean"))).toEqual({ kind: "audited", packages: 0, advisories: [] });
  });

  it.each([
    [true, "Run npm audit fix"],
    [false, undefined],
  ])("knows a fix when npm says %j", (fixAvailable, fix) => {
    expect(readAudit(report({ fixAvailable }))).toMatchObject({ advisories: [{ fix }] });
  });

  it.each([
    ["https://example.com/GHSA-AAAA-bbbb-1234/", "GHSA-aaaa-bbbb-1234"],
    ["https://example.com/advisories/17", "https://example.com/advisories/17"],
  ])("names the advisory at %s", (url, id) => {
    expect(readAudit(report({ url }))).toMatchObject({ advisories: [{ id }] });
  });

  it.each([
    ["refused-by-registry", "405 Method Not Allowed - POST https://registry.example/-/npm/v1/security/advisories/bulk"],
    [
      "unreachable",
      "request to http://registry.example/-/npm/v1/security/advisories/bulk failed, reason: connect ECONNREFUSED 192.0.2.1:80",
    ],
    ["no-lock-file", "ENOLOCK: This command requires an existing lockfile."],
  ])("is unavailable when npm prints %s", (name, because) => {
    expect(readAudit(fixture(name))).toEqual({ kind: "unavailable", because });
  });

  it("is unavailable when npm tells only its own trouble", () => {
    expect(readAudit('{"error":{"summary":"no","detail":""}}')).toEqual({ kind: "unavailable", because: "no" });
  });

  it.each(["", "npm ERR!", "{}", "[]", "null", '{"auditReportVersion":1}', report({ severity: "terrible" })])(
    "is unavailable when npm prints %j",
    (text) => {
      expect(readAudit(text)).toEqual({ kind: "unavailable", because: "npm printed no audit report of version 2" });
    },
  );

  it("is unavailable when a package is vulnerable without the advisory that says why", () => {
    for (const via of [[], ["gone"]]) {
      expect(readAudit(report({ via }))).toEqual({
        kind: "unavailable",
        because: "the report names vulnerable packages without the advisories that say why",
      });
    }
  });

  it("is unavailable for a reason of one line, without what an address may carry", () => {
    expect(unavailable("request to https://me:secret@registry.example/x\n  failed")).toEqual({
      kind: "unavailable",
      because: "request to https://registry.example/x failed",
    });
    expect(unavailable(" ")).toEqual({ kind: "unavailable", because: "npm does not say why" });
    expect(unavailable("x".repeat(1000))).toEqual({ kind: "unavailable", because: "x".repeat(300) });
  });
});

// Helpers

function fixture(name: string): string {
  return readFileSync(join(__dirname, "fixtures", `${name}.json`), "utf8");
}

/** A report about one package. */
function report({
  via,
  url = "https://example.com",
  severity = "high",
  fixAvailable = false,
}: Partial<Reported>): string {
  const advisory = { source: 1, name: "a", title: "t", url, severity, range: "<1" };
  return JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: { a: { name: "a", severity: "high", via: via ?? [advisory], fixAvailable } },
    metadata: { dependencies: { total: 1 } },
  });
}

interface Reported {
  readonly via: readonly string[];
  readonly url: string;
  readonly severity: string;
  readonly fixAvailable: boolean;
}
