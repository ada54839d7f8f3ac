import { describe, expect, it } from "@jest/globals";
import { percentageOf, readCloverLines, readJunit } from "../../../../automation/release/testReports";

describe("a JUnit report", () => {
  it("is counted by its cases, wherever suites and cases stand", () => {
    const reading = readJunit(
      `<?xml version="1.0"?><testsuites>
        <testcase name="on its own"/>
        <testsuite name="outer"><testcase name="passes"/>
          <testsuite name="inner">
            <testcase name="fails"><failure message="expected 1 &amp; got 2">stack</failure></testcase>
            <testcase name="breaks"><error>boom</error></testcase>
            <testcase name="waits"><skipped/></testcase>
          </testsuite>
        </testsuite></testsuites>`,
    );
    expect(reading).toEqual({
      kind: "read",
      value: {
        summary: { total: 5, passed: 2, failed: 2, skipped: 1 },
        failedTests: [
          { name: "fails", suite: "inner", error: "expected 1 & got 2" },
          { name: "breaks", suite: "inner", error: "boom" },
        ],
      },
    });
  });

  it("may have a single suite as its root", () => {
    expect(readJunit('<testsuite name="s"><testcase name="a"/></testsuite>')).toMatchObject({
      value: { summary: { total: 1, passed: 1 } },
    });
  });

  it("keeps errors short and few, and counts all of them", () => {
    const failures = '<testcase name="a"><failure/></testcase>'.repeat(30);
    const reading = readJunit(`<testsuites><testsuite name="s">${failures}</testsuite></testsuites>`);
    expect(reading).toMatchObject({
      value: { summary: { failed: 30 }, failedTests: Array.from({ length: 20 }, () => ({ error: "" })) },
    });
  });

  it.each([
    ["<html/>", "it has no <testsuites>"],
    ["<testsuites><testsuite>", "it is not XML"],
    ["", "it is not XML"],
  ])("is unreadable when it is %j", (text, because) => {
    expect(readJunit(text)).toEqual({ kind: "unreadable", because: expect.stringContaining(because) as unknown });
  });

  it("is missing when there is none", () => {
    expect(readJunit(undefined)).toEqual({ kind: "missing" });
  });
});

describe("a Clover report", () => {
  it("is counted by its lines, in whatever packages and files they stand", () => {
    const reading = readCloverLines(
      `<?xml version="1.0"?><coverage generated="1" clover="3.2.0"><project name="All files">
        <metrics statements="9" coveredstatements="9" conditionals="9" coveredconditionals="0"/>
        <file name="a.ts"><metrics statements="1"/><line num="1" count="1" type="stmt"/></file>
        <package name="lib"><metrics statements="3"/>
          <file name="b.ts"><line num="1" count="0" type="stmt"/><line num="2" count="7" type="cond" truecount="0" falsecount="2"/></file>
          <file name="empty.ts"><metrics statements="0"/></file>
        </package></project></coverage>`,
    );
    expect(reading).toEqual({ kind: "read", value: { covered: 2, total: 3 } });
  });

  it.each([
    ["<html/>", "it has no <coverage>"],
    ["<coverage><project><metrics statements='2' coveredstatements='2'/></project></coverage>", "it has no <line>"],
    ["<coverage/>", "it has no <line>: nothing was measured"],
    ["<coverage><project><file><line num='1'/></file></project></coverage>", "it has a <line> without a count"],
    ["<coverage><file><line num='1' count='-1'/></file></coverage>", "it has a <line> without a count"],
    ["<coverage>", "it is not XML"],
    ["", "it is not XML"],
  ])("is unreadable when it is %j", (text, because) => {
    expect(readCloverLines(text)).toEqual({ kind: "unreadable", because: expect.stringContaining(because) as unknown });
  });

  it("is missing when there is none", () => {
    expect(readCloverLines(undefined)).toEqual({ kind: "missing" });
  });
});

describe("the covered share", () => {
  it.each([
    [0, 7, 0],
    [2, 3, 66.6],
    [799, 1000, 79.9],
    [7999, 10_000, 79.9],
    [29, 100, 29],
    [7, 7, 100],
  ])("of %i of %i lines is rounded down", (covered, total, percentage) => {
    expect(percentageOf({ covered, total })).toBe(percentage);
  });
});
