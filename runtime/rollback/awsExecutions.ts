import {
  type CodePipelineClient,
  CodePipelineServiceException,
  StopPipelineExecutionCommand,
} from "@aws-sdk/client-codepipeline";
import type { PipelineExecutions } from "./ports";

/** CodePipeline refuses longer ones. */
const LONGEST_REASON = 200;

/** What CodePipeline answers where nothing is left to stop: it has ended, is stopping already, or is forgotten. */
const NOTHING_TO_STOP: ReadonlySet<string> = new Set([
  "PipelineExecutionNotStoppableException",
  "DuplicatedStopRequestException",
  "PipelineExecutionNotFoundException",
]);

/** The executions of one pipeline. Abandoning one ends its stages at once, but none of the builds that they started. */
export function awsExecutions(client: CodePipelineClient, pipelineName: string): PipelineExecutions {
  return {
    async stop(pipelineExecutionId: string, because: string): Promise<void> {
      const reason = because.slice(0, LONGEST_REASON);
      try {
        await client.send(
          new StopPipelineExecutionCommand({ pipelineName, pipelineExecutionId, abandon: true, reason }),
        );
      } catch (error) {
        if (error instanceof CodePipelineServiceException && NOTHING_TO_STOP.has(error.name)) return;
        throw error;
      }
    },
  };
}
