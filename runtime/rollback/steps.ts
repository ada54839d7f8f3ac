import { assign } from "../deployments/domainWrites";
import type { RollbackStep } from "../types";
import { isUnusable } from "./compatibility";
import { advance, givenUp, type Running, stepDone, type StepResult } from "./domainProgress";
import type { RollbackPorts, ValidationRules } from "./ports";
import { RollbackValidator } from "./validator";

/** A build is asked to end and proven to have ended, or a human must look: nothing is undone beside one that may still write. */
export const LONGEST_STOP_MS = 15 * 60_000;
/** The pointer is flipped by whoever deploys, in a build that has been proven dead by then. */
const FLIP_ATTEMPTS = 3;

/**
 * Does the next step of a rollback. Every effect may be repeated: a crash before it is persisted repeats it.
 * @throws what a retry could mend.
 */
export async function runStep(
  step: RollbackStep,
  record: Running,
  ports: RollbackPorts,
  rules: ValidationRules,
): Promise<StepResult> {
  try {
    return await tryStep(step, record, ports, rules);
  } catch (error) {
    if (!isUnusable(error)) throw error;
    return advance(givenUp(record.rollback, `${step}: ${error.message}`));
  }
}

function tryStep(
  step: RollbackStep,
  record: Running,
  ports: RollbackPorts,
  rules: ValidationRules,
): Promise<StepResult> {
  switch (step) {
    case "stop-execution":
      return stopExecution(record, ports);
    case "stop-build":
      return stopBuild(record, ports);
    case "flip-pointer":
      return flipPointer(record, ports);
    case "undo-infrastructure":
      return undoInfrastructure(record, ports);
    case "validate":
      return new RollbackValidator(ports, rules).validateRollback(record);
    default:
      return step satisfies never;
  }
}

async function stopExecution(record: Running, { executions, now }: RollbackPorts): Promise<StepResult> {
  const { rollback, pipelineExecutionId } = record;
  await executions.stop(pipelineExecutionId, rollback.because);
  return advance(stepDone(rollback, "stop-execution", `execution ${pipelineExecutionId} goes no further`, now()));
}

/** Abandoning the execution does not stop its build. */
async function stopBuild(record: Running, { builds, now }: RollbackPorts): Promise<StepResult> {
  const { rollback, buildId, phase } = record;
  const status = await builds.status(buildId);
  const ended = status === "succeeded" || status === "failed";
  // A deployment that reached its bake has been written by its build's last step.
  const proven = ended || (status === "unknown" && (phase === "baking" || phase === "done"));
  if (proven) return advance(stepDone(rollback, "stop-build", `build ${buildId} has ended`, now()));
  if (now() - rollback.claimedAt > LONGEST_STOP_MS) {
    const because = `build ${buildId} could not be proven to have ended (it is ${status}): nothing was undone beside it`;
    return advance(givenUp(rollback, because));
  }
  if (status === "running") await builds.stop(buildId);
  return { kind: "wait", because: `build ${buildId} is ${status}` };
}

/** Before the infrastructure: the old application on the new infrastructure ran during the deployment already. */
async function flipPointer(record: Running, { pointer, releases, now }: RollbackPorts): Promise<StepResult> {
  const { rollback, environment, deploymentId } = record;
  const { version, releaseDigest, deploymentId: origin } = rollback.target;
  // A release that is not what it was when it was live must not become live again.
  await releases.readRelease(version, releaseDigest);
  const current = pointer(environment);
  const next = { version, releaseDigest, deploymentId: origin, flippedAt: new Date(now()).toISOString() };
  for (let attempt = 1; ; attempt++) {
    const outcome = await current.flip(await current.readCurrent(), next);
    if (outcome.kind !== "lost") break;
    if (attempt === FLIP_ATTEMPTS) throw new Error(`current.json of ${environment} is being changed by somebody else`);
  }
  const live = { version, releaseDigest, deploymentId: origin, since: now(), restoredFrom: deploymentId };
  return advance(stepDone(rollback, "flip-pointer", `current.json of ${environment} names ${version}`, now()), {
    set: [assign(["live"], live)],
  });
}

async function undoInfrastructure(record: Running, { builds, releases, now }: RollbackPorts): Promise<StepResult> {
  const { rollback, environment, deploymentId, infrastructureChanged, pipelineExecutionId } = record;
  const done = (because: string) => stepDone(rollback, "undo-infrastructure", because, now());
  if (!infrastructureChanged) return advance(done("the deployment had not changed the infrastructure"));

  const { target, infrastructureBuildId, token, round } = rollback;
  const version = target.infrastructureVersion ?? target.version;
  const { release, digest: releaseDigest } = await releases.readRelease(
    version,
    version === target.version ? target.releaseDigest : undefined,
  );
  if (infrastructureBuildId === undefined) {
    const undo = { environment, deploymentId, pipelineExecutionId, token, round, version, releaseDigest };
    // From here until the build has succeeded nobody knows what is there: the next deployment applies its own.
    const unknown = { remove: [["infrastructureDigest"]] } as const;
    return advance({ ...rollback, infrastructureBuildId: await builds.startUndo(undo) }, unknown);
  }
  const status = await builds.status(infrastructureBuildId);
  switch (status) {
    case "running":
      return { kind: "wait", because: `build ${infrastructureBuildId} undoes the infrastructure` };
    case "succeeded":
      return advance(done(`build ${infrastructureBuildId} applied the infrastructure of ${version}`), {
        set: [
          assign(["infrastructureVersion"], version),
          assign(["infrastructureDigest"], release.infrastructureDigest),
        ],
      });
    case "failed":
    case "unknown": {
      const because = `${target.version} is live again, but build ${infrastructureBuildId}, which undoes the infrastructure, ended as ${status}: its log has the list`;
      return advance(givenUp(rollback, because));
    }
    default:
      return status satisfies never;
  }
}
