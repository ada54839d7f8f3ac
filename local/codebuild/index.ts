import type {
  BatchGetBuildsInput,
  BatchGetProjectsInput,
  BatchGetReportGroupsInput,
  BatchGetReportsInput,
  CreateProjectInput,
  CreateReportGroupInput,
  DeleteProjectInput,
  DeleteReportGroupInput,
  DeleteReportInput,
  DescribeCodeCoveragesInput,
  DescribeTestCasesInput,
  ListBuildsForProjectInput,
  ListBuildsInput,
  ListProjectsInput,
  ListReportGroupsInput,
  ListReportsForReportGroupInput,
  ListReportsInput,
  RetryBuildInput,
  StartBuildInput,
  StopBuildInput,
  UpdateProjectInput,
  UpdateReportGroupInput,
} from "@aws-sdk/client-codebuild";
import { AwsError, type Call, type LocalService, type Surroundings } from "../services/contract";
import { Builds } from "./builds";
import { roleCheck } from "./clients";
import { machineOf } from "./environment";
import { Projects } from "./projects";
import { recover } from "./recover";
import { Reports } from "./reports/operations";
import { publishReport } from "./reports/publish";
import { Store } from "./store";

const GRACE_MS = 3_000;

/**
 * CodeBuild on this machine: builds run for real, in folders of their own under the service's state, with the session of
 * their project's service role. Its departures from AWS are listed in the README beside this file.
 */
export async function createCodeBuild(s: Surroundings): Promise<LocalService> {
  const now = (): Date => new Date();
  const store = await Store.open(s.stateDir, (message) => s.log(message));
  await recover(store, s.stateDir, now(), GRACE_MS);
  const iam = roleCheck(s);
  const projects = new Projects(store, s, now);
  const reports = new Reports(store, s, now);
  const builds = new Builds(
    store,
    projects,
    {
      cloud: s,
      machine: machineOf(process.env),
      check: iam.check,
      publishReport: (report, build, source, say) =>
        publishReport(report, build, source, { store, place: s, check: iam.check, now, say }),
      keepFolders: process.env["KIRO_KEEP_BUILDS"] !== undefined,
      graceMs: GRACE_MS,
    },
    now,
  );

  const operations: Readonly<Record<string, Operation>> = {
    CreateProject: serve((input: CreateProjectInput, call) => projects.create(input, call)),
    UpdateProject: serve((input: UpdateProjectInput, call) => projects.update(input, call)),
    DeleteProject: serve((input: DeleteProjectInput, call) => projects.delete(input, call)),
    BatchGetProjects: serve((input: BatchGetProjectsInput, call) => projects.batchGet(input, call)),
    ListProjects: serve((input: ListProjectsInput, call) => projects.list(input, call)),
    StartBuild: serve((input: StartBuildInput, call) => builds.start(input, call)),
    RetryBuild: serve((input: RetryBuildInput, call) => builds.retry(input, call)),
    StopBuild: serve((input: StopBuildInput, call) => builds.stop(input, call)),
    BatchGetBuilds: serve((input: BatchGetBuildsInput, call) => builds.batchGet(input, call)),
    ListBuilds: serve((input: ListBuildsInput, call) => builds.list(input, call)),
    ListBuildsForProject: serve((input: ListBuildsForProjectInput, call) => builds.listForProject(input, call)),
    CreateReportGroup: serve((input: CreateReportGroupInput, call) => reports.createGroup(input, call)),
    UpdateReportGroup: serve((input: UpdateReportGroupInput, call) => reports.updateGroup(input, call)),
    DeleteReportGroup: serve((input: DeleteReportGroupInput, call) => reports.deleteGroup(input, call)),
    BatchGetReportGroups: serve((input: BatchGetReportGroupsInput, call) => reports.batchGetGroups(input, call)),
    ListReportGroups: serve((input: ListReportGroupsInput, call) => reports.listGroups(input, call)),
    BatchGetReports: serve((input: BatchGetReportsInput, call) => reports.batchGet(input, call)),
    ListReports: serve((input: ListReportsInput, call) => reports.list(input, call)),
    ListReportsForReportGroup: serve((input: ListReportsForReportGroupInput, call) =>
      reports.listForGroup(input, call),
    ),
    DeleteReport: serve((input: DeleteReportInput, call) => reports.delete(input, call)),
    DescribeTestCases: serve((input: DescribeTestCasesInput, call) => reports.describeTestCases(input, call)),
    DescribeCodeCoverages: serve((input: DescribeCodeCoveragesInput, call) =>
      reports.describeCodeCoverages(input, call),
    ),
  };

  return {
    name: "codebuild",
    apiVersion: "2016-10-06",
    handle: async (name, input, call) => {
      const serving = operations[name];
      if (serving === undefined) {
        throw new AwsError("UnknownOperationException", `${name} is not served by the local CodeBuild`);
      }
      return serving(input, call);
    },
    stop: async () => {
      await builds.end();
      await store.flush();
      iam.destroy();
    },
  };
}

type Operation = (input: unknown, call: Call) => Promise<unknown>;

/** The gateway has validated the input against the service model, whose types the methods take. */
function serve<I>(method: (input: I, call: Call) => Promise<unknown>): Operation {
  return (input, call) => method(input as I, call);
}
