/** Reading what runs and what ran. */
import type {
  GetPipelineExecutionInput,
  GetPipelineStateInput,
  ListActionExecutionsInput,
  ListPipelineExecutionsInput,
} from "@aws-sdk/client-codepipeline";
import { AwsError } from "../../services/contract";
import { type ActionRun, type Execution } from "../engine/state";
import { decodeToken, page } from "../paging";
import { actionExecutionView, executionSummary, executionView, pipelineStateView } from "../views";
import { type Handlers, type OperationContext } from "./context";

const DEFAULT_PAGE = 100;

export function historyOperations({ pipelines, surroundings, arn }: OperationContext): Handlers {
  const executionOf = (pipeline: string, id: string): Execution => {
    pipelines.get(pipeline);
    const known = pipelines.executionIds(pipeline).includes(id);
    const execution = known ? pipelines.execution(pipeline, id) : undefined;
    if (execution !== undefined) return execution;
    throw new AwsError("PipelineExecutionNotFoundException", `Pipeline '${pipeline}' has no execution '${id}'.`);
  };

  /** Newest first, from a position on; files are read only as far as the reader goes. */
  function* executionsFrom(pipeline: string, from = Number.MAX_SAFE_INTEGER) {
    const ids = pipelines.executionIds(pipeline);
    for (let order = Math.min(from, ids.length - 1); order >= 0; order -= 1) {
      const execution = pipelines.execution(pipeline, ids[order] ?? "");
      if (execution !== undefined) yield { order, execution };
    }
  }

  return {
    async GetPipelineState(input, call) {
      const { name = "" } = input as GetPipelineStateInput;
      await call.authorize("codepipeline:GetPipelineState", arn(name));
      return pipelineStateView(pipelines.get(name).state);
    },

    async GetPipelineExecution(input, call) {
      const { pipelineName = "", pipelineExecutionId = "" } = input as GetPipelineExecutionInput;
      await call.authorize("codepipeline:GetPipelineExecution", arn(pipelineName));
      return { pipelineExecution: executionView(pipelineName, executionOf(pipelineName, pipelineExecutionId)) };
    },

    async ListPipelineExecutions(input, call) {
      const { pipelineName = "", filter, ...request } = input as ListPipelineExecutionsInput;
      await call.authorize("codepipeline:ListPipelineExecutions", arn(pipelineName));
      pipelines.get(pipelineName);
      const [from] = decodeToken(request.nextToken) ?? [];
      const stage = filter?.succeededInStage?.stageName;
      function* wanted() {
        for (const { order, execution } of executionsFrom(pipelineName, from)) {
          if (stage !== undefined && !execution.stages.some((s) => s.name === stage && s.status === "Succeeded"))
            continue;
          yield { position: [order, 0] as const, item: executionSummary(execution) };
        }
      }
      const found = page(wanted(), request.maxResults ?? DEFAULT_PAGE);
      return {
        pipelineExecutionSummaries: found.items,
        ...(found.nextToken === undefined ? {} : { nextToken: found.nextToken }),
      };
    },

    async ListActionExecutions(input, call) {
      const { pipelineName = "", filter, ...request } = input as ListActionExecutionsInput;
      await call.authorize("codepipeline:ListActionExecutions", arn(pipelineName));
      pipelines.get(pipelineName);
      const latest = filter?.latestInPipelineExecution;
      const only = filter?.pipelineExecutionId ?? latest?.pipelineExecutionId;
      const chosen = only === undefined ? undefined : executionOf(pipelineName, only);
      const [from, within = Number.MAX_SAFE_INTEGER] = decodeToken(request.nextToken) ?? [];
      const source = chosen ? [{ order: chosen.order, execution: chosen }] : executionsFrom(pipelineName, from);
      function* wanted() {
        for (const { order, execution } of source) {
          const runs = latest?.startTimeRange === "Latest" ? currentRuns(execution) : execution.actions;
          const start = order === from ? within : Number.MAX_SAFE_INTEGER;
          for (let index = Math.min(start, runs.length - 1); index >= 0; index -= 1) {
            const run = runs[index];
            if (run !== undefined) yield { position: [order, index] as const, item: run };
          }
        }
      }
      const found = page(wanted(), request.maxResults ?? DEFAULT_PAGE);
      return {
        actionExecutionDetails: found.items.map((run) =>
          actionExecutionView(run, pipelines.version(pipelineName, run.version), surroundings.region),
        ),
        ...(found.nextToken === undefined ? {} : { nextToken: found.nextToken }),
      };
    },
  };
}

/** The runs that no retry did away with. */
function currentRuns(execution: Execution): readonly ActionRun[] {
  const redone = new Set(execution.stages.flatMap((s) => s.redone));
  return execution.actions.filter((run) => !redone.has(run.id));
}
