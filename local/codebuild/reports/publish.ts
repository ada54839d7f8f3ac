import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Report, ReportType } from "@aws-sdk/client-codebuild";
import type { ReportSpec } from "../buildspec";
import type { RoleCheck } from "../clients";
import { describeError } from "../clients";
import { selectFiles } from "../files";
import { reportGroupArn, type Place } from "../names";
import { failingAs } from "../phaseFailure";
import type { KnownBuild, Store } from "../store";
import { parseClover } from "./clover";
import { parseJUnit } from "./junit";
import { coverageContents, testContents, type Belonging, type Contents } from "./summary";

/** AWS keeps a report for 30 days. */
const KEPT_MS = 30 * 24 * 3600_000;
/** Reports that are remembered here, whatever their age. */
const REPORTS_KEPT = 1_000;

export interface PublishWorld {
  readonly store: Store;
  readonly place: Place;
  readonly check: RoleCheck;
  readonly now: () => Date;
  readonly say: (line: string) => void;
}

/**
 * Makes a report of a build, in the group of its own that is made when it is missing. Files that are missing or
 * unreadable leave the report INCOMPLETE and the build as it is; a right that the build's role lacks fails the phase.
 * Answers the report's ARN.
 */
export async function publishReport(
  spec: ReportSpec,
  build: KnownBuild,
  source: string,
  world: PublishWorld,
): Promise<string> {
  const { store, say, now } = world;
  const type: ReportType = spec.format === "JUNITXML" ? "TEST" : "CODE_COVERAGE";
  const groupArn = spec.name.startsWith("arn:")
    ? spec.name
    : reportGroupArn(world.place, `${build.projectName}-${spec.name}`);
  const may = (action: string): Promise<void> =>
    failingAs("CLIENT_ERROR", `report ${spec.name}`, () => world.check(build.serviceRole, action, groupArn));

  say(`Preparing to copy ${type} report ${spec.name}`);
  if (store.state.reportGroups[groupArn] === undefined) {
    await may("codebuild:CreateReportGroup");
    store.state.reportGroups[groupArn] = {
      arn: groupArn,
      name: groupArn.slice(groupArn.indexOf("/") + 1),
      type,
      exportConfig: { exportConfigType: "NO_EXPORT" },
      created: now(),
      lastModified: now(),
      status: "ACTIVE",
    };
  }
  await may("codebuild:CreateReport");
  const expired = new Date(now().getTime() + KEPT_MS);
  const report: Report & { arn: string } = {
    arn: `${groupArn.replace(":report-group/", ":report/")}:${randomUUID()}`,
    type,
    name: spec.name,
    reportGroupArn: groupArn,
    executionId: build.arn,
    status: "INCOMPLETE",
    created: now(),
    expired,
    exportConfig: { exportConfigType: "NO_EXPORT" },
    truncated: false,
  };
  store.state.reports[report.arn] = report;
  await forgetOldReports(store);

  const contents = await readReports(spec, source, {
    reportArn: report.arn,
    expired,
    newId: randomUUID,
  }).catch((error: unknown) => say(`Report ${spec.name} is incomplete: ${describeError(error)}`));
  if (contents !== undefined) {
    await may(type === "TEST" ? "codebuild:BatchPutTestCases" : "codebuild:BatchPutCodeCoverages");
    await store.saveDetails(report.arn, contents.details);
    await may("codebuild:UpdateReport");
    store.state.reports[report.arn] = { ...report, ...contents.outcome };
  }
  store.changed();
  return report.arn;
}

async function readReports(spec: ReportSpec, source: string, to: Belonging): Promise<Contents> {
  const files = await selectFiles(source, spec);
  if (files.size === 0) throw new Error("report files not found in build");
  const read = <T>(parse: (text: string) => T[]): Promise<T[]> =>
    Promise.all([...files.values()].map(async (file) => parse(await readFile(file, "utf8")))).then((all) => all.flat());
  const [first = ""] = files.keys();
  return spec.format === "JUNITXML"
    ? testContents(await read(parseJUnit), first, to)
    : coverageContents(await read(parseClover), to);
}

async function forgetOldReports(store: Store): Promise<void> {
  const arns = Object.keys(store.state.reports);
  for (const arn of arns.slice(0, Math.max(0, arns.length - REPORTS_KEPT))) {
    delete store.state.reports[arn];
    await store.deleteDetails(arn);
  }
}
