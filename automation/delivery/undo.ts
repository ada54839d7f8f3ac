import { type Lock } from "../../runtime/deployments/domain";
import { type Deployments } from "../../runtime/deployments/ports";
import { type Releases } from "../../runtime/releases/ports";
import { describeCounts } from "../engine/events";
import { EngineProblem } from "../engine/run";
import { Problem } from "../problem";
import { type Progress } from "../progress";
import { type CommandResult, ok } from "../result";
import { type DeployBuild, inTheWay } from "./deployBuilds";
import { describedRelease } from "./loadRelease";
import { type InfrastructureUndo, type UndoneInfrastructure } from "./ports";
import { type UndoSettings } from "./settings";

export interface UndoPorts {
  readonly deployments: Pick<Deployments, "environmentState">;
  readonly releases: Pick<Releases, "readRelease">;
  /** Builds of this build's own project that have not ended, this one among them. */
  readonly builds: { running(): Promise<readonly DeployBuild[]> };
  readonly infrastructure: InfrastructureUndo;
  readonly progress: Progress;
}

/**
 * Brings an environment's infrastructure back to that of an earlier release, for the rollback that started this build.
 * It acts only while that rollback holds the environment's lock and no build that could still change it runs.
 *
 * @throws Problem `refused` or `busy` when it may not act; `failed` with the resources that a human must look at.
 */
export async function undo(settings: UndoSettings, ports: UndoPorts): Promise<CommandResult> {
  const { environment, deploymentId, releaseVersion } = settings;
  const alone = (): Promise<void> => assertAlone(settings, ports);
  await alone();
  const { release } = await describedRelease(settings, ports);
  const document = { environment, deploymentId, version: releaseVersion };
  if (release.infrastructureDigest === null) {
    const because = `release ${releaseVersion} has no infrastructure: nothing to undo`;
    return ok({ ...document, action: "none", because }, [because]);
  }
  const undone = await undoOrList(settings, () =>
    ports.infrastructure.undo(release, `${deploymentId} is taken back to release ${releaseVersion}`, alone),
  );
  return ok({ ...document, action: "up", ...undone }, [
    `the infrastructure of ${environment} is that of release ${releaseVersion} again: ${describeCounts(undone.counts)}`,
    ...undone.pending.map(
      ({ kind, urn }) => `  look for what ${kind} ${urn} may have left: it is in no state any more`,
    ),
  ]);
}

async function assertAlone(settings: UndoSettings, { deployments, builds }: UndoPorts): Promise<void> {
  const { environment, buildId } = settings;
  const lock = await rollbackLock(settings, deployments);
  const blocking = (await builds.running()).filter((build) => build.id !== buildId && inTheWay(build, lock));
  if (blocking.length === 0) return;
  throw new Problem("busy", {
    what: `Another build may still be changing the infrastructure of ${environment}`,
    value: blocking.map(({ id, mode = "mode unknown" }) => `${id} (${mode})`).join(", "),
    remedy: "Stop it: it must have ended before anything is undone.",
  });
}

async function rollbackLock(
  { environment, deploymentId, rollbackToken }: UndoSettings,
  deployments: UndoPorts["deployments"],
): Promise<Lock> {
  const { lock } = await deployments.environmentState(environment);
  if (lock?.purpose === "rollback" && lock.deploymentId === deploymentId && lock.token === rollbackToken) return lock;
  throw new Problem("refused", {
    what: `The rollback that started this build does not hold the lock of ${environment}: no resource is touched`,
    value: lock === undefined ? "it is free" : `${lock.purpose} of ${lock.deploymentId}, token ${lock.token}`,
    allowed: `rollback of ${deploymentId}, token ${rollbackToken}`,
    remedy: "Only the rollback function starts this command.",
  });
}

async function undoOrList(
  { environment, releaseVersion }: UndoSettings,
  work: () => Promise<UndoneInfrastructure>,
): Promise<UndoneInfrastructure> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof EngineProblem)) throw error;
    throw new Problem(
      "failed",
      {
        what: `The infrastructure of ${environment} could not be brought back to release ${releaseVersion}`,
        value: error.failures.map(({ urn = "the program", message }) => `${urn}: ${message}`).join("; "),
        remedy:
          "Adopt what exists already by `pulumi import TYPE NAME ID`, or remove it by hand; then `kiro-pipeline resume`: the next deployment applies its infrastructure.",
      },
      { cause: error },
    );
  }
}
