/** What an operator may do to executions: stop, retry, open and close transitions. */
import { endAction } from "./actions";
import { type EventOf, type Refusal } from "./events";
import { advance, occupies, stageRun, waitsAt } from "./stages";
import { type ActionRun, type Execution, isOver, without } from "./state";
import { type Turn } from "./turn";

/** Stop and wait lets running actions finish; abandon leaves them to themselves at once. */
export function stop(turn: Turn, event: EventOf<"stop">): Refusal | undefined {
  const execution = turn.state.executions[event.executionId];
  if (execution === undefined || isOver(execution.status)) return notStoppable(event.executionId);
  if (execution.status === "Stopping" && !event.abandon) return duplicateStop(event.executionId);
  turn.putExecution(execution.id, { status: "Stopping", stop: { reason: event.reason, abandon: event.abandon } });
  if (execution.status === "InProgress") turn.publishPipeline(execution.id, "STOPPING");
  const gate = waitsAt(turn, execution.id);
  if (gate !== undefined) {
    turn.putStage(gate, { waiting: turn.stage(gate).waiting.filter((id) => id !== execution.id) });
    turn.putExecution(execution.id, { status: "Stopped" });
    turn.publishPipeline(execution.id, "STOPPED");
    return undefined;
  }
  const stage = occupies(turn, execution.id);
  if (stage === undefined) throw new Error(`execution ${execution.id} is ${execution.status} and nowhere`);
  stopStage(turn, execution, stage, event.abandon);
  return undefined;
}

function stopStage(turn: Turn, execution: Execution, stage: string, abandon: boolean): void {
  turn.putStageRun(execution.id, { ...stageRun(execution, stage), status: "Stopping" });
  if (execution.status === "InProgress") turn.publishStage(execution.id, stage, "STOPPING");
  if (abandon) {
    for (const run of execution.actions.filter((a) => a.status === "InProgress")) {
      endAction(turn, { ...run, status: "Abandoned" });
      turn.effects.push({ kind: "abandon", actionId: run.id });
    }
  }
  advance(turn, execution.id, stage);
}

/** Runs a failed or stopped stage again, in the execution that was the last to enter it. */
export function retry(turn: Turn, event: EventOf<"retry">): Refusal | undefined {
  const { latest, occupant } = turn.stage(event.stage);
  const execution = turn.state.executions[event.executionId];
  if (execution === undefined || latest !== event.executionId) {
    return {
      code: "NotLatestPipelineExecutionException",
      message: `Execution ${event.executionId} is not the latest execution of stage ${event.stage}.`,
    };
  }
  const run = stageRun(execution, event.stage);
  const redo = runsToRedo(execution, event.stage, run.redone, event.mode);
  if (occupant !== undefined || !["Failed", "Stopped"].includes(run.status)) {
    return notRetryable(`Stage ${event.stage} has neither failed nor stopped.`);
  }
  if (execution.version !== turn.state.declaration.version) {
    return notRetryable("The structure of the pipeline has changed since the execution was started.");
  }
  const running = without(execution, "stop");
  turn.state = { ...turn.state, executions: { ...turn.state.executions, [execution.id]: running } };
  turn.putExecution(execution.id, { status: "InProgress", attempt: execution.attempt + 1 });
  turn.putStage(event.stage, { occupant: execution.id });
  turn.putStageRun(execution.id, {
    ...run,
    status: "InProgress",
    manualRetries: run.manualRetries + 1,
    redone: [...run.redone, ...redo.map((a) => a.id)],
  });
  turn.publishPipeline(execution.id, "RESUMED");
  turn.publishStage(execution.id, event.stage, "RESUMED");
  advance(turn, execution.id, event.stage);
  return undefined;
}

function runsToRedo(
  execution: Execution,
  stage: string,
  redone: readonly string[],
  mode: EventOf<"retry">["mode"],
): readonly ActionRun[] {
  const current = execution.actions.filter((a) => a.stage === stage && !redone.includes(a.id));
  return mode === "ALL_ACTIONS" ? current : current.filter((a) => a.status !== "Succeeded");
}

/** Closes or opens the way into (Inbound) or out of (Outbound) a stage. */
export function changeTransition(turn: Turn, event: EventOf<"transition">): Refusal | undefined {
  const names = turn.state.declaration.stages.map((s) => s.name);
  const index = names.indexOf(event.stage);
  if (index < 0) return { code: "StageNotFoundException", message: `There is no stage ${event.stage}.` };
  const target = event.direction === "Inbound" ? event.stage : names[index + 1];
  if (target === undefined) {
    return { code: "ValidationException", message: `Stage ${event.stage} is the last one: nothing leaves it.` };
  }
  turn.putStage(target, {
    inbound: {
      enabled: event.enabled,
      changedBy: event.by,
      changedAt: event.at,
      ...(event.reason === undefined ? {} : { reason: event.reason }),
    },
  });
  return undefined;
}

const notStoppable = (id: string): Refusal => ({
  code: "PipelineExecutionNotStoppableException",
  message: `Unable to stop pipeline execution ${id}: it is not in progress.`,
});

const duplicateStop = (id: string): Refusal => ({
  code: "DuplicatedStopRequestException",
  message: `Pipeline execution ${id} is already being stopped.`,
});

const notRetryable = (message: string): Refusal => ({ code: "StageNotRetryableException", message });
