import { type EnvironmentState } from "../../runtime/deployments/domain";
import { type OperatorChanges } from "../../runtime/deployments/operatorManager";
import { type Deployments } from "../../runtime/deployments/ports";
import { type Environment } from "../../runtime/types";
import { describeHold } from "../delivery/admission";
import { Problem } from "../problem";
import { type CommandResult, ok } from "../result";

/** Who changes what about an environment, and why. */
export interface OperatorRequest {
  readonly environment: Environment;
  readonly by: string;
  readonly because: string;
}

/** No deployment starts in the environment until it is resumed. */
export async function hold(
  { environment, by, because }: OperatorRequest,
  changes: Pick<OperatorChanges, "hold">,
): Promise<CommandResult> {
  const outcome = await changes.hold(environment, by, because);
  if (outcome.kind === "contested") throw contested(environment);
  const { hold: found } = outcome;
  return ok({ environment, hold: found, changed: outcome.kind === "held" }, [
    outcome.kind === "held"
      ? `${environment} takes no deployments until \`kiro-pipeline resume\`: ${because}`
      : `${environment} takes no deployments already: ${describeHold(found)}`,
  ]);
}

/** The environment takes deployments again, whoever or whatever held it. */
export async function resume(
  { environment, by, because }: OperatorRequest,
  changes: Pick<OperatorChanges, "resume">,
): Promise<CommandResult> {
  const outcome = await changes.resume(environment);
  if (outcome.kind === "contested") throw contested(environment);
  if (outcome.kind === "not-held") {
    return ok({ environment, lifted: null, by, because }, [`${environment} takes deployments already`]);
  }
  return ok({ environment, lifted: outcome.hold, by, because }, [
    `${environment} takes deployments again, by ${by}: ${because}`,
    `  lifted: ${describeHold(outcome.hold)}`,
  ]);
}

/** Which releases are refused, and where. */
export async function listQuarantine(
  environments: readonly Environment[],
  deployments: Pick<Deployments, "environmentState">,
): Promise<CommandResult> {
  const states: readonly EnvironmentState[] = await Promise.all(
    environments.map((environment) => deployments.environmentState(environment)),
  );
  const found = states.flatMap(({ environment, quarantine = [] }) =>
    quarantine.map((one) => ({ environment, ...one })),
  );
  if (found.length === 0) return ok({ quarantine: found }, ["no release is quarantined"]);
  return ok(
    { quarantine: found },
    found.map(
      ({ environment, version, since, deploymentId, because }) =>
        `${environment}  ${version}  since ${iso(since)}  by ${deploymentId}: ${because}`,
    ),
  );
}

/** The release, and all that contain it, may be deployed there again. */
export async function liftQuarantine(
  { environment, by, because }: OperatorRequest,
  version: string,
  changes: Pick<OperatorChanges, "liftQuarantine">,
): Promise<CommandResult> {
  const outcome = await changes.liftQuarantine(environment, version);
  if (outcome.kind === "contested") throw contested(environment);
  if (outcome.kind === "not-quarantined") {
    return ok({ environment, version, lifted: null, by, because }, [`${version} is not quarantined in ${environment}`]);
  }
  return ok({ environment, version, lifted: outcome.quarantined, by, because }, [
    `${version} may be deployed into ${environment} again, by ${by}: ${because}`,
    `  it was quarantined since ${iso(outcome.quarantined.since)}: ${outcome.quarantined.because}`,
  ]);
}

function contested(environment: Environment): Problem {
  return new Problem("busy", {
    what: `The state of ${environment} changed each time while this command wrote it`,
    remedy: "Run it again.",
  });
}

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
