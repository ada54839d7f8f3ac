import { type TestReport } from "../../runtime/tests/ports";
import { type LineCoverage, percentageOf, type Reading } from "../release/testReports";
import { type Finding, type Gate, type GateReport, reportOf } from "./domain";

/** What `npm run test:coverage` of a worker must leave behind. */
export const testReportFile = "coverage/junit.xml";
export const coverageFile = "coverage/clover.xml";

/** Failed tests block, and so does a run that executed none: skipped tests prove nothing. */
export function judgeTests(reading: Reading<TestReport>): GateReport {
  const allowed = "at least one test executed, none failed";
  if (reading.kind !== "read") return unmeasured("tests", testReportFile, allowed, reading);
  const { summary, failedTests } = reading.value;
  const executed = summary.total - summary.skipped;
  const measured = `${executed} executed, ${summary.failed} failed, ${summary.skipped} skipped`;
  const findings = failedTests.map(({ suite, name, error }) =>
    blocking("tests", `${suite === "" ? "" : `${suite}: `}${name}`, `failed: ${error}`, "Mend the test or the code."),
  );
  if (summary.failed > findings.length) {
    const more = `${summary.failed - findings.length} more tests failed`;
    findings.push(blocking("tests", testReportFile, more, "All of them are in the report."));
  }
  if (executed === 0)
    findings.push(blocking("tests", testReportFile, "no test was executed", "Run at least one test."));
  return reportOf("tests", measured, allowed, findings);
}

/**
 * Less than the threshold blocks.
 * @param threshold percent of the lines, 0 to 100.
 */
export function judgeCoverage(reading: Reading<LineCoverage>, threshold: number): GateReport {
  const allowed = `${threshold} % of the lines and more`;
  if (reading.kind !== "read") return unmeasured("coverage", coverageFile, allowed, reading);
  const { covered, total } = reading.value;
  const percentage = percentageOf(reading.value);
  const measured = `${percentage} % of the lines (${covered} of ${total})`;
  if (percentage >= threshold) return reportOf("coverage", measured, allowed, []);
  const missing = Math.ceil((threshold * total) / 100) - covered;
  const remedy = `Cover ${missing} more ${missing === 1 ? "line" : "lines"}.`;
  return reportOf("coverage", measured, allowed, [blocking("coverage", coverageFile, `only ${measured}`, remedy)]);
}

function unmeasured(
  gate: Gate,
  file: string,
  allowed: string,
  reading: Exclude<Reading<unknown>, { readonly kind: "read" }>,
): GateReport {
  const message = reading.kind === "missing" ? "is missing" : `is unreadable: ${reading.because}`;
  const finding = blocking(gate, file, message, "It is made by npm run test:coverage.");
  return reportOf(gate, `${file} ${reading.kind === "missing" ? "is missing" : "is unreadable"}`, allowed, [finding]);
}

const blocking = (rule: string, resource: string, message: string, remedy: string): Finding => ({
  rule,
  resource,
  message,
  remedy,
  effect: "blocks",
});
