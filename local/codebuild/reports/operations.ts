import type {
  BatchGetReportGroupsInput,
  BatchGetReportsInput,
  CodeCoverage,
  CreateReportGroupInput,
  DeleteReportGroupInput,
  DeleteReportInput,
  DescribeCodeCoveragesInput,
  DescribeTestCasesInput,
  ListReportGroupsInput,
  ListReportsForReportGroupInput,
  ListReportsInput,
  Report,
  ReportGroup,
  TestCase,
  UpdateReportGroupInput,
} from "@aws-sdk/client-codebuild";
import { AwsError, type Call } from "../../services/contract";
import { groupArnOfReport, reportGroupArn, type Place } from "../names";
import { page } from "../paging";
import type { Store } from "../store";

/** The operations on report groups and reports. A report is authorized by its group, as on AWS. */
export class Reports {
  constructor(
    private readonly store: Store,
    private readonly place: Place,
    private readonly now: () => Date,
  ) {}

  async createGroup(input: CreateReportGroupInput, call: Call): Promise<{ reportGroup: ReportGroup }> {
    const arn = reportGroupArn(this.place, input.name ?? "");
    await call.authorize("codebuild:CreateReportGroup", arn);
    if (this.store.state.reportGroups[arn] !== undefined) {
      throw new AwsError("ResourceAlreadyExistsException", `Report group already exists: ${arn}`);
    }
    const times = { created: this.now(), lastModified: this.now() };
    const reportGroup: ReportGroup = { tags: [], ...input, arn, ...times, status: "ACTIVE" };
    this.store.state.reportGroups[arn] = reportGroup;
    this.store.changed();
    return { reportGroup };
  }

  async updateGroup(input: UpdateReportGroupInput, call: Call): Promise<{ reportGroup: ReportGroup }> {
    const arn = input.arn ?? "";
    await call.authorize("codebuild:UpdateReportGroup", arn);
    const reportGroup: ReportGroup = { ...this.group(arn), ...input, lastModified: this.now() };
    this.store.state.reportGroups[arn] = reportGroup;
    this.store.changed();
    return { reportGroup };
  }

  /** Deleting what is gone succeeds, as on AWS; a group that still has reports only goes with them. */
  async deleteGroup(input: DeleteReportGroupInput, call: Call): Promise<object> {
    const arn = input.arn ?? "";
    await call.authorize("codebuild:DeleteReportGroup", arn);
    const reports = this.ofGroup(arn);
    if (reports.length > 0 && input.deleteReports !== true) {
      throw new AwsError("InvalidInputException", `Report group ${arn} has reports: delete them too (deleteReports)`);
    }
    for (const report of reports) await this.forget(report.arn ?? "");
    delete this.store.state.reportGroups[arn];
    this.store.changed();
    return {};
  }

  async batchGetGroups(input: BatchGetReportGroupsInput, call: Call): Promise<object> {
    const arns = input.reportGroupArns ?? [];
    for (const arn of arns) await call.authorize("codebuild:BatchGetReportGroups", arn);
    const { reportGroups } = this.store.state;
    return {
      reportGroups: arns.flatMap((arn) => reportGroups[arn] ?? []),
      reportGroupsNotFound: arns.filter((arn) => reportGroups[arn] === undefined),
    };
  }

  async listGroups(input: ListReportGroupsInput, call: Call): Promise<object> {
    await call.authorize("codebuild:ListReportGroups", "*");
    const arns = Object.keys(this.store.state.reportGroups).sort();
    if (input.sortOrder === "DESCENDING") arns.reverse();
    const { items, nextToken } = page(arns, input.nextToken, input.maxResults);
    return { reportGroups: items, ...nextToken };
  }

  async batchGet(input: BatchGetReportsInput, call: Call): Promise<object> {
    const arns = input.reportArns ?? [];
    for (const group of new Set(arns.map(groupArnOfReport))) await call.authorize("codebuild:BatchGetReports", group);
    const { reports } = this.store.state;
    return {
      reports: arns.flatMap((arn) => reports[arn] ?? []),
      reportsNotFound: arns.filter((arn) => reports[arn] === undefined),
    };
  }

