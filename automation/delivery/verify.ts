import { type DeploymentRecord } from "../../runtime/deployments/domain";
import { type Deployments } from "../../runtime/deployments/ports";
import { type HealthReport } from "../../runtime/health/ports";
import { type TestReport, type TestReports } from "../../runtime/tests/ports";
import { type TestResults } from "../../runtime/types";
import { Problem } from "../problem";
import { type Progress } from "../progress";
import { type CommandResult, ok } from "../result";
import { entitled, recordFailure } from "./record";
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
  let seen: HealthReport | undefined;
  try {
    const tested = await recordTestResults(record, settings, ports);
    const baking = entitled(await ports.deployments.beginBake(tested));
    ports.progress.line(`  watching ${record.environment} for ${settings.healthCheckMs / 1000} s`);
    seen = await ports.progress.step("bake", () => ports.bake.watch(baking, whilePolling(baking, ports)));
    const { verdict, canaries } = seen;
    if (verdict.kind !== "healthy") throw new Problem("failed", { what: `${verdict.kind}: ${verdict.because}` });
    const ended = entitled(await ports.deployments.succeed(baking, canaries));
    return ok(
      { deploymentId: ended.deploymentId, environment: ended.environment, version: ended.version, verdict, canaries },
      [`${ended.deploymentId} succeeded: ${verdict.because}`],
    );
  } catch (error) {
    await recordFailure(record, error, ports, seen?.canaries);
    throw error;
  }
}

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
  const report = await ports.progress.step("read the test report", () => ports.tests.report(testBuildId));
  if (report === undefined) {
    throw new Problem("failed", {
      what: "The test build published no report, so nothing is known of its tests",
      value: testBuildId,
    });
  }
  const { total, failed, passed } = report.summary;
  ports.progress.line(`  ${passed} of ${total} tests passed`);
  const tested = entitled(await ports.deployments.recordTests(record, testResults(record, report)));
  if (total > 0 && failed === 0) return tested;
  throw new Problem("failed", {
    what: "The tests of the live release have not passed",
    value: `${failed} of ${total} failed`,
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
