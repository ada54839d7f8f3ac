/** How executions move: wait at a stage's entry, take its lock, run its actions in order, give the lock back. */
import { type ActionDeclaration, runOrderOf, stageOf } from "./declaration";
import { startAction } from "./actions";
import { type ActionRun, type Execution, type StageRun } from "./state";
import { type Turn } from "./turn";

/** Puts an execution at a stage's entry. In SUPERSEDED mode the newest one waiting there is the only one. */
export function arrive(turn: Turn, executionId: string, stage: string): void {
  const execution = turn.execution(executionId);
  const waiting = [...turn.stage(stage).waiting, executionId].sort(
    (a, b) => turn.execution(a).order - turn.execution(b).order,
  );
  if (execution.mode !== "SUPERSEDED") {
    turn.putStage(stage, { waiting });
    return;
  }
  const newest = waiting[waiting.length - 1] ?? executionId;
  turn.putStage(stage, { waiting: [newest] });
  for (const id of waiting.filter((w) => w !== newest)) {
    turn.putExecution(id, { status: "Superseded", statusSummary: `Superseded by ${newest}` });
    turn.publishPipeline(id, "SUPERSEDED");
  }
}

/** Lets waiting executions into free stages until nothing moves. Later stages first: the way ahead clears first. */
export function settle(turn: Turn): void {
  let moved = true;
  while (moved) {
    moved = false;
    for (const name of stageNames(turn).reverse()) {
      const { occupant, waiting, inbound } = turn.stage(name);
      const [next] = waiting;
      if (occupant !== undefined || next === undefined || !inbound.enabled) continue;
      enter(turn, next, name);
      moved = true;
    }
  }
}

/** The stages of the current structure, and those of older ones that executions still run through. */
function stageNames(turn: Turn): string[] {
  return [...new Set([...turn.state.declaration.stages.map((s) => s.name), ...Object.keys(turn.state.stages)])];
}

function enter(turn: Turn, executionId: string, stage: string): void {
  const { waiting } = turn.stage(stage);
  turn.putStage(stage, {
    waiting: waiting.filter((w) => w !== executionId),
    occupant: executionId,
    latest: executionId,
  });
  turn.putStageRun(executionId, {
    name: stage,
    status: "InProgress",
    startedAt: turn.at,
    manualRetries: 0,
    redone: [],
  });
  turn.publishStage(executionId, stage, "STARTED");
  advance(turn, executionId, stage);
}

/**
 * Starts what the stage's order allows now, or ends the stage. An action that fails lets those beside it finish, then
 * ends the stage; a requested stop lets the running ones finish and starts nothing more.
 */
export function advance(turn: Turn, executionId: string, stage: string): void {
  for (;;) {
    const execution = turn.execution(executionId);
    const runs = latestRuns(execution, stage);
    const states = [...runs.values()].map((r) => r.status);
    if (states.includes("InProgress")) return;
    if (execution.status === "Stopping") return end(turn, executionId, stage, "Stopped");
    if (states.includes("Failed")) return end(turn, executionId, stage, "Failed");
    const next = nextActions(stageOf(turn.structure(execution), stage).actions, runs);
    if (next.length === 0) return end(turn, executionId, stage, "Succeeded");
    for (const action of next) startAction(turn, executionId, stage, action);
  }
}

/** The last run of each action of a stage in one execution, of the current attempt: a retry removes what it redoes. */
function latestRuns(execution: Execution, stage: string): ReadonlyMap<string, ActionRun> {
  const run = stageRun(execution, stage);
  const redone = new Set(run.redone);
  return new Map(
    execution.actions.filter((a) => a.stage === stage && !redone.has(a.id)).map((a) => [a.action, a] as const),
  );
}

function nextActions(
  actions: readonly ActionDeclaration[],
  runs: ReadonlyMap<string, ActionRun>,
): readonly ActionDeclaration[] {
  const open = actions.filter((a) => !runs.has(a.name));
  const order = Math.min(...open.map(runOrderOf));
  return open.filter((a) => runOrderOf(a) === order);
}

function end(turn: Turn, executionId: string, stage: string, status: "Succeeded" | "Failed" | "Stopped"): void {
  const before = turn.execution(executionId);
  turn.putStageRun(executionId, { ...stageRun(before, stage), status });
  turn.unlock(stage);
  const next = status === "Succeeded" ? turn.stageAfter(before, stage) : undefined;
  if (next === undefined) {
    turn.putExecution(executionId, { status });
    turn.publishStage(executionId, stage, NOTICE[status]);
    turn.publishPipeline(executionId, NOTICE[status]);
    return;
  }
  turn.publishStage(executionId, stage, "SUCCEEDED");
  arrive(turn, executionId, next.name);
}

const NOTICE = { Succeeded: "SUCCEEDED", Failed: "FAILED", Stopped: "STOPPED" } as const;

export function stageRun(execution: Execution, stage: string): StageRun {
  const run = execution.stages.find((s) => s.name === stage);
  if (run === undefined) throw new Error(`execution ${execution.id} never entered ${stage}`);
  return run;
}

/** The stage an execution waits at, if it stands between stages. */
export function waitsAt(turn: Turn, executionId: string): string | undefined {
  return Object.entries(turn.state.stages).find(([, s]) => s.waiting.includes(executionId))?.[0];
}

/** The stage whose lock an execution holds. */
export function occupies(turn: Turn, executionId: string): string | undefined {
  return Object.entries(turn.state.stages).find(([, s]) => s.occupant === executionId)?.[0];
}
