import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { CodeCoverage, Report, TestCase } from "@aws-sdk/client-codebuild";
import { startHarness, type Harness } from "./harness";

let cloud: Harness;
beforeAll(async () => {
  cloud = await startHarness();
}, 60_000);
afterAll(() => cloud.stop());

const BUILDSPEC = `
version: 0.2
phases:
  build:
    commands:
      - |
        cat > junit.xml <<'XML'
        <testsuites><testsuite name="s"><testcase classname="c" name="good" time="0.5"/>
        <testcase classname="c" name="bad" time="1"><failure message="expected &lt;1&gt;">trace</failure></testcase></testsuite></testsuites>
        XML
      - |
        cat > clover.xml <<'XML'
        <coverage><project><file path="a.ts"><metrics statements="4" coveredstatements="3" conditionals="2" coveredconditionals="1"/></file></project></coverage>
        XML
reports:
  unit: {files: [junit.xml]}
  coverage: {files: [clover.xml], file-format: CLOVERXML}
`;
const group = (name: string): string => `arn:aws:codebuild:us-east-1:000000000000:report-group/${name}`;

describe("reports of a build", () => {
  it("hold its test cases and coverage, in groups made for them", async () => {
    await cloud.project("tested", BUILDSPEC, ["logs", "reports"]);
    const { reportArns = [] } = await cloud.run({ projectName: "tested" });
    const { reports } = await cloud.call<{ reports: Report[] }>("BatchGetReports", { reportArns });
    expect(reports).toMatchObject([
      {
        type: "TEST",
        status: "FAILED",
        reportGroupArn: group("tested-unit"),
        testSummary: {
          total: 2,
          statusCounts: { SUCCEEDED: 1, FAILED: 1, ERROR: 0, SKIPPED: 0, UNKNOWN: 0 },
          durationInNanoSeconds: 1_500_000_000,
        },
      },
      {
        type: "CODE_COVERAGE",
        status: "SUCCEEDED",
        codeCoverageSummary: { lineCoveragePercentage: 75, branchCoveragePercentage: 50, linesMissed: 1 },
      },
    ]);
    const [tests, coverage] = reportArns;
    const failed = { reportArn: tests, filter: { status: "FAILED" } };
    const { testCases } = await cloud.call<{ testCases: TestCase[] }>("DescribeTestCases", failed);
    expect(testCases).toMatchObject([{ prefix: "c", name: "bad", message: "expected <1>", testSuiteName: "s" }]);
    const all = { reportArn: coverage, sortBy: "LINE_COVERAGE_PERCENTAGE", sortOrder: "DESCENDING" };
    const { codeCoverages } = await cloud.call<{ codeCoverages: CodeCoverage[] }>("DescribeCodeCoverages", all);
    expect(codeCoverages).toMatchObject([{ filePath: "a.ts", linesCovered: 3 }]);

    await cloud.restart();
    const { reports: again } = await cloud.call<{ reports: Report[] }>("BatchGetReports", { reportArns });
    expect(again).toEqual(reports);
  }, 20_000);

  it("are incomplete when their files are missing or broken, and do not fail the build", async () => {
    const buildspec =
      "version: 0.2\nphases: {build: {commands: ['echo oops > bad.xml']}}\nreports:\n  a: {files: [no.xml]}\n  b: {files: [bad.xml]}\n";
    await cloud.project("untested", buildspec, ["logs", "reports"]);
    const build = await cloud.run({ projectName: "untested" });
    const { reports } = await cloud.call<{ reports: Report[] }>("BatchGetReports", { reportArns: build.reportArns });
    expect([build.buildStatus, ...reports.map(({ status }) => status)]).toEqual([
      "SUCCEEDED",
      "INCOMPLETE",
      "INCOMPLETE",
    ]);
    expect((await cloud.lines(build)).join("\n")).toContain("report files not found in build");
  });

  it("fail the build when its role may not make them", async () => {
    await cloud.project("mute", BUILDSPEC);
    const build = await cloud.run({ projectName: "mute" });
    const upload = build.phases?.find(({ phaseType }) => phaseType === "UPLOAD_ARTIFACTS");
    expect(upload?.contexts?.[0]?.message).toMatch(/AccessDenied.*codebuild:CreateReportGroup.*mute-unit/);
  });
});

describe("operations on report groups", () => {
  it("create, change, list and delete them", async () => {
    const exportConfig = { exportConfigType: "NO_EXPORT" };
    await cloud.call("CreateReportGroup", { name: "mine", type: "TEST", exportConfig });
    await expect(cloud.call("CreateReportGroup", { name: "mine", type: "TEST", exportConfig })).rejects.toThrow(
      "exists",
    );
    await cloud.call("UpdateReportGroup", { arn: group("mine"), tags: [{ key: "a", value: "b" }] });
    expect(await cloud.call("BatchGetReportGroups", { reportGroupArns: [group("mine"), group("none")] })).toMatchObject(
      {
        reportGroups: [{ name: "mine", status: "ACTIVE", tags: [{ key: "a", value: "b" }] }],
        reportGroupsNotFound: [group("none")],
      },
    );
    const { reportGroups } = await cloud.call<{ reportGroups: string[] }>("ListReportGroups", {
      sortOrder: "DESCENDING",
    });
    expect(reportGroups).toContain(group("mine"));
    await cloud.call("DeleteReportGroup", { arn: group("mine") });
    await cloud.call("DeleteReportGroup", { arn: group("mine") });
    await expect(cloud.call("ListReportsForReportGroup", { reportGroupArn: group("mine") })).rejects.toThrow(
      "cannot be found",
    );
  });

  it("refuse to delete a group with reports unless told to, and forget the reports with it", async () => {
    await cloud.project("grouped", BUILDSPEC, ["logs", "reports"]);
    const { reportArns = [] } = await cloud.run({ projectName: "grouped" });
    const arn = group("grouped-unit");
    expect(await cloud.call("ListReportsForReportGroup", { reportGroupArn: arn })).toEqual({
      reports: [reportArns[0]],
    });
    const failed = await cloud.call<{ reports: string[] }>("ListReports", { filter: { status: "FAILED" } });
    expect(failed.reports[0]).toBe(reportArns[0]);
    await expect(cloud.call("DeleteReportGroup", { arn })).rejects.toThrow("has reports");
    await cloud.call("DeleteReportGroup", { arn, deleteReports: true });
    await cloud.call("DeleteReport", { arn: reportArns[1] });
    expect(await cloud.call("BatchGetReports", { reportArns })).toEqual({ reports: [], reportsNotFound: reportArns });
    await expect(cloud.call("DescribeTestCases", { reportArn: reportArns[0] })).rejects.toThrow("cannot be found");
  });
});
