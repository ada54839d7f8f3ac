import { BatchGetBuildsCommand, type Build, type CodeBuildClient, StartBuildCommand } from "@aws-sdk/client-codebuild";
import type { JobStatus } from "./domain";
import type { JobRunner } from "./ports";

/** The exported variable by which a worker job says which release it ran. */
const VERSION_VARIABLE = "RELEASE_VERSION";

/** The worker's jobs as builds of its CodeBuild project. */
export function codeBuildJobs(client: CodeBuildClient, projectName: string): JobRunner {
  return {
    async start(token: string): Promise<string> {
      // CodeBuild remembers the token for five minutes: a repeated start answers with the first build.
      const { build } = await client.send(new StartBuildCommand({ projectName, idempotencyToken: token }));
      if (build?.id === undefined) throw new Error(`CodeBuild started a build of ${projectName} without an id`);
      return build.id;
    },

    async status(jobId: string): Promise<JobStatus> {
      const { builds = [] } = await client.send(new BatchGetBuildsCommand({ ids: [jobId] }));
      const build = builds[0];
      return build === undefined ? { kind: "error", because: "CodeBuild does not know the build" } : statusOf(build);
    },
  };
}

/** FAULT is CodeBuild's own failure and STOPPED somebody's will: neither says anything about the release. */
function statusOf(build: Build): JobStatus {
  const because = `the build ended as ${build.buildStatus ?? "unknown"}`;
  switch (build.buildStatus) {
    case "IN_PROGRESS":
      return { kind: "running" };
    case "SUCCEEDED":
      return { kind: "succeeded", releaseVersion: exported(build, VERSION_VARIABLE) };
    case "FAILED":
    case "TIMED_OUT":
      return { kind: "failed", because };
    case "FAULT":
    case "STOPPED":
    case undefined:
      return { kind: "error", because };
    default:
      return build.buildStatus satisfies never;
  }
}

function exported(build: Build, name: string): string | undefined {
  return build.exportedEnvironmentVariables?.find((variable) => variable.name === name)?.value;
}
