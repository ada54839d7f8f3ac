import { describe, expect, it } from "@jest/globals";
import { parseCloverCoverage, parseJunit } from "../../../../automation/release/testReports";

describe("a JUnit report", () => {
  it("is counted by its cases, wherever suites and cases stand", () => {
    const report = parseJunit(
      `<?xml version="1.0"?><testsuites>
        <testcase name="on its own"/>
        <testsuite name="outer"><testcase name="passes"/>
          <testsuite name="inner">
            <testcase name="fails"><failure message="expected 1 &amp; got 2">stack</failure></testcase>
            <testcase name="breaks"><error>boom</error></testcase>
            <testcase name="waits"><skipped/></testcase>
          </testsuite>
        </testsuite></testsuites>`,
      "junit.xml",
    );
    expect(report).toEqual({
      summary: { total: 5, passed: 2, failed: 2, skipped: 1 },
      failedTests: [
        { name: "fails", suite: "inner", error: "expected 1 & got 2" },
        { name: "breaks", suite: "inner", error: "boom" },
      ],
    });
  });

  it("may have a single suite as its root", () => {
    expect(parseJunit('<testsuite name="s"><testcase name="a"/></testsuite>', "j").summary.total).toBe(1);
  });

  it("keeps errors short and few, and counts all of them", () => {
    const failures = '<testcase name="a"><failure/></testcase>'.repeat(30);
    const report = parseJunit(`<testsuites><testsuite name="s">${failures}</testsuite></testsuites>`, "j");
    expect([report.summary.failed, report.failedTests.length, report.failedTests[0]?.error]).toEqual([30, 20, ""]);
  });

  it.each([
    ["<html/>", "j.xml is not a JUnit report"],
    ["<testsuites><testsuite>", "j.xml is not XML"],
  ])("is refused when it is %j", (text, because) => expect(() => parseJunit(text, "j.xml")).toThrow(because));
});

describe("a Clover report", () => {
  it("is covered by the share of statements, branches and functions together, rounded down", () => {
    const metrics =
      'statements="2" coveredstatements="1" conditionals="1" coveredconditionals="1" methods="0" coveredmethods="0"';
    expect(parseCloverCoverage(`<coverage><project><metrics ${metrics}/></project></coverage>`, "c")).toBe(66.6);
  });

  it("of nothing at all is covered", () => {
    const metrics =
      'statements="0" coveredstatements="0" conditionals="0" coveredconditionals="0" methods="0" coveredmethods="0"';
    expect(parseCloverCoverage(`<coverage><project><metrics ${metrics}/></project></coverage>`, "c")).toBe(100);
  });

  it("is refused without metrics", () => {
    expect(() => parseCloverCoverage("<coverage/>", "c.xml")).toThrow("c.xml is not a Clover report");
  });
});
