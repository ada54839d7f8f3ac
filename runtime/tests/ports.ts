import type { FailedTest, TestSummary } from "../types";

export interface TestReport {
  readonly summary: TestSummary;
  readonly failedTests: readonly FailedTest[];
}

/** What test builds reported. The build itself ran the release's own code and is not believed. */
export interface TestReports {
  /** Undefined when the build published no test report. */
  report(buildId: string): Promise<TestReport | undefined>;
}
