import Table from "cli-table3";
import { describeHold } from "../delivery/admission";
import { type Installation, pipelineName } from "../installation/names";
import { type CommandResult, ok } from "../result";
import { type DeploymentRecord, type EnvironmentState } from "../../runtime/deployments/domain";
import { type Deployments } from "../../runtime/deployments/ports";
import { ENVIRONMENTS } from "../../runtime/types";
import { type PipelineStatus, type StageStatus } from "./ports";

type Read = Pick<Deployments, "environmentState" | "getDeploymentHistory">;

/** How many deployments of each environment are shown. */
const shown = 5;

/** Where the pipeline is, what is live in each environment, and the last deployments. */
export async function showStatus(
  installation: Installation,
  pipelines: PipelineStatus,
  deployments: Read,
): Promise<CommandResult> {
  const pipeline = pipelineName(installation);
  const [stages, environments, histories] = await Promise.all([
    pipelines.stages(pipeline),
    Promise.all(ENVIRONMENTS.map((environment) => deployments.environmentState(environment))),
    Promise.all(ENVIRONMENTS.map((environment) => deployments.getDeploymentHistory(environment, { limit: shown }))),
  ]);
  const records = histories.flatMap(({ records: page }) => page);
  const document = {
    pipeline,
    stages,
    environments: environments.map(({ environment, live, lock, hold, quarantine, ...state }, index) => ({
      environment,
      live: live ?? null,
      lastKnownGood: state.lastKnownGood ?? null,
      infrastructureVersion: state.infrastructureVersion ?? null,
      lock: lock ?? null,
      hold: hold ?? null,
      quarantine: quarantine ?? [],
      lastDeployment: histories[index]?.records[0] ?? null,
    })),
    deployments: records,
  };
  return ok(document, [
    stageTable(stages),
    ...messages(stages),
    environmentTable(environments),
    ...environments.flatMap(refusals),
    ...(records.length === 0 ? ["no deployments yet"] : [deploymentTable(records), ...reasons(records)]),
  ]);
}

function stageTable(stages: readonly StageStatus[]): string {
  const table = plainTable(["stage", "action", "status", "since"]);
  for (const { name, actions } of stages) {
    for (const action of actions) table.push([name, action.name, action.status, time(action.since)]);
  }
  return table.toString();
}

/** Messages may be long: they stand below the table, not in it. */
function messages(stages: readonly StageStatus[]): string[] {
  return stages.flatMap(({ name, actions }) =>
    actions.flatMap((action) => (action.message === undefined ? [] : [`${name}/${action.name}: ${action.message}`])),
  );
}

function environmentTable(states: readonly EnvironmentState[]): string {
  const table = plainTable(["environment", "live", "last known good", "infrastructure", "lock", "deployments"]);
  for (const { environment, live, lastKnownGood, infrastructureVersion, lock, hold } of states) {
    table.push([
      environment,
      short(live?.version),
      short(lastKnownGood?.version),
      short(infrastructureVersion),
      lock === undefined ? "free" : `${lock.purpose === "rollback" ? "rollback of " : ""}${lock.deploymentId}`,
      hold === undefined ? "taken" : hold.kind === "frozen" ? "frozen" : "held",
    ]);
  }
  return table.toString();
}

/** What an environment takes no deployments for, below the table. */
function refusals({ environment, hold, quarantine = [] }: EnvironmentState): string[] {
  return [
    ...(hold === undefined ? [] : [`${environment} is ${describeHold(hold)}`]),
    ...quarantine.map(({ version, because }) => `${environment} refuses ${version} and what contains it: ${because}`),
  ];
}

function deploymentTable(records: readonly DeploymentRecord[]): string {
  const table = plainTable(["deployment", "release", "status", "phase", "infrastructure", "rollback"]);
  for (const record of records) {
    const { deploymentId, version, status, phase, infrastructureChanged, rollbackStatus, rollbackLevel } = record;
    const rollback = rollbackLevel === undefined ? rollbackStatus : `${rollbackStatus} (${rollbackLevel})`;
    const infrastructure = infrastructureChanged ? "changed" : "unchanged";
    table.push([deploymentId, short(version), status, phase, infrastructure, rollback]);
  }
  return table.toString();
}

const reasons = (records: readonly DeploymentRecord[]): string[] =>
  records.flatMap(({ deploymentId, failureReason, rollbackReason }) => [
    ...(failureReason === undefined ? [] : [`${deploymentId}: ${failureReason}`]),
    ...(rollbackReason === undefined ? [] : [`${deploymentId} is taken back: ${rollbackReason}`]),
  ]);

/** Without lines between rows. */
const chars = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };

/** No colours: the tables also go into logs. */
const plainTable = (head: string[]): Table.Table => new Table({ head, chars, style: { head: [], border: [] } });

const short = (version: string | undefined): string => version?.slice(0, 8) ?? "none";

const time = (at: Date | undefined): string => at?.toISOString() ?? "";
