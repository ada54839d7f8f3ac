import path from "node:path";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { GetParametersCommand } from "@aws-sdk/client-ssm";
import type { EnvironmentVariable } from "@aws-sdk/client-codebuild";
import type { AwsCredentials } from "../services/contract";
import type { Buildspec } from "./buildspec";
import type { RoleClients } from "./clients";
import type { KnownBuild } from "./store";

/** A variable as it was declared, before its value is fetched. */
export interface Declared {
  readonly name: string;
  readonly value: string;
  readonly type: "PLAINTEXT" | "PARAMETER_STORE" | "SECRETS_MANAGER";
}

/** Where a build's files are. */
export interface Folders {
  readonly source: string;
  readonly home: string;
  readonly temporary: string;
}

/**
 * The variables of a build: those of the buildspec, overridden by those of the project and of the build's start.
 * Names that begin with `CODEBUILD_` are reserved and ignored.
 */
export function declaredVariables(
  buildspec: Pick<Buildspec, "variables" | "parameterStore" | "secretsManager">,
  build: readonly EnvironmentVariable[],
): Declared[] {
  const named = (values: Readonly<Record<string, string>>, type: Declared["type"]): Declared[] =>
    Object.entries(values).map(([name, value]) => ({ name, value, type }));
  const all = [
    ...named(buildspec.variables, "PLAINTEXT"),
    ...named(buildspec.parameterStore, "PARAMETER_STORE"),
    ...named(buildspec.secretsManager, "SECRETS_MANAGER"),
    ...build.map(({ name, value, type }) => ({ name: name ?? "", value: value ?? "", type: type ?? "PLAINTEXT" })),
  ];
  return [...lastOfEachName(all.filter(({ name }) => !name.startsWith("CODEBUILD_")))];
}

/** The project's variables with those of the build's start over them. */
export function mergeVariables(
  project: readonly EnvironmentVariable[],
  start: readonly EnvironmentVariable[],
): EnvironmentVariable[] {
  return [...lastOfEachName([...project, ...start])];
}

function lastOfEachName<T extends { readonly name?: string | undefined }>(variables: readonly T[]): Iterable<T> {
  return new Map(variables.map((each) => [each.name, each])).values();
}

export interface Resolved {
  readonly values: Readonly<Record<string, string>>;
  /** Values that must not appear in a log. */
  readonly secrets: readonly string[];
}

/**
 * Fetches parameters and secrets with the rights of the build's role; `mayRead` throws where it may not read a parameter.
 * @throws the service's error, with the variable's name in front.
 */
export async function resolveVariables(
  declared: readonly Declared[],
  { ssm, secrets }: Pick<RoleClients, "ssm" | "secrets">,
  mayRead: (parameter: string) => Promise<void>,
): Promise<Resolved> {
  const resolved = await Promise.all(
    declared.map(async ({ name, value, type }) => {
      if (type === "PLAINTEXT") return { name, value, secret: false };
      try {
        const fetched =
          type === "PARAMETER_STORE" ? await parameter(ssm, value, mayRead) : await secret(secrets, value);
        return { name, value: fetched, secret: true };
      } catch (error) {
        const { name: code, message } = error as Error;
        throw Object.assign(new Error(`environment variable ${name}: ${message}`), { name: code });
      }
    }),
  );
  return {
    values: Object.fromEntries(resolved.map(({ name, value }) => [name, value])),
    secrets: resolved.filter((each) => each.secret).map(({ value }) => value),
  };
}

async function parameter(
  client: RoleClients["ssm"],
  name: string,
  mayRead: (parameter: string) => Promise<void>,
): Promise<string> {
  await mayRead(name);
  // CodeBuild asks for ssm:GetParameters, also for one (CodeBuild user guide, "env/parameter-store").
  const { Parameters = [] } = await client.send(new GetParametersCommand({ Names: [name], WithDecryption: true }));
  const value = Parameters[0]?.Value;
  if (value === undefined)
    throw Object.assign(new Error(`there is no parameter ${name}`), { name: "ParameterNotFound" });
  return value;
}

