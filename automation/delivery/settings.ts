import { ENVIRONMENTS, type Environment } from "../../runtime/types";
import { type Installation, installations } from "../installation/names";
import { type Env, readVariables, type Variables } from "../variables";

/** What a deploy project's build knows of its surroundings, from the environment variables of its project and action. */
export interface DeliverySettings {
  readonly installation: Installation;
  readonly environment: Environment;
  readonly region: string;
  readonly accountId: string;
  readonly workerPrefix: string;
  readonly pipeline: string;
  readonly table: string;
  readonly releasesBucket: string;
  readonly workerArtifactsBucket: string;
  readonly backendUrl: string;
  readonly secretsProvider: string;
  readonly toolchainDigest: string;
  readonly kmsKeyArn: string;
  readonly boundaryArn: string;
  /** Ends with `-`. */
  readonly alarmPrefix: string;
  /** CodeBuild project that runs the worker's jobs. */
  readonly workerProject: string;
  readonly healthCheckMs: number;
  readonly healthCheckIntervalMs: number;
  readonly canaryIntervalMs: number;
  readonly lockWaitMs: number;
  /** The build this process runs in. */
  readonly buildId: string;
  readonly pipelineExecutionId: string;
  readonly releaseVersion: string;
  readonly releaseDigest: string;
}

/** What `verify` needs beside it. */
export interface VerifySettings extends DeliverySettings {
  readonly deploymentId: string;
  /** The build of the tests of this environment; absent where none run. */
  readonly testBuildId?: string;
}

/** What `undo` needs beside it: the claim of the rollback that started it, and the release to go back to. */
export interface UndoSettings extends DeliverySettings {
  /** The deployment that is taken back. */
  readonly deploymentId: string;
  /** The token of the environment's lock for as long as that rollback runs. */
  readonly rollbackToken: number;
}

/** @throws Problem `usage` that names every variable that is missing or wrong. */
export function deliverySettings(env: Env): DeliverySettings {
  return readVariables(env, common);
}

/** @throws Problem `usage` as `deliverySettings`. */
export function verifySettings(env: Env): VerifySettings {
  return readVariables(env, (variables) => {
    const testBuildId = env["TEST_BUILD_ID"] ?? "";
    return {
      ...common(variables),
      deploymentId: deploymentId(variables),
      ...(testBuildId === "" ? {} : { testBuildId }),
    };
  });
}

/** @throws Problem `usage` as `deliverySettings`. */
export function undoSettings(env: Env): UndoSettings {
  return readVariables(env, (variables) => ({
    ...common(variables),
    deploymentId: deploymentId(variables),
    rollbackToken: Number(variables.text("ROLLBACK_TOKEN", /^[1-9]\d*$/, "a whole number from 1")),
  }));
}

const deploymentId = (variables: Variables): string =>
  variables.text("DEPLOYMENT_ID", /^(test|staging|production)#\d+$/, "such as test#1790000000000");

function common(variables: Variables): DeliverySettings {
  return {
    installation: variables.oneOf("INSTALLATION", installations),
    environment: variables.oneOf("ENVIRONMENT", ENVIRONMENTS),
    region: variables.text("AWS_REGION"),
    accountId: variables.accountId("ACCOUNT_ID"),
    workerPrefix: variables.text("WORKER_PREFIX"),
    pipeline: variables.text("PIPELINE_NAME"),
    table: variables.text("TABLE_NAME"),
    releasesBucket: variables.text("RELEASES_BUCKET"),
    workerArtifactsBucket: variables.text("WORKER_ARTIFACTS_BUCKET"),
    backendUrl: variables.text("BACKEND_URL"),
    secretsProvider: variables.text("SECRETS_PROVIDER"),
    toolchainDigest: variables.sha256("TOOLCHAIN_DIGEST"),
    kmsKeyArn: variables.text("KMS_KEY_ARN"),
    boundaryArn: variables.text("BOUNDARY_ARN"),
    alarmPrefix: variables.text("ALARM_PREFIX", /-$/, "text that ends with -"),
    workerProject: variables.text("WORKER_PROJECT"),
    healthCheckMs: variables.seconds("HEALTH_CHECK_SECONDS"),
    healthCheckIntervalMs: variables.seconds("HEALTH_CHECK_INTERVAL_SECONDS"),
    canaryIntervalMs: variables.seconds("CANARY_INTERVAL_SECONDS"),
    lockWaitMs: variables.seconds("LOCK_WAIT_SECONDS"),
    buildId: variables.text("CODEBUILD_BUILD_ID"),
    pipelineExecutionId: variables.text("PIPELINE_EXECUTION_ID"),
    releaseVersion: variables.text("RELEASE_VERSION", /^[0-9a-f]{40}$/, "a full commit SHA"),
    releaseDigest: variables.sha256("RELEASE_DIGEST"),
  };
}
