import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { parseClover } from "../../../../../local/codebuild/reports/clover";
import { parseJUnit } from "../../../../../local/codebuild/reports/junit";
import { coverageContents } from "../../../../../local/codebuild/reports/summary";
import { parseXml, XmlError } from "../../../../../local/codebuild/reports/xml";

describe("parseXml", () => {
  it("reads elements, attributes, text, CDATA and entities, and skips the rest", () => {
    const xml = `\uFEFF<?xml version="1.0"?><!-- c --><a:b x="1 &lt; 2" y='"'>t&amp;<c/> &#65;&#x42;<![CDATA[<raw>]]></a:b>\n<!-- end -->`;
    expect(parseXml(xml)).toEqual({
      name: "a:b",
      attributes: { x: "1 < 2", y: '"' },
      children: [{ name: "c", attributes: {}, children: [], text: "" }],
      text: "t& AB<raw>",
    });
  });

  it.each([
    ["", 1, 1, "no element"],
    ["text", 1, 5, "text outside"],
    ["<a>\n<b></a>", 2, 8, "</a> closes what is not open"],
    ["<a>", 1, 4, "<a> is never closed"],
    ["<a/><b/>", 1, 5, "a second element"],
    ["<a/></a>", 1, 9, "closes what is not open"],
    ["<a b=c/>", 1, 6, "not in quotes"],
    ["<a b='1' b='2'/>", 1, 13, "attribute b twice"],
    ["<a b='1/>", 1, 7, "without end"],
    ["<a b/>", 1, 5, "expected ="],
    ["<1/>", 1, 2, "expected a name"],
    ["<a>&nope;</a>", 1, 10, "unknown entity &nope;"],
    ["<a>&amp</a>", 1, 8, "unknown entity"],
    ["<a>&#x110000;</a>", 1, 14, "unknown entity"],
    ["<!DOCTYPE a [<!ENTITY x 'y'>]><a/>", 1, 1, "document types"],
    ["<!-- a", 1, 5, "comment without end"],
    ["<![CDATA[x]]>", 1, 10, "CDATA outside"],
  ])("refuses %j", (xml, line, column, reason) => {
    expect(() => parseXml(xml)).toThrow(XmlError);
    expect(() => parseXml(xml)).toThrow(`line ${line}, column ${column}: `);
    expect(() => parseXml(xml)).toThrow(reason);
  });

  it("fails on any other text with a position, and not otherwise", () => {
    const bits = fc.constantFrom(
      "<a>",
      "</a>",
      "<a/>",
      "<",
      ">",
      "&lt;",
      "&",
      "x",
      "<!--",
      "-->",
      "<![CDATA[",
      "]]>",
      " b='c'",
      "<?",
      "?>",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(bits, { maxLength: 8 }).map((each) => each.join("")),
        ),
        (source) => {
          try {
            parseXml(source);
          } catch (error) {
            if (!(error instanceof XmlError)) throw error;
          }
        },
      ),
    );
  });
});

describe("parseJUnit", () => {
  it("reads cases of nested suites with their outcome", () => {
    const cases = parseJUnit(`<testsuites><properties/>
      <testsuite name="outer"><testsuite name="inner"><testcase classname="c" name="ok" time="1,000.5"/></testsuite>
        <testcase name="bad"><failure message="why">stack</failure></testcase>
        <testcase name="broken" time="0.1"><system-out>x</system-out><error>  thrown  </error></testcase>
        <testcase name="later"><skipped/></testcase>
      </testsuite></testsuites>`);
    expect(cases.map(({ suite, name, status, message }) => [suite, name, status, message])).toEqual([
      ["inner", "ok", "SUCCEEDED", ""],
      ["outer", "bad", "FAILED", "why"],
      ["outer", "broken", "ERROR", "thrown"],
      ["outer", "later", "SKIPPED", ""],
    ]);
    expect(cases[0]).toMatchObject({ prefix: "c", durationInNanoSeconds: 1_000_500_000_000 });
  });

  it("takes a test that is in no suite", () => {
    expect(parseJUnit('<testsuites><testcase name="alone"/></testsuites>')).toMatchObject([
      { suite: "", name: "alone" },
    ]);
  });

  it("takes a single suite", () => {
    expect(parseJUnit('<testsuite name="s"><testcase name="a"/></testsuite>')).toHaveLength(1);
  });

  it.each([
    ["<html/>", "expected testsuites or testsuite, found html"],
    ['<testsuite name="s"><testcase/></testsuite>', 'a testcase of suite "s" has no name'],
    ['<testsuite><testcase name="a" time="soon"/></testsuite>', "testcase a has the time soon"],
  ])("refuses %s", (xml, reason) => {
    expect(() => parseJUnit(xml)).toThrow(reason);
  });
});

describe("parseClover", () => {
  const metrics = (s: number, cs: number, c: number, cc: number): string =>
    `<metrics statements="${s}" coveredstatements="${cs}" conditionals="${c}" coveredconditionals="${cc}"/>`;

  it("reads files of the project and of its packages", () => {
    const xml = `<coverage><project>${metrics(9, 9, 9, 9)}<package name="p"><file name="a" path="/a.ts">${metrics(4, 3, 2, 0)}</file></package>
      <file name="b.ts">${metrics(0, 0, 0, 0)}</file></project></coverage>`;
    expect(parseClover(xml)).toEqual([
      { filePath: "/a.ts", linesCovered: 3, linesMissed: 1, branchesCovered: 0, branchesMissed: 2 },
      { filePath: "b.ts", linesCovered: 0, linesMissed: 0, branchesCovered: 0, branchesMissed: 0 },
    ]);
  });

  it.each([
    ["<report/>", "expected coverage, found report"],
    ["<coverage/>", "no project"],
    ["<coverage><project><file/></project></coverage>", "a file without path and name"],
    ['<coverage><project><file name="a"/></project></coverage>', "file a has no metrics"],
    ['<coverage><project><file name="a"><metrics/></file></project></coverage>', "coveredstatements is undefined"],
    [
      `<coverage><project><file name="a">${metrics(1, 2, 0, 0)}</file></project></coverage>`,
      "more covered than there is",
    ],
  ])("refuses %s", (xml, reason) => {
    expect(() => parseClover(xml)).toThrow(reason);
  });

  it("is summed up over all files, nothing to cover being covered", () => {
    const to = { reportArn: "r", expired: new Date(0), newId: () => "id" };
    const none = { linesCovered: 0, linesMissed: 0, branchesCovered: 0, branchesMissed: 0 };
    const { outcome, details } = coverageContents(
      [
        { filePath: "a", ...none, linesCovered: 2, linesMissed: 1 },
        { filePath: "b", ...none },
      ],
      to,
    );
    expect(outcome.codeCoverageSummary).toMatchObject({ lineCoveragePercentage: 66.67, branchCoveragePercentage: 100 });
    expect(details).toHaveLength(2);
  });
});
