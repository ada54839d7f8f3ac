import { type Lock, mayBreak } from "../../runtime/deployments/domain";
import { type Deployments, type HolderWatch } from "../../runtime/deployments/ports";
import { type Clock } from "../../runtime/health/ports";
import { type Environment } from "../../runtime/types";
import { type CommandResult, ok } from "../result";

interface Ports {
  readonly deployments: Pick<Deployments, "environmentState" | "breakLock">;
  readonly holders: HolderWatch;
  readonly clock: Pick<Clock, "now">;
}

/** Who holds the environment's lock, and whether it may be broken. */
export async function showLock(
  environment: Environment,
  { deployments, holders, clock }: Ports,
): Promise<CommandResult> {
  const { lock } = await deployments.environmentState(environment);
  if (lock === undefined) return ok({ environment, lock: null }, [`the lock of ${environment} is free`]);
  const activity = await holders.activity(lock);
  const breakable = mayBreak(lock, activity, clock.now());
  return ok({ environment, lock, activity, breakable: breakable.kind === "allowed" }, [
    `the lock of ${environment} is held by ${holder(lock)} (token ${lock.token}) since ${iso(lock.since)}`,
    `  build      ${lock.buildId}: ${activity.build}`,
    `  execution  ${lock.pipelineExecutionId}: ${activity.execution}`,
    `  lease      until ${iso(lock.leaseUntil)}`,
    breakable.kind === "allowed"
      ? "  nobody is left who could act under it: it may be broken"
      : `  it may not be broken: ${breakable.because}`,
    ...endsItself(lock),
  ]);
}

/** Frees the lock of a deployment that nobody can end any more. What it changed stays as it is. */
export async function breakLock(
  environment: Environment,
  by: string,
  reason: string,
  { deployments, holders }: Ports,
): Promise<CommandResult> {
  const { lock } = await deployments.environmentState(environment);
  if (lock === undefined) return isFree(environment);
  const outcome = await deployments.breakLock(environment, lock, await holders.activity(lock), by, reason);
  switch (outcome.kind) {
    case "broken":
      return ok({ environment, broken: outcome.lock, by, reason }, [
        `the lock of ${environment} is free: it was held by ${outcome.lock.deploymentId}, which is recorded as broken by ${by}: ${reason}`,
      ]);
    case "not-locked":
      return isFree(environment);
    case "refused":
      return {
        ending: "refused",
        document: { environment, because: outcome.because, lock: outcome.lock },
        lines: [
          `the lock of ${environment} stays with ${holder(outcome.lock)}: ${outcome.because}`,
          ...endsItself(outcome.lock),
        ],
      };
    default:
      return outcome satisfies never;
  }
}

const holder = ({ deploymentId, purpose }: Lock): string =>
  purpose === "rollback" ? `the rollback of ${deploymentId}` : deploymentId;

const endsItself = ({ purpose }: Lock): string[] =>
  purpose === "rollback" ? ["  the rollback function ends it: it goes on from its last step every minute"] : [];

const isFree = (environment: Environment): CommandResult =>
  ok({ environment, broken: null }, [`the lock of ${environment} is free already`]);

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
