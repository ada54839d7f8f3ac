/** CodeBuild as a build or test provider: starts a build on the input artifact and follows it to its end. */
import {
  BatchGetBuildsCommand,
  type Build,
  CodeBuildClient,
  StartBuildCommand,
  type StartBuildCommandInput,
} from "@aws-sdk/client-codebuild";
import { z } from "zod";
import { type ActionJob } from "../engine/events";
import { watchBuild } from "./buildEvents";
import { ActionFailure, call, clientFor, type Outcome, type Provider, type ProviderContext } from "./provider";

const ENVIRONMENT_VARIABLES = z.array(
  z.strictObject({
    name: z.string().min(1),
    value: z.string(),
    type: z.enum(["PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"]).default("PLAINTEXT"),
  }),
);

export const codeBuild: Provider = async (job, context) => {
  const client = new CodeBuildClient(await clientFor(job, context));
  const { accountId, region } = context.surroundings;
  const project = `arn:aws:codebuild:${region}:${accountId}:project/${job.configuration["ProjectName"] ?? ""}`;
  try {
    const id = job.externalExecutionId ?? (await start(client, job, project, context));
    const watch = watchBuild(context, id);
    try {
      for (;;) {
        const build = await call("codebuild:BatchGetBuilds", project, () => readBuild(client, id, context.signal));
        if ((build.buildStatus ?? "IN_PROGRESS") !== "IN_PROGRESS") return outcome(build);
        await watch.changed();
      }
    } finally {
      watch.close();
    }
  } finally {
    client.destroy();
  }
};

async function start(
  client: CodeBuildClient,
  job: ActionJob,
  project: string,
  { surroundings: { region, accountId }, signal, progress }: ProviderContext,
): Promise<string> {
  const input = startBuildInput(job);
  const { build } = await call("codebuild:StartBuild", project, () =>
    client.send(new StartBuildCommand(input), { abortSignal: signal }),
  );
  if (build?.id === undefined) throw new Error("StartBuild answered without the id of a build.");
  progress({ externalExecutionId: build.id, externalExecutionUrl: consoleUrl(region, accountId, build.id) });
  return build.id;
}

/** The request AWS's CodePipeline makes: source and artifacts are overridden by those of the action. */
function startBuildInput(job: ActionJob): StartBuildCommandInput {
  const { configuration, inputs, outputs } = job;
  const [input] = inputs;
  const [output] = outputs;
  if (input === undefined) throw new ActionFailure("ConfigurationError", "A CodeBuild action needs an input artifact.");
  return {
    projectName: configuration["ProjectName"],
    // One build per action, also when the answer to the first request was lost.
    idempotencyToken: job.actionId,
    sourceTypeOverride: "S3",
    sourceLocationOverride: `${input.bucket}/${input.key}`,
    artifactsOverride: output === undefined ? { type: "NO_ARTIFACTS" } : artifactsAt(output.bucket, output.key),
    environmentVariablesOverride: environmentVariables(configuration["EnvironmentVariables"]),
    ...(job.store.encryptionKey === undefined ? {} : { encryptionKeyOverride: job.store.encryptionKey.id }),
  };
}

function artifactsAt(bucket: string, key: string): NonNullable<StartBuildCommandInput["artifactsOverride"]> {
  const slash = key.lastIndexOf("/");
  return {
    type: "S3",
    location: bucket,
    path: key.slice(0, slash),
    name: key.slice(slash + 1),
    packaging: "ZIP",
    namespaceType: "NONE",
  };
}

function environmentVariables(json: string | undefined): z.infer<typeof ENVIRONMENT_VARIABLES> {
  if (json === undefined) return [];
  try {
    return ENVIRONMENT_VARIABLES.parse(JSON.parse(json));
  } catch (error) {
    throw new ActionFailure(
      "ConfigurationError",
      `EnvironmentVariables is not a JSON list of {name, value, type}: ${(error as Error).message}`,
    );
  }
}

async function readBuild(client: CodeBuildClient, id: string, signal: AbortSignal): Promise<Build> {
  const { builds = [] } = await client.send(new BatchGetBuildsCommand({ ids: [id] }), { abortSignal: signal });
  const [build] = builds;
  if (build === undefined) throw new ActionFailure("JobFailed", `The build ${id} does not exist any more.`);
  return build;
}

function outcome(build: Build): Outcome {
  const exported = (build.exportedEnvironmentVariables ?? []).flatMap(({ name, value }) =>
    name === undefined ? [] : [[name, value ?? ""] as const],
  );
  const facts = { outputVariables: Object.fromEntries(exported) };
  if (build.buildStatus === "SUCCEEDED") return { kind: "succeeded", ...facts };
  const because = failedPhase(build);
  return {
    kind: "failed",
    error: {
      code: "JobFailed",
      message: `Build terminated with state: ${build.buildStatus ?? "unknown"}${because === "" ? "" : `. ${because}`}`,
    },
    ...facts,
  };
}

/** `Phase: BUILD, Code: COMMAND_EXECUTION_ERROR, Message: …`, in the words of the CodeBuild console. */
function failedPhase(build: Build): string {
  const failed = (build.phases ?? []).find((p) => p.phaseStatus !== undefined && p.phaseStatus !== "SUCCEEDED");
  if (failed === undefined) return "";
  const contexts = (failed.contexts ?? []).filter((c) => c.message !== undefined && c.message !== "");
  const [context] = contexts;
  return [
    `Phase: ${failed.phaseType ?? ""}`,
    ...(context === undefined ? [] : [`Code: ${context.statusCode ?? ""}`, `Message: ${context.message ?? ""}`]),
  ].join(", ");
}

function consoleUrl(region: string, accountId: string, id: string): string {
  const [project = ""] = id.split(":");
  return (
    `https://console.aws.amazon.com/codesuite/codebuild/${accountId}/projects/${project}/build/` +
    `${encodeURIComponent(id)}/log?region=${region}`
  );
}
