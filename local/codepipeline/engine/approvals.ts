/** Manual approvals: answered once, with the token, or failed when their time is over. */
import { failAction, succeedAction } from "./actions";
import { type EventOf, type Refusal } from "./events";
import { advance } from "./stages";
import { type ActionRun } from "./state";
import { type Turn } from "./turn";

export function answer(turn: Turn, event: EventOf<"answer">): Refusal | undefined {
  const run = pendingApproval(turn, event);
  if (run === undefined) {
    const last = turn.stage(event.stage).actions[event.action];
    return last === undefined ? INVALID_TOKEN : ALREADY_COMPLETED;
  }
  if (run.token !== event.token) return INVALID_TOKEN;
  const answered = { ...run, updatedBy: event.by, summary: event.summary };
  if (event.approved) succeedAction(turn, answered, event);
  else failAction(turn, answered, { code: "JobFailed", message: rejection(event.by, event.summary) });
  advance(turn, run.executionId, run.stage);
  return undefined;
}

/** Fails every approval whose time is over. */
export function expire(turn: Turn): void {
  const late = Object.values(turn.state.executions).flatMap((e) =>
    e.actions.filter((a) => a.status === "InProgress" && a.expiresAt !== undefined && a.expiresAt <= turn.at),
  );
  for (const run of late) {
    failAction(turn, run, { code: "JobFailed", message: "The approval action has expired." });
    advance(turn, run.executionId, run.stage);
  }
}

function pendingApproval(turn: Turn, event: EventOf<"answer">): ActionRun | undefined {
  const { occupant } = turn.stage(event.stage);
  const runs = occupant === undefined ? [] : turn.execution(occupant).actions;
  return runs.find((a) => a.stage === event.stage && a.action === event.action && a.status === "InProgress");
}

const rejection = (by: string, summary: string): string =>
  `The action was rejected by ${by}${summary === "" ? "" : `: ${summary}`}`;

const INVALID_TOKEN: Refusal = {
  code: "InvalidApprovalTokenException",
  message: "The approval token is not valid for the pending approval of this action.",
};

const ALREADY_COMPLETED: Refusal = {
  code: "ApprovalAlreadyCompletedException",
  message: "The approval action has already been approved or rejected, or it has expired.",
};
