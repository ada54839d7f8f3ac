/** AWS CodePipeline on one machine. */
import { dirname, join } from "node:path";
import { takePush } from "../source/git";
import { ensureRepository, repositoryPath } from "../source/repositories";
import { type AwsEvent, AwsError, type LocalService, type Surroundings } from "../services/contract";
import { type PipelineDeclaration } from "./engine/declaration";
import { startedBy } from "./engine/triggers";
import { makeOperations } from "./operations";
import { Pipelines } from "./server";

/** A branch of a repository of the local cloud that was pushed to. */
export interface PushNotice {
  readonly repository: string;
  readonly branch: string;
  /** Full id of the branch's new head. */
  readonly commit: string;
}

/**
 * Serves CodePipeline; executions that an earlier process left running go on.
 * A repository that a pipeline's source names is made (empty) with the pipeline, as the place to push to.
 */
export async function createCodePipeline(
  s: Surroundings & { onEvent(listener: (e: AwsEvent) => void): () => void },
): Promise<LocalService & { pushed(p: PushNotice): Promise<void> }> {
  const pipelines = new Pipelines(s);
  const cloudFile = join(dirname(s.gitDir), "cloud.json");
  const ensureSources = async (declaration: PipelineDeclaration) => {
    const sources = declaration.stages
      .flatMap((stage) => stage.actions)
      .map((a) => a.configuration?.["FullRepositoryId"]);
    for (const repository of sources) {
      if (repository === undefined) continue;
      await ensureRepository(s.gitDir, repository, cloudFile).catch((error: Error) => {
        throw new AwsError("InvalidActionDeclarationException", error.message);
      });
    }
  };
  const operations = makeOperations(pipelines, s, ensureSources);
  pipelines.resume();
  return {
    name: "codepipeline",
    apiVersion: "2015-07-09",
    async handle(operation, input, call) {
      const handler = operations[operation];
      if (handler === undefined) {
        throw new AwsError("UnknownOperationException", `${operation} of CodePipeline is not served locally.`);
      }
      return handler(input, call);
    },
    pushed: (p) => takePushInto(pipelines, s.gitDir, p),
    stop: () => pipelines.stop(),
  };
}

/** Starts each pipeline that the push starts. What one pipeline refuses is thrown after the others were started. */
async function takePushInto(pipelines: Pipelines, gitDir: string, notice: PushNotice): Promise<void> {
  if (!/^[0-9a-f]{40,64}$/.test(notice.commit)) throw new Error(`"${notice.commit}" is not the id of a commit.`);
  const files = await takePush(repositoryPath(gitDir, notice.repository), notice.branch, notice.commit);
  const refused: unknown[] = [];
  for (const name of pipelines.names()) {
    const { declaration } = pipelines.get(name).state;
    const actions = startedBy(declaration, { ...notice, files });
    const [first] = actions;
    if (first === undefined) continue;
    const override = { commit: notice.commit, branch: notice.branch };
    try {
      pipelines.start(name, {
        trigger: { triggerType: "WebhookV2", triggerDetail: first.configuration?.["ConnectionArn"] ?? "" },
        revisionOverrides: Object.fromEntries(actions.map((a) => [a.name, override])),
      });
    } catch (error) {
      refused.push(error);
    }
  }
  if (refused.length > 0)
    throw new AggregateError(refused, `${refused.length} pipeline(s) did not start: ${String(refused[0])}`);
}
