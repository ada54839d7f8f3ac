import { parseXml, type XmlElement } from "./xml";

/** What AWS calls the result of a test case. */
export type TestStatus = "SUCCEEDED" | "FAILED" | "ERROR" | "SKIPPED" | "UNKNOWN";

export interface ParsedTestCase {
  readonly suite: string;
  /** The class or file that the test belongs to; AWS calls it prefix. */
  readonly prefix: string;
  readonly name: string;
  readonly status: TestStatus;
  readonly durationInNanoSeconds: number;
  /** Why it failed or was skipped; empty otherwise. */
  readonly message: string;
}

const NANOSECONDS = 1_000_000_000;
const RESULTS = { failure: "FAILED", error: "ERROR", skipped: "SKIPPED" } as const;

/**
 * Reads a JUnit XML report: `testsuites` or `testsuite`, suites nested as deep as they are.
 * @throws XmlError, or Error that says what of JUnit is missing.
 */
export function parseJUnit(source: string): ParsedTestCase[] {
  const root = parseXml(source);
  // Some writers put a test that is in no suite directly under testsuites (Node's own reporter does).
  if (root.name === "testsuites" || isSuite(root)) return casesOf(root);
  throw new Error(`not JUnit: expected testsuites or testsuite, found ${root.name}`);
}

const isSuite = (element: XmlElement): boolean => element.name === "testsuite";

function casesOf(suite: XmlElement): ParsedTestCase[] {
  return suite.children.flatMap((child) => {
    if (isSuite(child)) return casesOf(child);
    return child.name === "testcase" ? [caseOf(child, suite.attributes["name"] ?? "")] : [];
  });
}

function caseOf(element: XmlElement, suite: string): ParsedTestCase {
  const { name, classname = "", time = "0" } = element.attributes;
  if (name === undefined) throw new Error(`not JUnit: a testcase of suite ${JSON.stringify(suite)} has no name`);
  // Some writers group thousands: "1,234.5".
  const seconds = Number(time.replaceAll(",", ""));
  if (!Number.isFinite(seconds) || seconds < 0) throw new Error(`not JUnit: testcase ${name} has the time ${time}`);
  const result = element.children.find((child) => Object.hasOwn(RESULTS, child.name));
  return {
    suite,
    prefix: classname,
    name,
    status: result === undefined ? "SUCCEEDED" : RESULTS[result.name as keyof typeof RESULTS],
    durationInNanoSeconds: Math.round(seconds * NANOSECONDS),
    message: result?.attributes["message"] ?? result?.text.trim() ?? "",
  };
}