async function secret(client: RoleClients["secrets"], reference: string): Promise<string> {
  const { id, key, stage, version } = parseSecretReference(reference);
  const { SecretString } = await client.send(
    new GetSecretValueCommand({ SecretId: id, VersionStage: stage, VersionId: version }),
  );
  if (SecretString === undefined) throw new Error(`secret ${id} holds no text`);
  if (key === undefined) return SecretString;
  const fields = JSON.parse(SecretString) as Record<string, unknown>;
  const field = fields[key];
  if (field === undefined) throw new Error(`secret ${id} has no key ${key}`);
  return typeof field === "string" ? field : JSON.stringify(field);
}

export interface SecretReference {
  readonly id: string;
  readonly key: string | undefined;
  readonly stage: string | undefined;
  readonly version: string | undefined;
}

/** `secret-id:json-key:version-stage:version-id`, all but the id optional; the id may be an ARN, which has colons itself. */
export function parseSecretReference(reference: string): SecretReference {
  const parts = reference.split(":");
  const idParts = parts[0] === "arn" ? 7 : 1;
  const optional = (index: number): string | undefined => parts[idParts + index] || undefined;
  return { id: parts.slice(0, idParts).join(":"), key: optional(0), stage: optional(1), version: optional(2) };
}

/** What of the local cloud's own environment a build gets: how to find programs, nothing of its user. */
export interface Machine {
  readonly path: string;
  readonly npmUserConfig: string;
  readonly npmCache: string;
}

export function machineOf(environment: NodeJS.ProcessEnv): Machine {
  const home = environment["HOME"] ?? "/";
  return {
    path: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
    npmUserConfig: environment["npm_config_userconfig"] ?? path.join(home, ".npmrc"),
    npmCache: environment["npm_config_cache"] ?? path.join(home, ".npm"),
  };
}

/** What every build finds in its environment besides its own variables. */
export function baseEnvironment(
  machine: Machine,
  folders: Folders,
  session: AwsCredentials,
  cloud: { readonly endpoint: string; readonly region: string },
): Record<string, string> {
  return {
    PATH: machine.path,
    HOME: folders.home,
    TMPDIR: folders.temporary,
    LANG: "C.UTF-8",
    // The state folder may lie in somebody's repository; git in a build must not take that for its own.
    GIT_CEILING_DIRECTORIES: path.dirname(folders.home),
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    ...(session.sessionToken !== undefined && { AWS_SESSION_TOKEN: session.sessionToken }),
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_REGION: cloud.region,
    AWS_DEFAULT_REGION: cloud.region,
    npm_config_userconfig: machine.npmUserConfig,
    npm_config_cache: machine.npmCache,
    npm_config_prefer_offline: "true",
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
    KIRO_LOCAL_CLOUD: "true",
  };
}

/** https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html */
export function codeBuildVariables(build: KnownBuild, source: string): Record<string, string> {
  const optional = {
    CODEBUILD_KMS_KEY_ID: build.encryptionKey,
    CODEBUILD_LOG_PATH: build.logs.streamName,
    CODEBUILD_RESOLVED_SOURCE_VERSION: build.resolvedSourceVersion,
    CODEBUILD_SOURCE_REPO_URL: build.source.location,
    CODEBUILD_SOURCE_VERSION: build.sourceVersion,
  };
  return {
    CODEBUILD_CI: "true",
    CODEBUILD_BUILD_ARN: build.arn,
    CODEBUILD_BUILD_ID: build.id,
    CODEBUILD_BUILD_IMAGE: build.environment?.image ?? "",
    CODEBUILD_BUILD_NUMBER: String(build.buildNumber),
    CODEBUILD_BUILD_SUCCEEDING: "1",
    CODEBUILD_INITIATOR: build.initiator,
    CODEBUILD_SRC_DIR: source,
    CODEBUILD_START_TIME: String(build.startTime.getTime()),
    ...Object.fromEntries(Object.entries(optional).filter((each): each is [string, string] => each[1] !== undefined)),
  };
}
