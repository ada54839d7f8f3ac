import {
  BatchGetProjectsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  DeleteProjectCommand,
  UpdateProjectCommand,
  type CreateProjectCommandInput,
  type Project,
} from "@aws-sdk/client-codebuild";
import type { ProjectArgs } from "@pulumi/aws/codebuild";
import { flag, list, number, object, set, text } from "../fields";
import { defineType, must, tags, type Inputs } from "../resourceType";
import { keyed } from "../tagging";

/** CodeBuild's own words are almost those of the inputs. */
function request(inputs: Inputs<ProjectArgs>): CreateProjectCommandInput {
  const { cache, environment, logsConfig, source, vpcConfig } = inputs;
  const words = {
    name: inputs.name,
    description: inputs.description ?? "",
    source: { ...source, gitCloneDepth: source.gitCloneDepth ?? 0 },
    sourceVersion: inputs.sourceVersion ?? "",
    artifacts: inputs.artifacts,
    cache: cache === undefined ? { type: "NO_CACHE" } : { type: "NO_CACHE", ...cache },
    environment: {
      imagePullCredentialsType: "CODEBUILD",
      privilegedMode: false,
      ...environment,
      environmentVariables: (environment.environmentVariables ?? []).map((variable) => ({
        type: "PLAINTEXT",
        ...variable,
      })),
    },
    serviceRole: inputs.serviceRole,
    timeoutInMinutes: inputs.buildTimeout ?? 60,
    queuedTimeoutInMinutes: inputs.queuedTimeout ?? 480,
    concurrentBuildLimit: inputs.concurrentBuildLimit,
    encryptionKey: inputs.encryptionKey,
    badgeEnabled: inputs.badgeEnabled ?? false,
    logsConfig: logsConfig && {
      cloudWatchLogs: logsConfig.cloudwatchLogs && { status: "ENABLED", ...logsConfig.cloudwatchLogs },
      s3Logs: logsConfig.s3Logs && { status: "DISABLED", ...logsConfig.s3Logs },
    },
    vpcConfig,
    tags: keyed(inputs.tagsAll, "key", "value"),
  };
  return words as CreateProjectCommandInput;
}

function live(found: Project): Record<string, unknown> {
  const { environment, logsConfig, source } = found;
  return {
    name: found.name,
    description: found.description,
    source: source && {
      type: source.type,
      location: source.location,
      buildspec: source.buildspec,
      gitCloneDepth: source.gitCloneDepth,
      insecureSsl: source.insecureSsl,
      reportBuildStatus: source.reportBuildStatus,
    },
    sourceVersion: found.sourceVersion || undefined,
    artifacts: found.artifacts,
    cache: found.cache,
    environment: environment && {
      type: environment.type,
      image: environment.image,
      computeType: environment.computeType,
      privilegedMode: environment.privilegedMode,
      imagePullCredentialsType: environment.imagePullCredentialsType,
      environmentVariables: environment.environmentVariables,
    },
    serviceRole: found.serviceRole,
    buildTimeout: found.timeoutInMinutes,
    queuedTimeout: found.queuedTimeoutInMinutes,
    concurrentBuildLimit: found.concurrentBuildLimit,
    encryptionKey: found.encryptionKey,
    logsConfig: logsConfig && { cloudwatchLogs: logsConfig.cloudWatchLogs, s3Logs: logsConfig.s3Logs },
    vpcConfig: found.vpcConfig,
    tags: Object.fromEntries((found.tags ?? []).map(({ key, value }) => [key, value])),
  };
}

export const project = defineType<ProjectArgs>({
  token: "aws:codebuild/project:Project",
  fields: {
    artifacts: object(
      {
        type: text({ required: true }),
        artifactIdentifier: text(),
        encryptionDisabled: flag({ default: false }),
        location: text(),
        name: text({ computed: true }),
        namespaceType: text({ computed: true }),
        overrideArtifactName: flag({ default: false }),
        packaging: text({ computed: true }),
        path: text(),
      },
      { required: true },
    ),
    badgeEnabled: flag({ default: false }),
    buildTimeout: number({ default: 60 }),
    cache: object(
      {
        type: text({ default: "NO_CACHE" }),
        location: text(),
        modes: list(text()),
        cacheNamespace: text(),
      },
      { default: { type: "NO_CACHE" } },
    ),
    concurrentBuildLimit: number(),
    description: text(),
    encryptionKey: text({ computed: true }),
    environment: object(
      {
        computeType: text({ required: true }),
        image: text({ required: true }),
        type: text({ required: true }),
        imagePullCredentialsType: text({ default: "CODEBUILD" }),
        privilegedMode: flag({ default: false }),
        environmentVariables: list(
          object({
            name: text({ required: true }),
            value: text({ required: true }),
            type: text({ default: "PLAINTEXT" }),
          }),
        ),
      },
      { required: true },
    ),
    logsConfig: object(
      {
        cloudwatchLogs: object({
          groupName: text(),
          status: text({ default: "ENABLED" }),
          streamName: text(),
        }),
        s3Logs: object(
          {
            encryptionDisabled: flag({ default: false }),
            location: text(),
            status: text({ default: "DISABLED" }),
          },
          { computed: true },
        ),
      },
      { computed: true },
    ),
    name: text({ replaces: true }),
    queuedTimeout: number({ default: 480 }),
    serviceRole: text({ required: true }),
    source: object(
      {
        type: text({ required: true }),
        buildspec: text(),
        gitCloneDepth: number({ default: 0 }),
        insecureSsl: flag({ default: false }),
        location: text(),
        reportBuildStatus: flag({ default: false }),
      },
      { required: true },
    ),
    sourceVersion: text(),
    tags,
    vpcConfig: object({
      vpcId: text({ required: true }),
      subnets: set(text(), { required: true }),
      securityGroupIds: set(text(), { required: true }),
    }),
  },
  outputs: ["arn", "badgeUrl", "publicProjectAlias"],
  name: { property: "name", max: 255 },
  identity: ["name"],
  tagged: true,
  gone: ["ResourceNotFoundException"],
  async create(inputs, aws) {
    const { project: made } = await aws.get(CodeBuildClient).send(new CreateProjectCommand(request(inputs)));
    return must(made?.arn, "arn");
  },
  async update(_id, inputs, aws) {
    await aws.get(CodeBuildClient).send(new UpdateProjectCommand(request(inputs)));
  },
  async read(id, aws) {
    const { projects } = await aws.get(CodeBuildClient).send(new BatchGetProjectsCommand({ names: [nameOf(id)] }));
    const [found] = projects ?? [];
    if (found?.arn === undefined) return undefined;
    return {
      id: found.arn,
      inputs: live(found),
      outputs: { arn: found.arn, badgeUrl: found.badge?.badgeRequestUrl ?? "", publicProjectAlias: "" },
    };
  },
  async remove(id, aws) {
    await aws.get(CodeBuildClient).send(new DeleteProjectCommand({ name: nameOf(id) }));
  },
});

/** The id is the ARN, as the real provider's; a plain name serves for import. */
const nameOf = (id: string): string => id.replace(/^arn:.*:project\//, "");
