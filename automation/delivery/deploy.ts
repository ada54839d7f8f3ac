import { type DeploymentInfo, type DeploymentRecord } from "../../runtime/deployments/domain";
import { type Release, releasePrefix } from "../../runtime/releases/domain";
import { type PointerSnapshot } from "../../runtime/releases/ports";
import { Problem } from "../problem";
import { type Detected, InfrastructureChangeDetector } from "../changes/detector";
import { proofLines } from "../changes/proofLines";
import { applyOrPlanAgain } from "../engine/boundPlan";
import { type CommandResult, ok } from "../result";
import { refuseHeld, refuseUnacceptedAlarms, ringing } from "./admission";
import { refuseUnacknowledged, refuseWider } from "./changeAdmission";
import { keepingLease } from "./lease";
import { loadRelease } from "./loadRelease";
import { planDigest } from "./planSummary";
import { type DeployPorts } from "./ports";
import { entitled, recordFailure } from "./record";
import { type DeliverySettings } from "./settings";
import { takeLock } from "./takeLock";

/** What an approval was given for. */
export interface Approved {
  readonly planDigest: string | undefined;
  /** What the plan does, as `PLAN_SCOPE` told it. */
  readonly scope: string | undefined;
  /** The alarms that were on, separated by commas; `none`: no alarm was. */
  readonly alarms: string | undefined;
}

/**
 * Deploys one release: lock and record, decision, infrastructure, pointer. What was begun and failed is recorded as
 * failed and keeps the lock, because ending a deployment that did not succeed is not this command's to do.
 *
 * @param approved what was approved, as `plan` exported it; undefined parts where no approval is asked for.
 * @throws Problem `busy` or `refused` before anything was recorded; `failed` after the record was written.
 */
export async function deploy(
  settings: DeliverySettings,
  approved: Approved,
  ports: DeployPorts,
): Promise<CommandResult> {
  const { release, digest } = await loadRelease(settings, ports);
  refuseUnapproved(release, digest, approved.planDigest);
  const { environment } = settings;
  const record = await takeLock(
    () => admitted(settings, release, digest, approved.alarms, ports),
    settings.lockWaitMs,
    ports,
  );
  ports.progress.line(
    `  deployment ${record.deploymentId} holds the lock of ${environment} (token ${record.lockToken})`,
  );
  try {
    await ports.export({ DEPLOYMENT_ID: record.deploymentId });
    return await change(record, release, settings.installation, approved.scope, ports);
  } catch (error) {
    await recordFailure(record, error, ports);
    throw error;
  }
}

/** What a start is asked with now: a deployment that waits for the lock may be held, or meet an alarm, meanwhile. */
async function admitted(
  settings: DeliverySettings,
  release: Release,
  releaseDigest: string,
  acceptedAlarms: string | undefined,
  { deployments, alarms }: DeployPorts,
): Promise<DeploymentInfo> {
  const { installation, environment, buildId, pipelineExecutionId, releasesBucket, alarmPrefix } = settings;
  refuseHeld(installation, await deployments.environmentState(environment), release);
  const alarmsBefore = ringing(await alarms.states(alarmPrefix));
  refuseUnacceptedAlarms(alarmsBefore, acceptedAlarms);
  const { version, infrastructureDigest, message, author, testResults } = release;
  const { unitTestsPassed, coveragePercentage } = testResults;
  return {
    environment,
    version,
    releaseDigest,
    infrastructureDigest,
    buildId,
    pipelineExecutionId,
    commitMessage: message,
    commitAuthor: author,
    artifactLocation: `s3://${releasesBucket}/${releasePrefix(version)}`,
    unitTestsPassed,
    coveragePercentage,
    alarmsBefore,
  };
}

async function change(
  record: DeploymentRecord,
  release: Release,
  installation: DeliverySettings["installation"],
  approvedScope: string | undefined,
  ports: DeployPorts,
): Promise<CommandResult> {
  const { deployments, infrastructure, pointer, progress } = ports;
  const state = await deployments.environmentState(record.environment);
  // A hold that was set between the look before the start and the start itself is in this state: it came before the lock.
  refuseHeld(installation, state, release);
  const before = await pointer.readCurrent();
  const preview = () => infrastructure.preview(release, false);
  const detector = new InfrastructureChangeDetector(release, preview, (line) => progress.line(line));
  const detected = await detector.detectChanges(state);
  const { decision, plan } = detected;
  tell(detected, ports);
  if (plan !== undefined) refuseWider(plan.classification, decision, approvedScope);
  refuseUnacknowledged(installation, detected, state);

  const changing = entitled(await deployments.beginChange(record, decision));
  if (decision.action === "up" && plan !== undefined) {
    const message = `${record.deploymentId} release ${release.version}`;
    await keepingLease(changing, ports, () => applyOrPlanAgain(plan, message, preview, progress));
  }
  await progress.step(`make ${release.version.slice(0, 8)} live`, () => flip(changing, before, ports));
  const live = entitled(await deployments.recordLive(changing));
  return ok(
    {
      deploymentId: live.deploymentId,
      environment: live.environment,
      version: live.version,
      previousVersion: live.previousVersion ?? null,
      infrastructure: decision,
    },
    [
      `${live.deploymentId}: release ${live.version} is live in ${live.environment}`,
      `  infrastructure: ${decision.action}, because ${decision.because}`,
    ],
  );
}

function tell({ decision, plan }: Detected, { progress }: Pick<DeployPorts, "progress">): void {
  progress.line(`  infrastructure: ${decision.action === "up" ? "update" : "no update"}, because ${decision.because}`);
  for (const line of proofLines(decision, plan)) progress.line(line);
}

async function flip(record: DeploymentRecord, before: PointerSnapshot, { pointer, clock }: DeployPorts): Promise<void> {
  const { version, releaseDigest, deploymentId } = record;
  const flippedAt = new Date(clock.now()).toISOString();
  const outcome = await pointer.flip(before, { version, releaseDigest, deploymentId, flippedAt });
  if (outcome.kind !== "lost") return;
  throw new Problem("failed", {
    what: `current.json of ${record.environment} was changed by somebody else during the deployment`,
    value: outcome.current?.deploymentId ?? "it is gone",
  });
}

function refuseUnapproved(release: Release, digest: string, approved: string | undefined): void {
  const own = planDigest(release, digest);
  if (approved === undefined || approved === own) return;
  throw new Problem("refused", {
    what: "What is to be deployed is not what was approved",
    value: `plan ${own}`,
    allowed: `plan ${approved}`,
    remedy: "Start the pipeline again, so that a new plan is made and approved.",
  });
}