  async list(input: ListReportsInput, call: Call): Promise<object> {
    await call.authorize("codebuild:ListReports", "*");
    return this.listed(Object.values(this.store.state.reports), input);
  }

  async listForGroup(input: ListReportsForReportGroupInput, call: Call): Promise<object> {
    const arn = input.reportGroupArn ?? "";
    await call.authorize("codebuild:ListReportsForReportGroup", arn);
    this.group(arn);
    return this.listed(this.ofGroup(arn), input);
  }

  async delete(input: DeleteReportInput, call: Call): Promise<object> {
    const arn = input.arn ?? "";
    await call.authorize("codebuild:DeleteReport", groupArnOfReport(arn));
    await this.forget(arn);
    return {};
  }

  async describeTestCases(input: DescribeTestCasesInput, call: Call): Promise<object> {
    const arn = input.reportArn ?? "";
    await call.authorize("codebuild:DescribeTestCases", groupArnOfReport(arn));
    this.report(arn, "TEST");
    const { status, keyword } = input.filter ?? {};
    const cases = (await this.store.details<TestCase>(arn)).filter(
      (each) =>
        (status === undefined || each.status === status) &&
        (keyword === undefined || `${each.prefix} ${each.name}`.includes(keyword)),
    );
    const { items, nextToken } = page(cases, input.nextToken, input.maxResults);
    return { testCases: items, ...nextToken };
  }

  async describeCodeCoverages(input: DescribeCodeCoveragesInput, call: Call): Promise<object> {
    const arn = input.reportArn ?? "";
    await call.authorize("codebuild:DescribeCodeCoverages", groupArnOfReport(arn));
    this.report(arn, "CODE_COVERAGE");
    const { minLineCoveragePercentage: least = 0, maxLineCoveragePercentage: most = 100 } = input;
    const lines = (each: CodeCoverage): number => each.lineCoveragePercentage ?? 0;
    const files = (await this.store.details<CodeCoverage>(arn)).filter(
      (each) => lines(each) >= least && lines(each) <= most,
    );
    const key = (each: CodeCoverage): string | number =>
      input.sortBy === "LINE_COVERAGE_PERCENTAGE" ? lines(each) : (each.filePath ?? "");
    files.sort((a, b) => (key(a) < key(b) ? -1 : 1));
    if (input.sortOrder === "DESCENDING") files.reverse();
    const { items, nextToken } = page(files, input.nextToken, input.maxResults);
    return { codeCoverages: items, ...nextToken };
  }

  private listed(reports: readonly Report[], input: ListReportsInput): object {
    const { status } = input.filter ?? {};
    const arns = reports.filter((each) => status === undefined || each.status === status).map(({ arn }) => arn);
    // The newest first unless asked otherwise; reports are remembered in the order of their making.
    if (input.sortOrder !== "ASCENDING") arns.reverse();
    const { items, nextToken } = page(arns, input.nextToken, input.maxResults);
    return { reports: items, ...nextToken };
  }

  private ofGroup(groupArn: string): Report[] {
    return Object.values(this.store.state.reports).filter((report) => report.reportGroupArn === groupArn);
  }

  private async forget(arn: string): Promise<void> {
    if (this.store.state.reports[arn] === undefined) return;
    delete this.store.state.reports[arn];
    await this.store.deleteDetails(arn);
    this.store.changed();
  }

  private group(arn: string): ReportGroup {
    const found = this.store.state.reportGroups[arn];
    if (found === undefined) throw new AwsError("ResourceNotFoundException", `Report group cannot be found: ${arn}`);
    return found;
  }

  private report(arn: string, type: Report["type"]): void {
    const found = this.store.state.reports[arn];
    // DescribeCodeCoverages declares no ResourceNotFoundException in the service model.
    const missing = type === "TEST" ? "ResourceNotFoundException" : "InvalidInputException";
    if (found === undefined) throw new AwsError(missing, `Report cannot be found: ${arn}`);
    if (found.type !== type) throw new AwsError("InvalidInputException", `Report ${arn} is of type ${found.type}`);
  }
}
