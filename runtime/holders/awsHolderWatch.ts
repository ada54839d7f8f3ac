import { BatchGetBuildsCommand, type CodeBuildClient } from "@aws-sdk/client-codebuild";
import {
  type CodePipelineClient,
  GetPipelineExecutionCommand,
  PipelineExecutionNotFoundException,
} from "@aws-sdk/client-codepipeline";
import type { HolderActivity, Lock } from "../deployments/domain";
import type { HolderWatch } from "../deployments/ports";

/** Asks CodeBuild and CodePipeline whether the holder of a lock can still act. What they do not know is `unknown`. */
export function awsHolderWatch(
  codeBuild: CodeBuildClient,
  codePipeline: CodePipelineClient,
  pipeline: string,
): HolderWatch {
  return {
    async activity({ buildId, pipelineExecutionId }: Lock): Promise<HolderActivity> {
      const [build, execution] = await Promise.all([
        buildActivity(codeBuild, buildId),
        executionActivity(codePipeline, pipeline, pipelineExecutionId),
      ]);
      return { build, execution };
    },
  };
}

async function buildActivity(client: CodeBuildClient, id: string): Promise<HolderActivity["build"]> {
  const { builds = [] } = await client.send(new BatchGetBuildsCommand({ ids: [id] }));
  const status = builds[0]?.buildStatus;
  if (status === undefined) return "unknown";
  return status === "IN_PROGRESS" ? "running" : "terminal";
}

async function executionActivity(
  client: CodePipelineClient,
  pipelineName: string,
  id: string,
): Promise<HolderActivity["execution"]> {
  try {
    const { pipelineExecution } = await client.send(
      new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId: id }),
    );
    const status = pipelineExecution?.status;
    if (status === undefined) return "unknown";
    return status === "InProgress" || status === "Stopping" ? "running" : "terminal";
  } catch (error) {
    if (error instanceof PipelineExecutionNotFoundException) return "unknown";
    throw error;
  }
}
