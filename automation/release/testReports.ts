import { XMLParser } from "fast-xml-parser";
import { type TestReport } from "../../runtime/tests/ports";
import { type FailedTest } from "../../runtime/types";
import { Problem } from "../problem";

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
 * @throws Problem `failed` for text that is not XML or holds no suites.
 */
export function parseJunit(xml: string, file: string): TestReport {
  const root = parseXml(xml, file);
  if (root["testsuites"] === undefined && root["testsuite"] === undefined) {
    throw new Problem("failed", {
      what: `${file} is not a JUnit report`,
      allowed: "an XML document with <testsuites>",
    });
  }
  const cases = [...casesIn(root["testsuites"], ""), ...casesIn({ testsuite: root["testsuite"] }, "")];
  const failedTests = cases.flatMap(({ node, suite }) => failureOf(node, suite));
  const skipped = cases.filter(({ node }) => node["skipped"] !== undefined).length;
  const total = cases.length;
  const failed = failedTests.length;
  return {
    summary: { total, passed: total - failed - skipped, failed, skipped },
    failedTests: failedTests.slice(0, mostFailedTests),
  };
}

/**
 * Covered share of all elements (statements, branches, functions) in a Clover report, 0 to 100 with one decimal.
 * @throws Problem `failed` for anything else.
 */
export function parseCloverCoverage(xml: string, file: string): number {
  const metrics = asNode(asNode(asNode(parseXml(xml, file)["coverage"])["project"])["metrics"]);
  const count = (name: string): number => Number(metrics[`@${name}`] ?? Number.NaN);
  const kinds = ["statements", "conditionals", "methods"];
  const all = kinds.reduce((sum, kind) => sum + count(kind), 0);
  const covered = kinds.reduce((sum, kind) => sum + count(`covered${kind}`), 0);
  if (!Number.isFinite(all) || !Number.isFinite(covered)) {
    throw new Problem("failed", {
      what: `${file} is not a Clover report`,
      allowed: "<coverage><project><metrics> with statements, conditionals, methods and what of them is covered",
    });
  }
  return all === 0 ? 100 : Math.floor((covered / all) * 1000) / 10;
}

function parseXml(xml: string, file: string): XmlNode {
  try {
    return asNode(parser.parse(xml, true));
  } catch (error) {
    throw new Problem("failed", { what: `${file} is not XML: ${(error as Error).message}` }, { cause: error });
  }
}

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
