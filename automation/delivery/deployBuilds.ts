import { BatchGetBuildsCommand, type CodeBuildClient, ListBuildsForProjectCommand } from "@aws-sdk/client-codebuild";
import { type Lock } from "../../runtime/deployments/domain";

/** A build of a deploy project that has not ended. */
export interface DeployBuild {
  readonly id: string;
  /** What it was started to do; undefined: it does not say. */
  readonly mode: string | undefined;
}

/** Modes that change infrastructure only under the lock of their own deployment, or never. */
const underLock: readonly (string | undefined)[] = ["plan", "deploy", "verify"];

/**
 * Whether another build may be changing infrastructure while a rollback holds the lock: the one that deployed what is
 * taken back, and whatever acts without a lock of its own. A deploy that waits for the lock has changed nothing.
 */
export function inTheWay({ id, mode }: DeployBuild, lock: Pick<Lock, "buildId">): boolean {
  return id === lock.buildId || !underLock.includes(mode);
}

/** The running builds of a project among its newest hundred: no build lives long enough to be older. */
export async function runningBuilds(client: CodeBuildClient, projectName: string): Promise<readonly DeployBuild[]> {
  const { ids = [] } = await client.send(new ListBuildsForProjectCommand({ projectName, sortOrder: "DESCENDING" }));
  if (ids.length === 0) return [];
  const { builds = [] } = await client.send(new BatchGetBuildsCommand({ ids }));
  return builds
    .filter(({ buildStatus }) => buildStatus === "IN_PROGRESS")
    .map(({ id = "", environment }) => ({
      id,
      mode: environment?.environmentVariables?.find(({ name }) => name === "MODE")?.value,
    }));
}

/** The project of a build: CodeBuild's ids are `project:uuid`. */
export const projectOfBuild = (buildId: string): string => buildId.slice(0, buildId.lastIndexOf(":"));
