import type { DeploymentRecord } from "../../../../runtime/deployments/domain";
import { ENVIRONMENTS } from "../../../../runtime/types";
import { happen, tickHappening } from "./happenings";
import type { World } from "./world";

/** Minutes in which everything must have come to an end once nothing new happens. */
const PATIENCE = 40;

/**
 * Nothing new happens: builds and canaries end, the alarm goes off, the ticks go on.
 * @returns undefined when it comes to a world that was settled before.
 */
export async function settle(world: World, known: Set<string>, alarmStays = false): Promise<World | undefined> {
  let current = world;
  for (let minute = 0; minute < PATIENCE; minute++) {
    const next = current.copy();
    for (const [id, build] of next.builds) {
      if (build.status === "running" && build.mode === "undo") next.builds.set(id, { ...build, status: "succeeded" });
    }
    for (const [id, job] of next.jobs) if (job.status === "running") next.jobs.set(id, { ...job, status: "succeeded" });
    if (!alarmStays) next.alarmSince = undefined;
    const digest = next.digest();
    if (known.has(digest)) return undefined;
    known.add(digest);
    current = await happen(next, tickHappening);
    if ((await unfinished(current)).length === 0 && minute > 1) return current;
  }
  return current;
}

/** What must hold at every moment. */
export async function brokenRules(world: World): Promise<string[]> {
  const broken: string[] = [];
  const records = await world.records();
  for (const environment of ENVIRONMENTS) {
    const { lock } = await world.table.state(environment);
    if (lock === undefined) continue;
    const holder = records.find(({ deploymentId }) => deploymentId === lock.deploymentId);
    if (holder === undefined) broken.push(`the lock of ${environment} is left to nobody`);
    else if (lock.purpose === "rollback" && holder.rollbackStatus !== "running")
      broken.push(`the lock of ${environment} outlives its rollback`);
  }
  for (const record of records) {
    const running = record.rollbackStatus === "running";
    const { lock } = await world.table.state(record.environment);
    if (running && lock?.token !== record.rollback?.token)
      broken.push(`the rollback of ${record.deploymentId} has lost its lock`);
  }
  return broken;
}

/** What must not be left once everything has come to its end. */
export async function unfinished(world: World): Promise<string[]> {
  const left: string[] = [];
  for (const record of await world.records()) {
    if (record.rollbackStatus === "running") left.push(`${record.deploymentId} is still being taken back`);
    const over = world.executions.get(record.pipelineExecutionId) === "terminal";
    if (over && record.status === "in_progress")
      left.push(`${record.deploymentId} is in_progress though its execution is over`);
    if (silent(record, world)) left.push(`${record.deploymentId} ended in silence`);
    const { lock } = await world.table.state(record.environment);
    if (over && lock?.deploymentId === record.deploymentId) left.push(`${record.deploymentId} keeps its lock`);
  }
  return left;
}

function silent({ deploymentId, status, rollbackStatus }: DeploymentRecord, world: World): boolean {
  const told = (event: string) =>
    [...world.table.items.keys()].some((key) => key.startsWith(`${deploymentId}#${event}`));
  if (rollbackStatus === "done" && !told("rollback_succeeded")) return true;
  if (rollbackStatus === "failed" && !told("rollback_failed")) return true;
  return status === "failed" && rollbackStatus === "none" && !told("deployment_failed");
}
