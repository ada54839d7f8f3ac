import {
  BatchGetBuildsCommand,
  BatchGetReportsCommand,
  CodeBuildClient,
  DescribeTestCasesCommand,
} from "@aws-sdk/client-codebuild";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { codeBuildReports } from "../../../../runtime/tests/codeBuildReports";

const codeBuild = mockClient(CodeBuildClient);
const reports = codeBuildReports(new CodeBuildClient({ region: "us-east-1" }));
beforeEach(() => {
  codeBuild.reset();
  codeBuild.on(BatchGetBuildsCommand).resolves({ builds: [{ reportArns: ["arn:1", "arn:2"] }] });
});

describe("the report of a test build", () => {
  it("sums its test reports and names failed and erroneous tests", async () => {
    codeBuild.on(BatchGetReportsCommand).resolves({
      reports: [
        report("arn:1", { total: 6, statusCounts: { SUCCEEDED: 3, FAILED: 1, ERROR: 1, SKIPPED: 1 } }),
        report("arn:2", { total: 2, statusCounts: { SUCCEEDED: 1, UNKNOWN: 1 } }),
        { arn: "arn:3", type: "CODE_COVERAGE" },
      ],
    });
    codeBuild
      .on(DescribeTestCasesCommand, { reportArn: "arn:1", filter: { status: "FAILED" } })
      .resolves({ testCases: [{ name: "adds", prefix: "calculator", message: "2 is not 3" }] })
      .on(DescribeTestCasesCommand, { reportArn: "arn:1", filter: { status: "ERROR" } })
      .resolves({ testCases: [{}] });
    expect(await reports.report("integration-test:1")).toEqual({
      summary: { total: 8, passed: 4, skipped: 1, failed: 3 },
      failedTests: [
        { name: "adds", suite: "calculator", error: "2 is not 3" },
        { name: "unnamed", suite: "junit", error: "no message" },
      ],
    });
  });

  it("reads page after page, but no more failed tests than help", async () => {
    codeBuild.on(BatchGetReportsCommand).resolves({
      reports: [
        report("arn:1", { total: 90, statusCounts: { FAILED: 90 } }),
        report("arn:2", { total: 1, statusCounts: { FAILED: 1 } }),
      ],
    });
    const testCases = Array.from({ length: 15 }, (_, n) => ({ name: `t${n}` }));
    codeBuild.on(DescribeTestCasesCommand).resolves({ testCases, nextToken: "more" });
    const { failedTests } = (await reports.report("integration-test:1")) ?? {};
    expect(failedTests?.length).toBe(20);
  });

  it("counts what says nothing as no success", async () => {
    codeBuild.on(BatchGetReportsCommand).resolves({
      reports: [
        { arn: "arn:1", type: "TEST" },
        {
          arn: "arn:2",
          type: "TEST",
          testSummary: { total: 1, statusCounts: { FAILED: 1 }, durationInNanoSeconds: 0 },
        },
      ],
    });
    codeBuild
      .on(DescribeTestCasesCommand)
      .resolvesOnce({ testCases: [{ name: "t" }], nextToken: "2" })
      .resolves({});
    expect(await reports.report("integration-test:1")).toEqual({
      summary: { total: 1, passed: 0, skipped: 0, failed: 1 },
      failedTests: [{ name: "t", suite: "unnamed", error: "no message" }],
    });
  });

  it("is undefined when there is none", async () => {
    codeBuild
      .on(BatchGetReportsCommand)
      .resolvesOnce({ reports: [{ type: "CODE_COVERAGE" }] })
      .resolves({});
    expect(await reports.report("b:1")).toBeUndefined();
    expect(await reports.report("b:1")).toBeUndefined();
    codeBuild
      .on(BatchGetBuildsCommand)
      .resolvesOnce({})
      .resolves({ builds: [{}] });
    expect(await reports.report("b:1")).toBeUndefined();
    expect(await reports.report("b:1")).toBeUndefined();
  });
});

function report(arn: string, counts: { total: number; statusCounts: Record<string, number> }) {
  return { arn, name: "junit", type: "TEST" as const, testSummary: { ...counts, durationInNanoSeconds: 0 } };
}
