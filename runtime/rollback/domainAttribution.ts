import type { DeploymentRecord } from "../deployments/domain";
import type { AlarmInfo } from "../types";

/** An alarm as it is now. */
export interface AlarmSighting extends AlarmInfo {
  /** When it got into its state; milliseconds since 1970. */
  readonly since: number;
}

export type Attribution =
  | { readonly kind: "attributable"; readonly alarms: readonly AlarmSighting[] }
  | { readonly kind: "not-attributable"; readonly because: string };

/**
 * Which of the alarms are this deployment's doing: in ALARM since it began to change the environment, not so before it
 * came, and not later than the watch window after its success.
 *
 * @param watchWindowMs counted from the end of the deployment; one that has not ended is watched all the time.
 */
export function attribute(
  alarms: readonly AlarmSighting[],
  deployment: DeploymentRecord,
  prefix: string,
  watchWindowMs: number,
): Attribution {
  const excuses = alarms.map((alarm) => excuse(alarm, deployment, prefix, watchWindowMs));
  const blamed = alarms.filter((_, index) => excuses[index] === undefined);
  if (blamed.length > 0) return { kind: "attributable", alarms: blamed };
  const told = excuses.filter((one) => one !== undefined);
  return { kind: "not-attributable", because: told.length === 0 ? "no alarm is in ALARM state" : told.join("; ") };
}

function excuse(
  { name, state, since }: AlarmSighting,
  { deploymentId, alarmsBefore, changingAt, endTime }: DeploymentRecord,
  prefix: string,
  watchWindowMs: number,
): string | undefined {
  if (!name.startsWith(prefix)) return `${name} is no alarm of this environment (${prefix}…)`;
  if (state !== "ALARM") return `${name} is ${state}`;
  if (alarmsBefore.includes(name)) return `${name} was in ALARM before ${deploymentId} started`;
  if (changingAt === undefined) return `${deploymentId} has changed nothing`;
  if (since < changingAt) return `${name} went off before ${deploymentId} changed anything`;
  if (endTime !== undefined && since > endTime + watchWindowMs) {
    return `${name} went off when the watch window of ${deploymentId} was over`;
  }
  return undefined;
}
