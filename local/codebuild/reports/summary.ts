import type { CodeCoverage, CodeCoverageReportSummary, Report, TestCase } from "@aws-sdk/client-codebuild";
import type { ParsedCoverage } from "./clover";
import type { ParsedTestCase, TestStatus } from "./junit";

const STATUSES: readonly TestStatus[] = ["ERROR", "FAILED", "SKIPPED", "SUCCEEDED", "UNKNOWN"];

/** What a report holds: its outcome in numbers and the single results. */
export interface Contents {
  readonly outcome: Pick<Report, "status" | "testSummary" | "codeCoverageSummary">;
  readonly details: readonly (TestCase | CodeCoverage)[];
}

/** Where the results belong to. */
export interface Belonging {
  readonly reportArn: string;
  readonly expired: Date;
  readonly newId: () => string;
}

export function testContents(cases: readonly ParsedTestCase[], file: string, to: Belonging): Contents {
  const count = (status: TestStatus): number => cases.filter((each) => each.status === status).length;
  const failed = count("FAILED") + count("ERROR") > 0;
  return {
    outcome: {
      status: failed ? "FAILED" : "SUCCEEDED",
      testSummary: {
        total: cases.length,
        statusCounts: Object.fromEntries(STATUSES.map((status) => [status, count(status)])),
        durationInNanoSeconds: cases.reduce((sum, each) => sum + each.durationInNanoSeconds, 0),
      },
    },
    details: cases.map(({ suite, ...each }) => ({
      ...each,
      reportArn: to.reportArn,
      testRawDataPath: file,
      testSuiteName: suite,
      expired: to.expired,
    })),
  };
}

export function coverageContents(files: readonly ParsedCoverage[], to: Belonging): Contents {
  const total = (key: Exclude<keyof ParsedCoverage, "filePath">): number =>
    files.reduce((sum, file) => sum + file[key], 0);
  const all = {
    linesCovered: total("linesCovered"),
    linesMissed: total("linesMissed"),
    branchesCovered: total("branchesCovered"),
    branchesMissed: total("branchesMissed"),
  };
  return {
    outcome: { status: "SUCCEEDED", codeCoverageSummary: withPercentages(all) },
    details: files.map((file) => ({
      ...withPercentages(file),
      filePath: file.filePath,
      id: to.newId(),
      reportARN: to.reportArn,
      expired: to.expired,
    })),
  };
}

function withPercentages(counts: Omit<ParsedCoverage, "filePath">): CodeCoverageReportSummary {
  const { linesCovered, linesMissed, branchesCovered, branchesMissed } = counts;
  return {
    linesCovered,
    linesMissed,
    branchesCovered,
    branchesMissed,
    lineCoveragePercentage: percentage(linesCovered, linesMissed),
    branchCoveragePercentage: percentage(branchesCovered, branchesMissed),
  };
}

/** Nothing to cover is fully covered, as AWS shows it. */
function percentage(covered: number, missed: number): number {
  return covered + missed === 0 ? 100 : Math.round((covered / (covered + missed)) * 10_000) / 100;
}
