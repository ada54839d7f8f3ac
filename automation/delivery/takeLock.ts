import { type DeploymentInfo, type DeploymentRecord, type Lock, mayTakeOver } from "../../runtime/deployments/domain";
import { type Deployments, type HolderWatch, type StartOutcome } from "../../runtime/deployments/ports";
import { type Clock } from "../../runtime/health/ports";
import { Problem } from "../problem";
import { type Progress, seconds } from "../progress";

export interface LockPorts {
  readonly deployments: Pick<Deployments, "recordDeploymentStart" | "takeOver">;
  readonly holders: HolderWatch;
  readonly clock: Clock;
  readonly progress: Pick<Progress, "line">;
}

/** How often the lock is looked at again. */
const lookEveryMs = 5_000;
/** How often the holder is printed while we wait. */
const tellEveryMs = 60_000;

/**
 * Starts the deployment: takes the environment's lock and writes the record. A lock that is held is waited for; it is
 * taken over only when its lease has run out and its build and execution have both ended.
 *
 * @param prepare looks, before each attempt, whether and with what the deployment may start; what it throws ends the wait.
 * @throws Problem `busy` when the time is up: nothing was changed, and nothing is to be rolled back.
 */
export async function takeLock(
  prepare: () => Promise<DeploymentInfo>,
  waitMs: number,
  ports: LockPorts,
): Promise<DeploymentRecord> {
  const { deployments, clock, progress } = ports;
  const until = clock.now() + waitMs;
  let toldAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const info = await prepare();
    const outcome = await deployments.recordDeploymentStart(info);
    const started = await startedOrTakenOver(outcome, info, ports);
    if (started.kind === "done") return started.record;
    const { lock } = started;
    const now = clock.now();
    if (now >= until) throw busy(info, lock, waitMs);
    if (now - toldAt >= tellEveryMs) {
      progress.line(
        `  the lock of ${info.environment} is held by ${describe(lock)}: waiting, ${seconds(until - now)} left`,
      );
      toldAt = now;
    }
    await clock.sleep(Math.min(lookEveryMs, until - now));
  }
}

type Attempt = Extract<StartOutcome, { kind: "done" | "lock-held" }>;

async function startedOrTakenOver(outcome: StartOutcome, info: DeploymentInfo, ports: LockPorts): Promise<Attempt> {
  if (outcome.kind !== "lock-held") return notStale(outcome);
  const { lock } = outcome;
  const { deployments, holders, clock, progress } = ports;
  if (clock.now() < lock.leaseUntil) return outcome;
  const activity = await holders.activity(lock);
  if (mayTakeOver(lock, activity, clock.now()).kind === "refused") return outcome;
  progress.line(
    `  taking the lock over from ${describe(lock)}: its lease has run out, its build and execution have ended`,
  );
  return notStale(await deployments.takeOver(info, lock, activity));
}

function notStale(outcome: StartOutcome): Attempt {
  if (outcome.kind !== "stale") return outcome;
  throw new Problem("failed", { what: `The deployment could not be started: ${outcome.because}` });
}

function busy(info: DeploymentInfo, lock: Lock, waitMs: number): Problem {
  return new Problem("busy", {
    what: `The lock of ${info.environment} is still held after ${seconds(waitMs)}`,
    value: describe(lock),
    remedy: "When its build and execution have ended, `kiro-pipeline lock show` tells why, and `lock break` frees it.",
  });
}

const describe = ({ deploymentId, buildId, pipelineExecutionId }: Lock): string =>
  `${deploymentId} (build ${buildId}, execution ${pipelineExecutionId})`;
