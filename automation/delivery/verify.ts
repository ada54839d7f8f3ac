import { type DeploymentRecord } from "../../runtime/deployments/domain";
import { type Deployments } from "../../runtime/deployments/ports";
import { type HealthVerdict } from "../../runtime/health/domain";
import { type HealthReport } from "../../runtime/health/ports";
import { type PipelineMetrics } from "../../runtime/metrics/ports";
import { type TestReport, type TestReports } from "../../runtime/tests/ports";
import { type FailureKind, type TestResults } from "../../runtime/types";
import { messageOf, Problem } from "../problem";
import { type Progress } from "../progress";
import { type CommandResult, ok } from "../result";
import { entitled, recordFailure, UnprovenRelease } from "./record";
import { type VerifySettings } from "./settings";

/** Watches a live release for its bake: alarms at both ends and between, and canary jobs. */
export interface Bake {
  /** @param onPoll called after each look; what it throws ends the bake. */
  watch(record: DeploymentRecord, onPoll: (seen: HealthReport) => Promise<void>): Promise<HealthReport>;
}

export interface VerifyPorts {
  readonly deployments: Pick<
    Deployments,
    "deployment" | "environmentState" | "recordTests" | "beginBake" | "extendLease" | "succeed" | "fail"
  >;
  readonly tests: TestReports;
  readonly bake: Bake;
  readonly metrics: Pick<PipelineMetrics, "publishDeploymentDuration">;
  readonly progress: Progress;
}

/**
 * Ends a deployment: well after a healthy bake, as failed otherwise. Only what was measured healthy succeeds; that it
 * could not be measured is told apart in the reason, because it says nothing about the release.
 *
 * @throws Problem `refused` for a record that is not this build's to verify; `failed` once it is recorded as failed.
 */
export async function verify(settings: VerifySettings, ports: VerifyPorts): Promise<CommandResult> {
  const record = await recordToVerify(settings, ports);
  const { ended, seen } = await prove(record, settings, ports);
  const { deploymentId, environment, version, startTime, endTime = startTime } = ended;
  await ports.metrics.publishDeploymentDuration(environment, (endTime - startTime) / 1000);
  const { verdict, canaries } = seen;
  return ok({ deploymentId, environment, version, verdict, canaries }, [
    `${deploymentId} succeeded: ${verdict.because}`,
  ]);
}

async function prove(
  record: DeploymentRecord,
  settings: VerifySettings,
  ports: VerifyPorts,
): Promise<{ readonly ended: DeploymentRecord; readonly seen: HealthReport }> {
  let seen: HealthReport | undefined;
  try {
    const tested = await recordTestResults(record, settings, ports);
    const baking = entitled(await ports.deployments.beginBake(tested));
    ports.progress.line(`  watching ${record.environment} for ${settings.healthCheckMs / 1000} s`);
    seen = await ports.progress.step("bake", () => ports.bake.watch(baking, whilePolling(baking, ports)));
    const { verdict, canaries } = seen;
    if (verdict.kind !== "healthy") {
      throw new UnprovenRelease(failureKinds[verdict.kind], { what: `${verdict.kind}: ${verdict.because}` });
    }
    return { ended: entitled(await ports.deployments.succeed(baking, canaries)), seen };
  } catch (error) {
    await recordFailure(record, error, ports, seen?.canaries);
    throw error;
  }
}

/** What a bake's verdict says of the release, in the words of the record. */
const failureKinds = {
  failed: "health",
  error: "error",
  inconclusive: "inconclusive",
} as const satisfies Record<Exclude<HealthVerdict["kind"], "healthy">, FailureKind>;

async function recordToVerify(
  { deploymentId, environment, releaseVersion }: VerifySettings,
  { deployments }: VerifyPorts,
): Promise<DeploymentRecord> {
  const [record, { lock }] = await Promise.all([
    deployments.deployment(deploymentId),
    deployments.environmentState(environment),
  ]);
  const refuse = (what: string): never => {
    throw new Problem("refused", {
      what,
      value: deploymentId,
      remedy: "A retried stage needs a deployment of its own.",
    });
  };
  if (record === undefined) return refuse("There is no such deployment");
  if (record.environment !== environment)
    return refuse(`The deployment is one of ${record.environment}, not of ${environment}`);
  if (record.version !== releaseVersion)
    return refuse(`The deployment is of release ${record.version}, not of ${releaseVersion}`);
  if (record.status !== "in_progress") return refuse(`The deployment is ${record.status}, not in_progress`);
  if (lock?.deploymentId !== deploymentId || lock.token !== record.lockToken) {
    return refuse(
      `The lock of ${environment} is ${lock === undefined ? "free" : `held by ${lock.deploymentId}`}, not held by this deployment`,
    );
  }
  return record;
}

async function recordTestResults(
  record: DeploymentRecord,
  { testBuildId }: VerifySettings,
  ports: VerifyPorts,
): Promise<DeploymentRecord> {
  if (testBuildId === undefined) return record;
  const report = await readReport(testBuildId, ports);
  const { total, failed, passed } = report.summary;
  ports.progress.line(`  ${passed} of ${total} tests passed`);
  const tested = entitled(await ports.deployments.recordTests(record, testResults(record, report)));
  if (total === 0) throw new UnprovenRelease("error", { what: "No test of the live release ran", value: testBuildId });
  if (failed === 0) return tested;
  throw new UnprovenRelease("tests", {
    what: "The tests of the live release have not passed",
    value: `${failed} of ${total} failed`,
  });
}

/** Without a report nobody knows whether the tests failed. */
async function readReport(testBuildId: string, { tests, progress }: VerifyPorts): Promise<TestReport> {
  let report: TestReport | undefined;
  try {
    report = await progress.step("read the test report", () => tests.report(testBuildId));
  } catch (cause) {
    const what = `The test report could not be read: ${messageOf(cause)}`;
    throw new UnprovenRelease("error", { what, value: testBuildId }, { cause });
  }
  if (report !== undefined) return report;
  throw new UnprovenRelease("error", {
    what: "The test build published no report, so nothing is known of its tests",
    value: testBuildId,
  });
}

/** Test proves by integration tests, staging by end-to-end tests; what earlier builds proved is kept. */
function testResults(record: DeploymentRecord, { summary, failedTests }: TestReport): TestResults {
  const passed = summary.total > 0 && summary.failed === 0;
  const { environment, unitTestsPassed, integrationTestsPassed, e2eTestsPassed, coveragePercentage } = record;
  return {
    unitTestsPassed,
    integrationTestsPassed: environment === "test" ? passed : integrationTestsPassed,
    e2eTestsPassed: environment === "staging" ? passed : e2eTestsPassed,
    coveragePercentage,
    testSummary: summary,
    ...(failedTests.length === 0 ? {} : { failedTests }),
  };
}

/** Extends the lease at every look, and tells what is seen when it is something new. */
function whilePolling(
  record: DeploymentRecord,
  { deployments, progress }: VerifyPorts,
): (seen: HealthReport) => Promise<void> {
  let told = "";
  return async ({ verdict }) => {
    const outcome = await deployments.extendLease(record);
    if (outcome.kind === "stale") {
      throw new Problem("failed", { what: `This deployment may not go on: ${outcome.because}` });
    }
    const text = `  ${verdict.kind}: ${verdict.because}`;
    if (text !== told) progress.line(text);
    told = text;
  };
}
