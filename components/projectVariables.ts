/** The environment variables of the CodeBuild projects: what the driver and the worker's tests read. */
import type { BuildVariable } from "./buildProject";
import type { PipelineConfig } from "./config";
import type { Foundation } from "./foundation";
import type { InstallationNames, Place } from "./naming";
import type { WorkerEnvironment } from "./workerEnvironment";

export type Variables = Readonly<Record<string, BuildVariable>>;

/** What the variables of every project are made from. */
export interface VariableContext {
  readonly place: Place;
  readonly names: InstallationNames;
  readonly config: PipelineConfig;
  readonly foundation: Pick<Foundation, "key">;
  readonly toolsDigest: string;
}

type EnvironmentPart = Pick<WorkerEnvironment, "boundaryArn" | "environment" | "names">;

export function buildVariables(context: VariableContext): Variables {
  return {
    // Build acts on no environment.
    ...common(context, "none"),
    ...driver(context),
    COVERAGE_THRESHOLD: String(context.config.coverageThreshold),
    INFRASTRUCTURE_PATTERNS: JSON.stringify(context.config.infrastructurePatterns),
  };
}

/** Tests run a commit's own code and never the driver. */
export function testVariables(context: VariableContext, { environment, names }: EnvironmentPart): Variables {
  return { ...common(context, environment), WORKER_PROJECT: names.worker };
}

/** Durations are in seconds. */
export function deployVariables(context: VariableContext, part: EnvironmentPart): Variables {
  const { config, foundation } = context;
  const { boundaryArn, environment, names } = part;
  return {
    ...common(context, environment),
    ...driver(context),
    TABLE_NAME: context.names.deploymentsTable,
    WORKER_ARTIFACTS_BUCKET: names.artifactsBucket,
    BACKEND_URL: names.backendUrl,
    SECRETS_PROVIDER: names.secretsProvider,
    KMS_KEY_ARN: foundation.key.arn,
    BOUNDARY_ARN: boundaryArn,
    ALARM_PREFIX: names.ownedPrefix,
    WORKER_PROJECT: names.worker,
    HEALTH_CHECK_SECONDS: String(config.healthCheckSeconds[environment]),
    HEALTH_CHECK_INTERVAL_SECONDS: String(config.healthCheckIntervalSeconds),
    CANARY_INTERVAL_SECONDS: String(config.canaryIntervalSeconds),
    LOCK_WAIT_SECONDS: String(config.lockWaitSeconds),
  };
}

function common({ place, names }: VariableContext, environment: string): Variables {
  return {
    INSTALLATION: place.installation,
    ENVIRONMENT: environment,
    ACCOUNT_ID: place.accountId,
    WORKER_PREFIX: names.workerPrefix,
    PIPELINE_NAME: names.pipeline,
  };
}

/** What a build that runs the driver fetches by digest. The toolchain's is read when a build starts: a newer one needs no `up`. */
function driver({ names, toolsDigest }: VariableContext): Variables {
  return {
    RELEASES_BUCKET: names.releasesBucket,
    TOOLS_DIGEST: toolsDigest,
    TOOLCHAIN_DIGEST: { parameter: names.toolchainParameter },
  };
}
