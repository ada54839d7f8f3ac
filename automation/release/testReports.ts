import { XMLParser } from "fast-xml-parser";
import { type TestReport } from "../../runtime/tests/ports";
import { type FailedTest } from "../../runtime/types";
import { messageOf } from "../problem";

/** What a report that a test run leaves behind says. A report that says nothing never counts as a good one. */
export type Reading<T> =
  | { readonly kind: "read"; readonly value: T }
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable"; readonly because: string };

export interface LineCoverage {
  readonly covered: number;
  /** At least 1. */
  readonly total: number;
}

/** Longest text of an error that is kept: a record must stay far below DynamoDB's 400 KB. */
const longestError = 500;
const mostFailedTests = 20;

interface XmlNode {
  readonly [name: string]: unknown;
}

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "@", processEntities: true });

/**
 * Counts the test cases of a JUnit report. The cases are counted rather than the totals read, because runners differ
 * in what they write into the suites' attributes.
 */
export function readJunit(text: string | undefined): Reading<TestReport> {
  const root = readXml(text);
  if (root.kind !== "read") return root;
  const { testsuites, testsuite } = root.value;
  if (testsuites === undefined && testsuite === undefined) return unreadable("it has no <testsuites>");
  const cases = [...casesIn(testsuites, ""), ...casesIn({ testsuite }, "")];
  const failedTests = cases.flatMap(({ node, suite }) => failureOf(node, suite));
  const skipped = cases.filter(({ node }) => node["skipped"] !== undefined).length;
  const total = cases.length;
  const failed = failedTests.length;
  return {
    kind: "read",
    value: {
      summary: { total, passed: total - failed - skipped, failed, skipped },
      failedTests: failedTests.slice(0, mostFailedTests),
    },
  };
}

/**
 * Counts the `<line>` elements of a Clover report: one for each line that begins a statement, with how often it ran
 * (`count`), as istanbul's reporter writes them, which Jest, c8 and Vitest use. The totals in `<metrics>` are not read:
 * what they call statements are lines with one writer and statements with another.
 */
export function readCloverLines(text: string | undefined): Reading<LineCoverage> {
  const root = readXml(text);
  if (root.kind !== "read") return root;
  if (root.value["coverage"] === undefined) return unreadable("it has no <coverage>");
  const counts = linesIn(root.value["coverage"]).map((line) => attribute(line, "count") ?? "");
  if (counts.length === 0) return unreadable("it has no <line>: nothing was measured");
  if (!counts.every((count) => /^\d+$/.test(count))) return unreadable("it has a <line> without a count");
  return { kind: "read", value: { covered: counts.filter((count) => Number(count) > 0).length, total: counts.length } };
}

/** 0 to 100 with one decimal, rounded down: what is below a threshold never reads as reaching it. */
export function percentageOf({ covered, total }: LineCoverage): number {
  return Math.floor((covered * 1000) / total) / 10;
}

function readXml(text: string | undefined): Reading<XmlNode> {
  if (text === undefined) return { kind: "missing" };
  try {
    return { kind: "read", value: asNode(parser.parse(text, true)) };
  } catch (error) {
    return unreadable(`it is not XML: ${messageOf(error)}`);
  }
}

const unreadable = (because: string) => ({ kind: "unreadable", because }) as const;

interface TestCase {
  readonly node: XmlNode;
  readonly suite: string;
}

/** Suites nest to any depth; test cases may also stand directly below the root. */
function casesIn(value: unknown, suite: string): TestCase[] {
  return asList(value).flatMap((node) => [
    ...asList(node["testcase"]).map((testcase) => ({ node: testcase, suite })),
    ...asList(node["testsuite"]).flatMap((child) => casesIn(child, attribute(child, "name") ?? suite)),
  ]);
}

/** Packages and files nest as the writer likes; lines stand in files. */
function linesIn(value: unknown): XmlNode[] {
  return asList(value).flatMap((node) =>
    Object.entries(node).flatMap(([name, child]) => (name === "line" ? asList(child) : linesIn(child))),
  );
}

function failureOf(node: XmlNode, suite: string): FailedTest[] {
  const failure = node["failure"] ?? node["error"];
  if (failure === undefined) return [];
  const [first] = asList(failure);
  const text = typeof failure === "string" ? failure : (first?.["#text"] ?? "");
  const error = attribute(first ?? {}, "message") ?? (typeof text === "string" ? text : "failed");
  return [{ name: attribute(node, "name") ?? "?", suite, error: error.trim().slice(0, longestError) }];
}

function attribute(node: XmlNode, name: string): string | undefined {
  const value = node[`@${name}`];
  return typeof value === "string" ? value : undefined;
}

function asList(value: unknown): XmlNode[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(asNode);
}

function asNode(value: unknown): XmlNode {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as XmlNode) : {};
}
