import { describe, expect, it } from "@jest/globals";
import { type Audit } from "../../../../automation/gates/auditReport";
import { GATES } from "../../../../automation/gates/domain";
import { presentGates } from "../../../../automation/gates/present";
import { type CheckoutPorts, runGates, scanDependencies } from "../../../../automation/gates/run";
import { SecurityScanError } from "../../../../runtime/errors";
import { builtWorker, clover, type Files, junit } from "../support/checkoutFolder";

const rules = { coverageThreshold: 80, today: "2026-11-25", localCloud: false };

describe("the gates", () => {
  it("are all asked, in their own order, also after one that blocks", async () => {
    const files = { ...builtWorker, "coverage/junit.xml": junit(1), "coverage/clover.xml": clover(7) };
    const reports = await runGates(["dependencies", "coverage", "tests"], rules, checkout(files, vulnerable));
    expect(reports.map(({ gate, outcome }) => [gate, outcome])).toEqual([
      ["tests", "blocked"],
      ["coverage", "blocked"],
      ["dependencies", "blocked"],
    ]);
  });

  it("measure only what was asked for", async () => {
    const nowhere: CheckoutPorts = {
      read: async (file) => (file === "coverage/clover.xml" ? clover() : Promise.reject(new Error(file))),
      audit: () => Promise.reject(new Error("audited")),
    };
    expect(await runGates(["coverage"], rules, nowhere)).toMatchObject([{ gate: "coverage", outcome: "passed" }]);
  });

  it("do not take a failure of their own for a finding", async () => {
    const broken: CheckoutPorts = { read: async () => undefined, audit: () => Promise.reject(new Error("disk gone")) };
    await expect(runGates(["dependencies"], rules, broken)).rejects.toThrow("disk gone");
  });

  it("ask for less coverage where the installation does", async () => {
    const files = { ...builtWorker, "coverage/clover.xml": clover(7) };
    const [report] = await runGates(["coverage"], { ...rules, coverageThreshold: 70 }, checkout(files));
    expect(report?.outcome).toBe("passed");
  });
});

describe("the scan of the dependencies", () => {
  it("audits the worker and its infrastructure", async () => {
    const audited: string[] = [];
    await scanDependencies(rules, checkout(builtWorker, clean, audited));
    expect(audited).toEqual([".", "infrastructure"]);
  });

  it("audits the worker alone when it has no infrastructure", async () => {
    const audited: string[] = [];
    await scanDependencies(rules, checkout({ "package.json": "{}" }, clean, audited));
    expect(audited).toEqual(["."]);
  });

  it("throws all that it found when something of it blocks", async () => {
    const scan = scanDependencies(rules, checkout({}, vulnerable));
    await expect(scan).rejects.toBeInstanceOf(SecurityScanError);
    await expect(scan).rejects.toMatchObject({
      message: "3 packages: 1 critical",
      violations: [
        {
          rule: "GHSA-aaaa-bbbb-cccc",
          resource: "a <2 in package-lock.json",
          message: "critical: is bad.",
          effect: "blocks",
        },
      ],
    });
  });

  it("reads what the worker allows, on this day", async () => {
    const auditAllowlist = [{ advisory: "GHSA-aaaa-bbbb-cccc", justification: "not used", expires: "2026-11-25" }];
    const files = { "kiro-release.json": JSON.stringify({ auditAllowlist }) };
    const report = await scanDependencies(rules, checkout(files, vulnerable));
    expect([report.outcome, report.measured]).toEqual([
      "passed",
      "3 packages: 1 critical; allowed: GHSA-aaaa-bbbb-cccc",
    ]);
    const tomorrow = scanDependencies({ ...rules, today: "2026-11-26" }, checkout(files, vulnerable));
    await expect(tomorrow).rejects.toMatchObject({ violations: [{ effect: "blocks" }, { effect: "blocks" }] });
  });
});

describe("what the gates say", () => {
  it("is a row for each gate and a line for each finding", async () => {
    const files = { ...builtWorker, "coverage/clover.xml": clover(7) };
    const { ending, lines, document } = presentGates(await runGates(GATES, rules, checkout(files, vulnerable)));
    const [table = "", ...findings] = lines;
    expect(ending).toBe("refused");
    expect(rowsOf(table)).toEqual([
      ["gate", "outcome", "measured", "allowed"],
      ["tests", "passed", "1 executed, 0 failed, 0 skipped", "at least one test executed, none failed"],
      ["coverage", "blocked", "70 % of the lines (7 of 10)", "80 % of the lines and more"],
      [
        "dependencies",
        "blocked",
        "6 packages: 1 critical",
        "nothing critical or high that auditAllowlist does not name",
      ],
    ]);
    expect(findings).toEqual([
      "blocks: coverage: coverage/clover.xml: only 70 % of the lines (7 of 10). Cover 1 more line.",
      "blocks: GHSA-aaaa-bbbb-cccc: a <2 in package-lock.json, a <2 in infrastructure/package-lock.json: critical: is bad. " +
        "There is no fix yet: replace the package, or allow it in kiro-release.json with a justification and a date.",
    ]);
    expect(document).toMatchObject({
      gates: [{ gate: "tests", findings: [] }, { gate: "coverage" }, { gate: "dependencies", outcome: "blocked" }],
    });
  });

  it("is ok when none blocks", async () => {
    expect(presentGates(await runGates(GATES, rules, checkout(builtWorker))).ending).toBe("ok");
  });
});

// Helpers

const clean: Audit = { kind: "audited", packages: 3, advisories: [] };
const vulnerable: Audit = {
  kind: "audited",
  packages: 3,
  advisories: [
    { id: "GHSA-aaaa-bbbb-cccc", severity: "critical", title: "is bad.", package: "a", range: "<2", fix: undefined },
  ],
};

const checkout = (files: Files, audit: Audit = clean, audited: string[] = []): CheckoutPorts => ({
  read: async (file) => files[file],
  audit: async (folder) => {
    audited.push(folder);
    return audit;
  },
});

const rowsOf = (table: string): string[][] =>
  table
    .split("\n")
    .filter((line) => line.startsWith("│"))
    .map((line) =>
      line
        .split("│")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
