import { type CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { BatchGetBuildsCommand, type CodeBuildClient } from "@aws-sdk/client-codebuild";
import {
  type ActionExecutionDetail,
  type CodePipelineClient,
  ListPipelineExecutionsCommand,
  paginateListActionExecutions,
  type PipelineExecutionSummary,
} from "@aws-sdk/client-codepipeline";
import { setTimeout as sleep } from "node:timers/promises";
import { type ActionLine, timeline } from "./timeline";

const defaultPollMs = 500;
const ENDED = new Set(["Succeeded", "Failed", "Stopped", "Superseded", "Cancelled"]);

export interface Watched {
  readonly executionId: string;
  readonly status: string;
  readonly lines: readonly ActionLine[];
}

export interface WatchOptions {
  readonly pipeline: string;
  /** The commit whose execution is watched. */
  readonly commit: string;
  readonly onChange: (lines: readonly ActionLine[]) => void;
  /** Called once for each approval that waits. */
  readonly onApproval: (executionId: string) => Promise<void>;
  /** Between two looks; default: half a second, which a person takes for at once. */
  readonly pollMs?: number;
  /** Gives up after this time: a pipeline that hangs must not hang its caller. */
  readonly patienceMs: number;
}

/** Follows the execution of one commit to its end, through the same API that the AWS console uses. */
export async function watchExecution(client: CodePipelineClient, options: WatchOptions): Promise<Watched> {
  const deadline = Date.now() + options.patienceMs;
  let approved = false;
  for (;;) {
    const execution = await executionOf(client, options.pipeline, options.commit);
    if (execution?.pipelineExecutionId !== undefined) {
      const executionId = execution.pipelineExecutionId;
      const lines = timeline(await actionsOf(client, options.pipeline, executionId), new Date());
      options.onChange(lines);
      if (!approved && lines.some((line) => line.name.startsWith("Approve") && line.status === "InProgress")) {
        approved = true;
        await options.onApproval(executionId);
      }
      const status = execution.status ?? "?";
      if (ENDED.has(status)) return { executionId, status, lines };
    }
    if (Date.now() > deadline)
      throw new Error(`the execution of ${options.commit} did not end within ${options.patienceMs / 1000} s`);
    await sleep(options.pollMs ?? defaultPollMs);
  }
}

/** The actions of one commit's execution as they are now; none before it has begun. */
export async function actionLines(
  client: CodePipelineClient,
  pipeline: string,
  commit: string,
): Promise<readonly ActionLine[]> {
  const execution = await executionOf(client, pipeline, commit);
  if (execution?.pipelineExecutionId === undefined) return [];
  return timeline(await actionsOf(client, pipeline, execution.pipelineExecutionId), new Date());
}

async function executionOf(
  client: CodePipelineClient,
  pipelineName: string,
  commit: string,
): Promise<PipelineExecutionSummary | undefined> {
  const { pipelineExecutionSummaries = [] } = await client.send(
    new ListPipelineExecutionsCommand({ pipelineName, maxResults: 20 }),
  );
  return pipelineExecutionSummaries.find(
    (summary) =>
      summary.sourceRevisions?.some((revision) => revision.revisionId === commit) === true ||
      summary.trigger?.triggerDetail?.includes(commit) === true,
  );
}

async function actionsOf(client: CodePipelineClient, pipelineName: string, pipelineExecutionId: string) {
  const details: ActionExecutionDetail[] = [];
  for await (const page of paginateListActionExecutions(
    { client },
    { pipelineName, filter: { pipelineExecutionId } },
  )) {
    details.push(...(page.actionExecutionDetails ?? []));
  }
  return details;
}

/** The last lines that a build wrote into its CloudWatch log. */
export async function buildLog(
  builds: CodeBuildClient,
  logs: CloudWatchLogsClient,
  buildId: string,
  limit = 80,
): Promise<string> {
  const { builds: found = [] } = await builds.send(new BatchGetBuildsCommand({ ids: [buildId] }));
  const where = found[0]?.logs;
  if (where?.groupName === undefined || where.streamName === undefined) return `build ${buildId} has no log`;
  const { events = [] } = await logs.send(
    new GetLogEventsCommand({
      logGroupName: where.groupName,
      logStreamName: where.streamName,
      startFromHead: false,
      limit,
    }),
  );
  return events.map((event) => (event.message ?? "").trimEnd()).join("\n");
}
