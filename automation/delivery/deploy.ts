import { type DeploymentRecord, type InfrastructureDecision } from "../../runtime/deployments/domain";
import { type Release, releasePrefix } from "../../runtime/releases/domain";
import { type PointerSnapshot } from "../../runtime/releases/ports";
import { Problem } from "../problem";
import { type CommandResult, ok } from "../result";
import { decideByDigest, decideByPreview, planDigest } from "./decide";
import { type DeployPorts, type PreviewedInfrastructure } from "./ports";
import { loadRelease } from "./loadRelease";
import { entitled, recordFailure } from "./record";
import { type DeliverySettings } from "./settings";
import { takeLock } from "./takeLock";

interface Decided {
  readonly decision: InfrastructureDecision;
  readonly previewed?: PreviewedInfrastructure;
}

/**
 * Deploys one release: lock and record, decision, infrastructure, pointer. What was begun and failed is recorded as
 * failed and keeps the lock, because ending a deployment that did not succeed is not this command's to do.
 *
 * @param approvedPlanDigest what was approved; absent where no approval is asked for.
 * @throws Problem `busy` or `refused` before anything was recorded; `failed` after the record was written.
 */
export async function deploy(
  settings: DeliverySettings,
  approvedPlanDigest: string | undefined,
  ports: DeployPorts,
): Promise<CommandResult> {
  const { release, digest } = await loadRelease(settings, ports);
  refuseUnapproved(release, digest, approvedPlanDigest);
  const { environment } = settings;
  const alarms = await ports.alarms.states(settings.alarmPrefix);
  const record = await takeLock(
    {
      environment,
      version: release.version,
      releaseDigest: digest,
      infrastructureDigest: release.infrastructureDigest,
      buildId: settings.buildId,
      pipelineExecutionId: settings.pipelineExecutionId,
      commitMessage: release.message,
      commitAuthor: release.author,
      artifactLocation: `s3://${settings.releasesBucket}/${releasePrefix(release.version)}`,
      unitTestsPassed: release.testResults.unitTestsPassed,
      coveragePercentage: release.testResults.coveragePercentage,
      alarmsBefore: alarms.filter(({ state }) => state === "ALARM").map(({ name }) => name),
    },
    settings.lockWaitMs,
    ports,
  );
  ports.progress.line(
    `  deployment ${record.deploymentId} holds the lock of ${environment} (token ${record.lockToken})`,
  );
  try {
    await ports.export({ DEPLOYMENT_ID: record.deploymentId });
    return await change(record, release, ports);
  } catch (error) {
    await recordFailure(record, error, ports);
    throw error;
  }
}

async function change(record: DeploymentRecord, release: Release, ports: DeployPorts): Promise<CommandResult> {
  const { deployments, pointer, progress } = ports;
  const before = await pointer.readCurrent();
  const { decision, previewed } = await decide(record, release, ports);
  progress.line(`  infrastructure: ${decision.action === "up" ? "update" : "no update"}, because ${decision.because}`);

  const changing = entitled(await deployments.beginChange(record, decision));
  if (decision.action === "up" && previewed !== undefined)
    await previewed.apply(`${record.deploymentId} release ${release.version}`);
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

async function decide(
  record: DeploymentRecord,
  release: Release,
  { deployments, infrastructure, progress }: DeployPorts,
): Promise<Decided> {
  const byDigest = decideByDigest(await deployments.environmentState(record.environment), release);
  if (byDigest.kind === "decided") return byDigest;
  progress.line(`  ${byDigest.because}: preview`);
  const previewed = await infrastructure.preview(release, false);
  return { decision: decideByPreview(previewed.counts, byDigest.first), previewed };
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
