/**
 * CodePipeline's rules as one pure function: state and event in, state and effects out. No clock, no randomness, no I/O.
 * What AWS would refuse comes back as a refusal with AWS's exception name, and changes nothing.
 */
import { failAction, reportedAction, succeedAction } from "./actions";
import { answer, expire } from "./approvals";
import { changeTransition, retry, stop } from "./control";
import { type PipelineDeclaration } from "./declaration";
import { type EventOf, type PipelineEvent, type Refusal, type Step } from "./events";
import { advance, arrive, settle } from "./stages";
import { type PipelineState } from "./state";
import { Turn } from "./turn";

/** AWS holds at most this many executions of a QUEUED pipeline. */
const MOST_QUEUED = 50;

export function newPipeline(declaration: PipelineDeclaration, at: number): PipelineState {
  return {
    declaration: { ...declaration, version: 1 },
    structures: {},
    createdAt: at,
    updatedAt: at,
    started: 0,
    stages: {},
    executions: {},
  };
}

export function transition(state: PipelineState, event: PipelineEvent): Step {
  const turn = new Turn(state, event);
  const refused = take(turn, event);
  if (refused !== undefined) return { refused };
  settle(turn);
  const forgotten = turn.prune();
  return { state: turn.state, effects: turn.effects, forgotten };
}

/** When the next `clock` event is due: the earliest end of a pending approval. */
export function nextClock(state: PipelineState): number | undefined {
  const ends = Object.values(state.executions).flatMap((e) =>
    e.actions.flatMap((a) => (a.status === "InProgress" && a.expiresAt !== undefined ? [a.expiresAt] : [])),
  );
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function take(turn: Turn, event: PipelineEvent): Refusal | undefined {
  switch (event.kind) {
    case "start":
      return start(turn, event);
    case "progress": {
      const run = reportedAction(turn, event);
      if (run !== undefined) turn.putAction(run);
      return undefined;
    }
    case "succeeded": {
      const run = reportedAction(turn, event);
      if (run === undefined) return undefined;
      succeedAction(turn, run, event);
      advance(turn, run.executionId, run.stage);
      return undefined;
    }
    case "failed": {
      const run = reportedAction(turn, event);
      if (run === undefined) return undefined;
      failAction(turn, run, event.error);
      advance(turn, run.executionId, run.stage);
      return undefined;
    }
    case "answer":
      return answer(turn, event);
    case "clock":
      expire(turn);
      return undefined;
    case "stop":
      return stop(turn, event);
    case "retry":
      return retry(turn, event);
    case "transition":
      return changeTransition(turn, event);
    case "update":
      update(turn, event);
      return undefined;
  }
}

function start(turn: Turn, event: EventOf<"start">): Refusal | undefined {
  const { declaration, started } = turn.state;
  const mode = declaration.executionMode ?? "SUPERSEDED";
  const open = Object.values(turn.state.executions).filter((e) => e.status === "InProgress" || e.status === "Stopping");
  if (mode === "QUEUED" && open.length >= MOST_QUEUED) {
    return {
      code: "ConcurrentPipelineExecutionsLimitExceededException",
      message: `The pipeline has reached the limit of ${MOST_QUEUED} concurrent executions in QUEUED mode.`,
    };
  }
  const [first] = declaration.stages;
  if (first === undefined) throw new Error(`pipeline ${declaration.name} has no stages`);
  const defaults = (declaration.variables ?? []).flatMap(({ name, defaultValue }) =>
    defaultValue === undefined ? [] : [[name, defaultValue] as const],
  );
  turn.state = {
    ...turn.state,
    started: started + 1,
    executions: {
      ...turn.state.executions,
      [event.executionId]: {
        id: event.executionId,
        order: started,
        version: declaration.version,
        mode,
        status: "InProgress",
        startedAt: event.at,
        updatedAt: event.at,
        trigger: event.trigger,
        revisionOverrides: event.revisionOverrides,
        variables: { ...Object.fromEntries(defaults), ...event.variables },
        attempt: 0,
        stages: [],
        actions: [],
        artifacts: {},
        outputs: {},
        revisions: [],
      },
    },
  };
  turn.publishPipeline(event.executionId, "STARTED");
  arrive(turn, event.executionId, first.name);
  return undefined;
}

/** A new structure takes the next version; what runs keeps the one it was started with. */
function update(turn: Turn, event: EventOf<"update">): void {
  const { declaration, structures } = turn.state;
  turn.state = {
    ...turn.state,
    declaration: { ...event.declaration, version: declaration.version + 1 },
    structures: { ...structures, [declaration.version]: declaration },
    updatedAt: event.at,
  };
}
