import { type EnvironmentState } from "../../runtime/deployments/domain";
import { mayDeploy } from "../../runtime/deployments/domainOperator";
import { type Hold } from "../../runtime/deployments/domainRollback";
import { type Release } from "../../runtime/releases/domain";
import { type AlarmInfo } from "../../runtime/types";
import { type Installation } from "../installation/names";
import { Problem } from "../problem";

/** The value of `PLAN_ALARMS` when no alarm is on: no alarm of a worker has this name. */
const noAlarm = "none";

/** The names of the alarms that are on. */
export function ringing(alarms: readonly AlarmInfo[]): readonly string[] {
  return alarms.filter(({ state }) => state === "ALARM").map(({ name }) => name);
}

/** Alarms that are on, as an approval is asked for them. */
export function alarmList(names: readonly string[]): string {
  return names.length === 0 ? noAlarm : names.join(",");
}

/** What kind of hold it is, by whom, since when and why. */
export function describeHold({ kind, by, since, because }: Hold): string {
  return `${kind === "frozen" ? "frozen" : "held"} by ${by} since ${iso(since)}: ${because}`;
}

/** @throws Problem `refused` where the environment is held, or the release contains one that is quarantined there. */
export function refuseHeld(
  installation: Installation,
  state: EnvironmentState,
  release: Pick<Release, "version" | "ancestors">,
): void {
  const permission = mayDeploy(state, release);
  const { environment } = state;
  const where = `${installation} --environment ${environment}`;
  switch (permission.kind) {
    case "allowed":
      return;
    case "held":
      throw new Problem("refused", {
        what: `${environment} takes no deployments: ${describeHold(permission.hold)}`,
        value: release.version,
        remedy: `When that is over: \`kiro-pipeline resume ${where} --reason …\`.`,
      });
    case "quarantined": {
      const { version, because, since } = permission.quarantined;
      const contains = version === release.version ? "is" : `contains ${version}, which is`;
      throw new Problem("refused", {
        what: `The release ${contains} quarantined in ${environment} since ${iso(since)}: ${because}`,
        value: release.version,
        remedy: `Prove a fix in the test environment, then: \`kiro-pipeline quarantine lift ${where} --version ${version} --reason …\`.`,
      });
    }
    default:
      return permission satisfies never;
  }
}

/**
 * An alarm that is on before a deployment is never blamed on it, so whoever approved it must have known.
 *
 * @param accepted `PLAN_ALARMS` of the approved plan; undefined where no approval is asked for.
 * @throws Problem `refused` that names the alarms which nobody accepted.
 */
export function refuseUnacceptedAlarms(on: readonly string[], accepted: string | undefined): void {
  if (accepted === undefined) return;
  const known = new Set(accepted.split(","));
  const unknown = on.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new Problem("refused", {
    what: "Alarms are on that were not on when the deployment was approved",
    value: unknown.join(", "),
    allowed: accepted === "" ? noAlarm : accepted,
    remedy: "Look at them first; to deploy nevertheless, start the pipeline again and approve its new plan.",
  });
}

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
