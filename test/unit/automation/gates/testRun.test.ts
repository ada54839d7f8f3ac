import { describe, expect, it } from "@jest/globals";
import { judgeCoverage, judgeTests } from "../../../../automation/gates/testRun";
import { readJunit } from "../../../../automation/release/testReports";
import { junit } from "../support/checkoutFolder";

describe("the gate of the tests", () => {
  it("passes when tests were executed and none failed", () => {
    expect(judgeTests(readJunit(junit()))).toEqual({
      gate: "tests",
      outcome: "passed",
      measured: "1 executed, 0 failed, 0 skipped",
      allowed: "at least one test executed, none failed",
      findings: [],
    });
  });

  it("blocks with each failed test by its name", () => {
    const report = judgeTests(
      readJunit(
        '<testsuites><testcase name="alone"><failure message="no"/></testcase><testsuite name="s"><testcase name="a"><error message="gone"/></testcase></testsuite></testsuites>',
      ),
    );
    expect(report).toMatchObject({ outcome: "blocked", measured: "2 executed, 2 failed, 0 skipped" });
    expect(report.findings.map(({ resource, message }) => [resource, message])).toEqual([
      ["alone", "failed: no"],
      ["s: a", "failed: gone"],
    ]);
  });

  it("says how many more have failed than it names", () => {
    const { findings } = judgeTests(readJunit(junit(25)));
    expect(findings).toHaveLength(21);
    expect(findings.at(-1)).toMatchObject({ resource: "coverage/junit.xml", message: "5 more tests failed" });
  });

  it.each([
    ["no test", "<testsuites/>", "0 executed, 0 failed, 0 skipped"],
    [
      "skipped tests alone",
      '<testsuites><testsuite name="s"><testcase name="a"><skipped/></testcase></testsuite></testsuites>',
      "0 executed, 0 failed, 1 skipped",
    ],
  ])("blocks on %s", (_what, text, measured) => {
    expect(judgeTests(readJunit(text))).toMatchObject({
      outcome: "blocked",
      measured,
      findings: [{ message: "no test was executed", remedy: "Run at least one test.", effect: "blocks" }],
    });
  });

  it.each([
    [undefined, "is missing", "is missing"],
    ["<html/>", "is unreadable", "is unreadable: it has no <testsuites>"],
  ])("blocks on a report that is %j", (text, measured, message) => {
    expect(judgeTests(readJunit(text))).toEqual({
      gate: "tests",
      outcome: "blocked",
      measured: `coverage/junit.xml ${measured}`,
      allowed: "at least one test executed, none failed",
      findings: [
        {
          rule: "tests",
          resource: "coverage/junit.xml",
          message,
          remedy: "It is made by npm run test:coverage.",
          effect: "blocks",
        },
      ],
    });
  });
});

describe("the gate of the coverage", () => {
  it("passes at the threshold", () => {
    expect(judgeCoverage(lines(4, 5), 80)).toEqual({
      gate: "coverage",
      outcome: "passed",
      measured: "80 % of the lines (4 of 5)",
      allowed: "80 % of the lines and more",
      findings: [],
    });
  });

  it.each([
    [799, 1000, 80, "79.9 % of the lines (799 of 1000)", "Cover 1 more line."],
    [0, 10, 75, "0 % of the lines (0 of 10)", "Cover 8 more lines."],
    [9_999, 10_000, 100, "99.9 % of the lines (9999 of 10000)", "Cover 1 more line."],
  ])("blocks below it: %i of %i lines, %i %%", (covered, total, threshold, measured, remedy) => {
    expect(judgeCoverage(lines(covered, total), threshold)).toMatchObject({
      outcome: "blocked",
      measured,
      findings: [{ resource: "coverage/clover.xml", message: `only ${measured}`, remedy, effect: "blocks" }],
    });
  });

  it("blocks without a report even when nothing need be covered", () => {
    expect(judgeCoverage({ kind: "missing" }, 0)).toMatchObject({
      outcome: "blocked",
      measured: "coverage/clover.xml is missing",
    });
    expect(judgeCoverage({ kind: "unreadable", because: "it is not XML" }, 0)).toMatchObject({
      outcome: "blocked",
      findings: [{ message: "is unreadable: it is not XML" }],
    });
  });
});

// Helpers

const lines = (covered: number, total: number) => ({ kind: "read", value: { covered, total } }) as const;
