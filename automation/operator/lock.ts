import { type EnvironmentState, mayBreak } from "../../runtime/deployments/domain";
import { type Deployments, type HolderWatch } from "../../runtime/deployments/ports";
import { type Environment } from "../../runtime/types";
import { type CommandResult, ok } from "../result";

type Ports = {
  readonly deployments: Pick<Deployments, "environmentState" | "breakLock">;
  readonly holders: HolderWatch;
};

/** Who holds the environment's lock, and whether it may be broken. */
export async function showLock(environment: Environment, { deployments, holders }: Ports): Promise<CommandResult> {
  const { lock }: EnvironmentState = await deployments.environmentState(environment);
  if (lock === undefined) return ok({ environment, lock: null }, [`the lock of ${environment} is free`]);
  const activity = await holders.activity(lock);
  const breakable = mayBreak(activity);
  return ok({ environment, lock, activity, breakable: breakable.kind === "allowed" }, [
    `the lock of ${environment} is held by ${lock.deploymentId} (token ${lock.token}) since ${iso(lock.since)}`,
    `  build      ${lock.buildId}: ${activity.build}`,
    `  execution  ${lock.pipelineExecutionId}: ${activity.execution}`,
    `  lease      until ${iso(lock.leaseUntil)}`,
    breakable.kind === "allowed"
      ? "  nobody is left who could act under it: it may be broken"
      : `  it may not be broken: ${breakable.because}`,
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
        lines: [`the lock of ${environment} stays with ${outcome.lock.deploymentId}: ${outcome.because}`],
      };
    default:
      return outcome satisfies never;
  }
}

const isFree = (environment: Environment): CommandResult =>
  ok({ environment, broken: null }, [`the lock of ${environment} is free already`]);

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
