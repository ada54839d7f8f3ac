import {
  BatchGetBuildsCommand,
  BatchGetReportsCommand,
  type CodeBuildClient,
  paginateDescribeTestCases,
  type Report,
  type TestCase,
} from "@aws-sdk/client-codebuild";
import type { FailedTest, TestSummary } from "../types";
import type { TestReport, TestReports } from "./ports";

/** How many failed tests of a build are read: enough to see what is wrong. */
const MOST_FAILED_TESTS = 20;
/** `DescribeTestCases` filters by one status at a time. */
const BAD_STATUSES = ["FAILED", "ERROR"] as const;

/** Test reports from CodeBuild's report groups: build → its reports of type TEST → their failed cases. */
export function codeBuildReports(client: CodeBuildClient): TestReports {
  return {
    async report(buildId: string): Promise<TestReport | undefined> {
      const { builds = [] } = await client.send(new BatchGetBuildsCommand({ ids: [buildId] }));
      const reportArns = builds[0]?.reportArns ?? [];
      if (reportArns.length === 0) return undefined;
      const { reports = [] } = await client.send(new BatchGetReportsCommand({ reportArns }));
      const testReports = reports.filter(({ type }) => type === "TEST");
      if (testReports.length === 0) return undefined;

      const failedTests: FailedTest[] = [];
      for (const report of testReports) {
        failedTests.push(...(await failedTestsOf(client, report, MOST_FAILED_TESTS - failedTests.length)));
      }
      return { summary: summaryOf(testReports), failedTests };
    },
  };
}

/** ERROR and UNKNOWN are no success either. */
function summaryOf(reports: readonly Report[]): TestSummary {
  const sum = (value: (report: Report) => number | undefined): number =>
    reports.reduce((total, report) => total + (value(report) ?? 0), 0);
  const total = sum(({ testSummary }) => testSummary?.total);
  const passed = sum(({ testSummary }) => testSummary?.statusCounts?.["SUCCEEDED"]);
  const skipped = sum(({ testSummary }) => testSummary?.statusCounts?.["SKIPPED"]);
  return { total, passed, skipped, failed: total - passed - skipped };
}

async function failedTestsOf(client: CodeBuildClient, report: Report, most: number): Promise<FailedTest[]> {
  const failed: FailedTest[] = [];
  for (const status of BAD_STATUSES) {
    if ((report.testSummary?.statusCounts?.[status] ?? 0) === 0) continue;
    const pages = paginateDescribeTestCases({ client }, { reportArn: report.arn, filter: { status } });
    for await (const { testCases = [] } of pages) {
      if (failed.length >= most) break;
      failed.push(...testCases.map((testCase) => failedTest(testCase, report)));
    }
  }
  return failed.slice(0, most);
}

function failedTest({ name, prefix, message }: TestCase, report: Report): FailedTest {
  return { name: name ?? "unnamed", suite: prefix ?? report.name ?? "unnamed", error: message ?? "no message" };
}
