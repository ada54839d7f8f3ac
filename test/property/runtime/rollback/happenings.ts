import { reconcile } from "../../../../runtime/rollback/reconcile";
import type { Trigger } from "../../../../runtime/rollback/domain";
import { ENVIRONMENTS, type Environment } from "../../../../runtime/types";
import { deploymentInfo } from "../../../unit/runtime/support/fixtures";
import { BAD, digestOf, Disturbed, done, type Fault, GOOD, MINUTE, NEXT, PREFIX, type World } from "./world";

/** Something that may happen next. Calls of the system can be disturbed; what the outside does cannot. */
export interface Happening {
  readonly name: string;
  readonly isCall: boolean;
  readonly run: (world: World) => Promise<void>;
}

/** Everything that may happen in this world now. */
export async function happenings(world: World): Promise<Happening[]> {
  return [...(await calls(world)), ...(await outside(world))];
}

/** Runs it; a disturbed call is one that a retry, a later event or the tick must mend. */
export async function happen(world: World, { run }: Happening, fault?: Fault): Promise<World> {
  const next = world.copy();
  next.fault = fault;
  try {
    await run(next);
  } catch (error) {
    if (!(error instanceof Disturbed) && !(error instanceof AggregateError)) throw error;
  }
  next.fault = undefined;
  return next;
}

async function calls(world: World): Promise<Happening[]> {
  const handle = (name: string, trigger: Trigger): Happening => ({
    name,
    isCall: true,
    run: async (next) => {
      await next.desk().handle("production", trigger);
    },
  });
  const found: Happening[] = [tickHappening];
  const alarm = { name: `${PREFIX.production}failed-jobs`, state: "ALARM", since: world.lastAlarm ?? 0 } as const;
  // At least once, late, and again: an event may come as long as anybody listens.
  if (world.lastAlarm !== undefined) found.push(handle("alarm event", { kind: "alarm", alarm }));
  for (const [executionId, state] of world.executions) {
    if (state !== "terminal") continue;
    found.push(handle(`stage event of ${executionId}`, { kind: "stage", executionId, outcome: "failed" }));
  }
  if ([...world.builds.values()].some(({ status, mode }) => mode === "undo" && status !== "running")) {
    found.push(handle("build event", { kind: "build", buildId: "any" }));
  }
  if (!world.asked) {
    found.push({
      name: "operator",
      isCall: true,
      run: async (next) => {
        next.asked = true;
        await next.desk().handle("production", { kind: "operator", by: "ada", because: "it looks wrong" });
      },
    });
  }
  return found;
}

/** A minute passes, every environment is looked at. */
export const tickHappening: Happening = {
  name: "tick",
  isCall: true,
  run: async (world) => {
    world.now += MINUTE;
    const failures: unknown[] = [];
    for (const environment of [...ENVIRONMENTS].reverse()) {
      try {
        await reconcile(environment, world.ports());
        await world.desk().handle(environment, { kind: "tick", alarms: world.alarms(environment) });
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures);
  },
};

async function outside(world: World): Promise<Happening[]> {
  const found: Happening[] = [];
  const add = (name: string, run: (next: World) => void | Promise<void>) =>
    found.push({ name, isCall: false, run: async (next) => run(next) });

  if (world.lastAlarm === undefined) {
    add("alarm on", (next) => {
      next.now += 1_000;
      next.lastAlarm = next.alarmSince = next.now;
    });
  } else if (world.alarmSince !== undefined) {
    add("alarm off", (next) => void (next.alarmSince = undefined));
  }
  for (const [id, build] of world.builds) {
    if (build.status !== "running") continue;
    add(`${id} fails`, (next) => void next.builds.set(id, { ...build, status: "failed" }));
    if (build.mode === "undo")
      add(`${id} succeeds`, (next) => void next.builds.set(id, { ...build, status: "succeeded" }));
  }
  for (const [id, job] of world.jobs) {
    if (job.status !== "running") continue;
    for (const status of ["succeeded", "failed", "error"] as const) {
      add(`canary ${status}`, (next) => void next.jobs.set(id, { ...job, status }));
    }
  }
  const { live, lock } = await world.table.state("production");
  const holder = lock && (await world.table.record(lock.deploymentId));
  if (
    holder?.version === BAD &&
    holder.status === "in_progress" &&
    holder.phase !== "locked" &&
    lock?.purpose === "deployment"
  ) {
    add("deployment fails", async (next) => {
      await next.manager.fail(holder, "the bake failed", "health");
      next.executions.set(holder.pipelineExecutionId, "terminal");
    });
    add("deployment's build is killed", (next) => {
      next.builds.set(holder.buildId, { status: "failed", environment: "production", mode: "deploy" });
      next.executions.set(holder.pipelineExecutionId, "terminal");
    });
  }
  if (!world.others && lock === undefined) add("next deployment starts", startNext);
  if (holder?.version === NEXT && holder.phase === "locked" && holder.status === "in_progress") {
    add("next deployment changes", async (next) => {
      await next.manager.beginChange(holder, { action: "none", because: "explored" });
    });
  }
  if (!world.meddled && live?.restoredFrom !== undefined) {
    add("somebody flips the pointer back by hand", (next) => {
      next.meddled = true;
      const pointer = next.pointers.get("production");
      if (pointer) next.pointers.set("production", { ...pointer, version: BAD, deploymentId: "by-hand" });
    });
  }
  return found;
}

async function startNext(world: World): Promise<void> {
  world.others = true;
  world.now += 1_000;
  const execution = "execution-next";
  world.executions.set(execution, "running");
  world.builds.set("deploy-production:next", { status: "running", environment: "production", mode: "deploy" });
  const info = deploymentInfo({
    environment: "production",
    version: NEXT,
    releaseDigest: digestOf(NEXT),
    buildId: "deploy-production:next",
    pipelineExecutionId: execution,
  });
  done(await world.manager.recordDeploymentStart(info));
}

/** Test and staging run the bad release already; production is where its deployment has got to. */
export async function beginning(
  world: World,
  upTo: "locked" | "changing" | "live" | "baking" | "done",
  infrastructure: boolean,
  first = false,
): Promise<World> {
  for (const environment of ["test", "staging"] satisfies Environment[]) {
    await world.deploy(environment, GOOD, "done");
    await world.deploy(environment, BAD, "done");
  }
  if (!first) await world.deploy("production", GOOD, "done");
  await world.deploy("production", BAD, upTo, infrastructure);
  return world;
}
