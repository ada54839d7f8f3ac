import { isDeepStrictEqual } from "node:util";
import type { Build, Project, ProjectArtifacts, ProjectSource, StartBuildInput } from "@aws-sdk/client-codebuild";
import { AwsError } from "../services/contract";
import { mergeVariables } from "./environment";
import { buildArn, logStreamArn, type Place } from "./names";
import { checkSource, DEFAULT_QUEUED_TIMEOUT_MINUTES, DEFAULT_TIMEOUT_MINUTES } from "./projects";
import type { BuildRecord, KnownBuild } from "./store";

/** How long AWS remembers an idempotencyToken. */
const TOKEN_MS = 5 * 60_000;

export interface BuildIdentity {
  readonly uuid: string;
  readonly number: number;
  readonly initiator: string;
  readonly startTime: Date;
}

/**
 * A build of a project as it begins: the project's settings with the overrides of the start over them.
 *
 * A pipeline hands its artifacts over by overrides: source type S3 at `bucket/key`, artifacts of type S3 as one zip. (On
 * AWS the two services exchange this out of sight; a project of type CODEPIPELINE cannot be started without it there.)
 * @throws AwsError InvalidInputException
 */
export function newBuild(
  project: Project,
  request: StartBuildInput,
  identity: BuildIdentity,
  place: Place,
): BuildRecord {
  const name = project.name ?? "";
  const id = `${name}:${identity.uuid}`;
  const source = sourceOf(project, request);
  const artifacts: ProjectArtifacts = request.artifactsOverride ?? project.artifacts ?? { type: "NO_ARTIFACTS" };
  const logs = request.logsConfigOverride ?? project.logsConfig;
  const groupName = logs?.cloudWatchLogs?.groupName ?? `/aws/codebuild/${name}`;
  const prefix = logs?.cloudWatchLogs?.streamName;
  const streamName = prefix === undefined ? identity.uuid : `${prefix}/${identity.uuid}`;
  const sourceVersion = request.sourceVersion ?? project.sourceVersion;
  const encryptionKey = request.encryptionKeyOverride ?? project.encryptionKey;
  const cache = request.cacheOverride ?? project.cache;
  const build: KnownBuild = {
    id,
    arn: buildArn(place, id),
    buildNumber: identity.number,
    startTime: identity.startTime,
    currentPhase: "QUEUED",
    buildStatus: "IN_PROGRESS",
    buildComplete: false,
    projectName: name,
    ...(sourceVersion !== undefined && { sourceVersion }),
    phases: [],
    source,
    artifacts: artifacts.location === undefined ? {} : { location: `arn:aws:s3:::${artifacts.location}` },
    ...(cache !== undefined && { cache }),
    environment: environmentOf(project, request),
    serviceRole: request.serviceRoleOverride ?? project.serviceRole ?? "",
    logs: {
      groupName,
      streamName,
      cloudWatchLogsArn: logStreamArn(place, groupName, streamName),
      deepLink: `https://console.aws.amazon.com/cloudwatch/home?region=${place.region}#logsV2:log-groups/log-group/${encodeURIComponent(groupName)}/log-events/${encodeURIComponent(streamName)}`,
      cloudWatchLogs: logs?.cloudWatchLogs ?? { status: "ENABLED" },
      s3Logs: logs?.s3Logs ?? { status: "DISABLED", encryptionDisabled: false },
    },
    timeoutInMinutes: request.timeoutInMinutesOverride ?? project.timeoutInMinutes ?? DEFAULT_TIMEOUT_MINUTES,
    queuedTimeoutInMinutes:
      request.queuedTimeoutInMinutesOverride ?? project.queuedTimeoutInMinutes ?? DEFAULT_QUEUED_TIMEOUT_MINUTES,
    initiator: identity.initiator,
    ...(encryptionKey !== undefined && { encryptionKey }),
    exportedEnvironmentVariables: [],
    reportArns: [],
  };
  return { build, request, artifacts };
}

function sourceOf(project: Project, request: StartBuildInput): ProjectSource {
  const base = project.source ?? { type: "NO_SOURCE" };
  const source: ProjectSource = {
    ...base,
    ...(request.sourceTypeOverride !== undefined && { type: request.sourceTypeOverride }),
    ...(request.sourceLocationOverride !== undefined && { location: request.sourceLocationOverride }),
    ...(request.buildspecOverride !== undefined && { buildspec: request.buildspecOverride }),
  };
  if (source.type === "CODEPIPELINE") {
    throw new AwsError(
      "InvalidInputException",
      "Invalid source: a project of source type CODEPIPELINE is started by a pipeline, or with sourceTypeOverride",
    );
  }
  checkSource(source);
  return source;
}

function environmentOf(project: Project, request: StartBuildInput): Build["environment"] {
  const environment = project.environment;
  if (environment === undefined) return undefined;
  return {
    ...environment,
    ...(request.imageOverride !== undefined && { image: request.imageOverride }),
    ...(request.computeTypeOverride !== undefined && { computeType: request.computeTypeOverride }),
    ...(request.environmentTypeOverride !== undefined && { type: request.environmentTypeOverride }),
    ...(request.privilegedModeOverride !== undefined && { privilegedMode: request.privilegedModeOverride }),
    environmentVariables: mergeVariables(
      environment.environmentVariables ?? [],
      request.environmentVariablesOverride ?? [],
    ),
  };
}

/**
 * Whether a request repeats the one that has started this build: then it is answered with it. AWS keeps an
 * idempotencyToken for five minutes; later it starts another build.
 * @throws AwsError InvalidInputException when the token came with other parameters.
 */
export function isRepetition({ build, request: first }: BuildRecord, request: StartBuildInput, now: Date): boolean {
  if (now.getTime() - build.startTime.getTime() > TOKEN_MS) return false;
  if (isDeepStrictEqual(plain(first), plain(request))) return true;
  throw new AwsError(
    "InvalidInputException",
    `Parameter mismatch: the idempotencyToken of this request has started build ${build.id} with other parameters`,
  );
}

/** As the request looks when it has been stored and read again. */
function plain(request: StartBuildInput): unknown {
  return JSON.parse(JSON.stringify(request));
}

/** A pipeline hands over the source of a project of type CODEPIPELINE by an override; anyone else can only do without. */
export function isByPipeline(project: Project, { sourceTypeOverride }: StartBuildInput): boolean {
  return project.source?.type === "CODEPIPELINE" && sourceTypeOverride === "S3";
}

/** Who started a build, as AWS writes it: `role/session`, `codepipeline/PIPELINE` or a user's name. */
export function initiatorOf(callerArn: string, byPipeline: boolean): string {
  const assumed = /:assumed-role\/([^/]+)\/(.+)$/.exec(callerArn);
  if (assumed === null) return callerArn.slice(callerArn.lastIndexOf(":") + 1).replace(/^user\//, "");
  return byPipeline ? `codepipeline/${assumed[2]}` : `${assumed[1]}/${assumed[2]}`;
}
