import {
  BatchGetBuildsCommand,
  type CodeBuildClient,
  InvalidInputException,
  ResourceNotFoundException,
  StartBuildCommand,
  StopBuildCommand,
} from "@aws-sdk/client-codebuild";
import type { Environment } from "../types";
import type { DeployBuilds, InfrastructureUndo } from "./ports";

type BuildStatus = Awaited<ReturnType<DeployBuilds["status"]>>;

/** @param deployProjects name of each environment's deploy project. */
export function awsBuilds(
  client: CodeBuildClient,
  deployProjects: Readonly<Record<Environment, string>>,
): DeployBuilds {
  async function status(id: string): Promise<BuildStatus> {
    const { builds = [] } = await client.send(new BatchGetBuildsCommand({ ids: [id] }));
    const buildStatus = builds[0]?.buildStatus;
    if (buildStatus === undefined) return "unknown";
    if (buildStatus === "IN_PROGRESS") return "running";
    return buildStatus === "SUCCEEDED" ? "succeeded" : "failed";
  }

  return {
    status,

    async stop(id: string): Promise<void> {
      try {
        await client.send(new StopBuildCommand({ id }));
      } catch (error) {
        const refused = error instanceof InvalidInputException || error instanceof ResourceNotFoundException;
        // How a build that has ended meanwhile is refused is not documented: what the build itself says counts.
        if (!refused || (await status(id)) === "running") throw error;
      }
    },

    async startUndo(undo: InfrastructureUndo): Promise<string> {
      const projectName = deployProjects[undo.environment];
      const { build } = await client.send(
        new StartBuildCommand({
          projectName,
          // The project takes its source from the pipeline, which has no part in this: the build fetches by digest.
          sourceTypeOverride: "NO_SOURCE",
          artifactsOverride: { type: "NO_ARTIFACTS" },
          idempotencyToken: tokenOf(undo),
          environmentVariablesOverride: Object.entries(variablesOf(undo)).map(([name, value]) => ({
            name,
            value,
            type: "PLAINTEXT",
          })),
        }),
      );
      if (build?.id === undefined) throw new Error(`CodeBuild started a build of ${projectName} without an id`);
      return build.id;
    },
  };
}

/**
 * CodeBuild remembers it for five minutes and starts a second build after them: what a build may do hangs on the
 * claim's token, never on being the only one.
 */
function tokenOf({ deploymentId, token, round }: InfrastructureUndo): string {
  return `undo-${deploymentId.replace("#", "-")}-${token}-${round}`;
}

function variablesOf(undo: InfrastructureUndo): Record<string, string> {
  return {
    MODE: "undo",
    DEPLOYMENT_ID: undo.deploymentId,
    ROLLBACK_TOKEN: String(undo.token),
    RELEASE_VERSION: undo.version,
    RELEASE_DIGEST: undo.releaseDigest,
    PIPELINE_EXECUTION_ID: undo.pipelineExecutionId,
  };
}
