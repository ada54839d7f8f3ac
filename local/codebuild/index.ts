import type {
  BatchGetBuildsInput,
  BatchGetProjectsInput,
  CreateProjectInput,
  DeleteProjectInput,
  ListBuildsForProjectInput,
  ListBuildsInput,
  ListProjectsInput,
  RetryBuildInput,
  StartBuildInput,
  StopBuildInput,
  UpdateProjectInput,
} from "@aws-sdk/client-codebuild";
import { AwsError, type Call, type LocalService, type Surroundings } from "../services/contract";
import { Builds, endOrphans } from "./builds";
import { roleCheck } from "./clients";
import { machineOf } from "./environment";
import { Projects } from "./projects";
import { Store } from "./store";

const GRACE_MS = 3_000;

/**
 * CodeBuild on this machine: builds run for real, in folders of their own under the service's state, with the session of
 * their project's service role. Its departures from AWS are listed in `docs/local-codebuild.md`.
 */
export async function createCodeBuild(s: Surroundings): Promise<LocalService> {
  const now = (): Date => new Date();
  const store = await Store.open(s.stateDir, (message) => s.log(message));
  endOrphans(store, now());
  const iam = roleCheck(s);
  const projects = new Projects(store, s, now);
  const builds = new Builds(
    store,
    projects,
    {
      cloud: s,
      machine: machineOf(process.env),
      check: iam.check,
      keepFolders: process.env["KIRO_KEEP_BUILDS"] !== undefined,
      graceMs: GRACE_MS,
    },
    now,
  );

  const operations: Readonly<Record<string, Operation>> = {
    CreateProject: serve((input: CreateProjectInput, call) => projects.create(input, call)),
    UpdateProject: serve((input: UpdateProjectInput, call) => projects.update(input, call)),
    DeleteProject: serve((input: DeleteProjectInput, call) => projects.delete(input, call)),
    BatchGetProjects: serve((input: BatchGetProjectsInput, call) => projects.batchGet(input, call)),
    ListProjects: serve((input: ListProjectsInput, call) => projects.list(input, call)),
    StartBuild: serve((input: StartBuildInput, call) => builds.start(input, call)),
    RetryBuild: serve((input: RetryBuildInput, call) => builds.retry(input, call)),
    StopBuild: serve((input: StopBuildInput, call) => builds.stop(input, call)),
    BatchGetBuilds: serve((input: BatchGetBuildsInput, call) => builds.batchGet(input, call)),
    ListBuilds: serve((input: ListBuildsInput, call) => builds.list(input, call)),
    ListBuildsForProject: serve((input: ListBuildsForProjectInput, call) => builds.listForProject(input, call)),
  };

  return {
    name: "codebuild",
    apiVersion: "2016-10-06",
    handle: async (name, input, call) => {
      const serving = operations[name];
      if (serving === undefined) {
        throw new AwsError("UnknownOperationException", `${name} is not served by the local CodeBuild`);
      }
      return serving(input, call);
    },
    stop: async () => {
      await builds.end();
      await store.flush();
      iam.destroy();
    },
  };
}

type Operation = (input: unknown, call: Call) => Promise<unknown>;

/** The gateway has validated the input against the service model, whose types the methods take. */
function serve<I>(method: (input: I, call: Call) => Promise<unknown>): Operation {
  return (input, call) => method(input as I, call);
}
