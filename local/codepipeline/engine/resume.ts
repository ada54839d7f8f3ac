/** What runs, told from the state alone: how a restarted service takes its work up again. */
import { jobOf } from "./actions";
import { stageOf } from "./declaration";
import { type ActionJob } from "./events";
import { isOver, type PipelineState, structureOf } from "./state";

/** The jobs of all actions that are in progress, with the id of what they started outside, where one is known. */
export function openJobs(state: PipelineState): readonly ActionJob[] {
  return Object.values(state.executions)
    .filter((execution) => !isOver(execution.status))
    .flatMap((execution) =>
      execution.actions
        .filter((run) => run.status === "InProgress")
        .map((run) => {
          const structure = structureOf(state, execution.version);
          const action = stageOf(structure, run.stage).actions.find((a) => a.name === run.action);
          if (action === undefined) throw new Error(`action ${run.stage}/${run.action} is not declared`);
          return jobOf(structure, execution, action, run);
        }),
    );
}
