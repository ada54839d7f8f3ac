/**
 * Every physical name of an installation, and of the environments it delivers to.
 *
 * Only what an outside party must know has a fixed name, and all of those come from here. A name that a service would
 * not take fails with what the service allows; nothing is shortened, since truncation can make two names equal.
 */
import type { Environment } from "../runtime/types";

/** A stack of this program: a complete delivery pipeline of its own. */
export const INSTALLATIONS = ["test", "staging", "prod"] as const;
export type Installation = (typeof INSTALLATIONS)[number];

/** The CodeBuild projects of an installation, by what they do. */
export const PROJECT_ROLES = [
  "build",
  "integration-test",
  "e2e-test",
  "deploy-test",
  "deploy-staging",
  "deploy-production",
] as const;
export type ProjectRole = (typeof PROJECT_ROLES)[number];

export const TOPIC_ROLES = ["deployments", "approvals", "rollbacks"] as const;
export type TopicRole = (typeof TOPIC_ROLES)[number];

/** What makes the rollback act: alarms, ended stages, ended builds of deployments and canaries, and the clock. */
export const RULE_ROLES = ["alarms", "stages", "builds", "canaries", "tick"] as const;
export type RuleRole = (typeof RULE_ROLES)[number];

/** What a person is told of beside single deployments and rollbacks. */
export const ALARM_ROLES = ["failures", "rollbacks", "rollback-dlq-not-empty"] as const;
export type AlarmRole = (typeof ALARM_ROLES)[number];

/** Which installation, and the one account and region it lives in. */
export interface Place {
  readonly installation: Installation;
  /** Twelve digits. */
  readonly accountId: string;
  readonly region: string;
}

/** Longest name in characters, from the API reference of each service. */
const MAX_LENGTH = {
  bucket: 63,
  role: 64,
  policy: 128,
  project: 150,
  pipeline: 100,
  topic: 256,
  table: 255,
  "log group": 512,
  "key alias": 256,
  connection: 32,
  parameter: 1011,
  function: 64,
  queue: 80,
  rule: 64,
  alarm: 255,
} as const;

export type NamedThing = keyof typeof MAX_LENGTH;

/**
 * The name itself when the service takes one of this length.
 * @throws RangeError that says how long it is and may be.
 */
export function named(thing: NamedThing, name: string): string {
  const allowed = MAX_LENGTH[thing];
  if (name.length > allowed) {
    throw new RangeError(
      `${thing} name "${name}" has ${name.length} characters, AWS allows ${allowed}: shorten what it is made of`,
    );
  }
  return name;
}

/** `arn:aws:{service}:{region}:{account}:{resource}` in the installation's own account and region. */
export function arn(place: Place, service: string, resource: string): string {
  return `arn:aws:${service}:${place.region}:${place.accountId}:${resource}`;
}

/** Bucket names are the world's: their ARNs have neither region nor account. */
export function bucketArn(bucketName: string): string {
  return `arn:aws:s3:::${bucketName}`;
}

/** ARNs of IAM have no region. */
export function iamArn(place: Place, resource: string): string {
  return `arn:aws:iam::${place.accountId}:${resource}`;
}

/** `kiro-worker` in prod; other installations have their own, so that two in one account never touch each other. */
export function workerPrefix(installation: Installation): string {
  return installation === "prod" ? "kiro-worker" : `kiro-${installation}-worker`;
}

export interface InstallationNames {
  readonly workerPrefix: string;
  readonly pipeline: string;
  readonly pipelineRole: string;
  readonly connection: string;
  readonly keyAlias: string;
  readonly artifactsBucket: string;
  readonly releasesBucket: string;
  readonly stateBucket: string;
  readonly deploymentsTable: string;
  readonly pipelineLogGroup: string;
  readonly rollbackLogGroup: string;
  /** SSM parameter with the digest of the mirrored Pulumi toolchain. */
  readonly toolchainParameter: string;
  /** A project's service role has the project's name. */
  readonly projects: Readonly<Record<ProjectRole, string>>;
  readonly topics: Readonly<Record<TopicRole, string>>;
  /** Also the name of its role: the two are the initiator of every build that it starts. */
  readonly rollbackFunction: string;
  /** What the rollback could not take: events that were not delivered, and invocations that failed for good. */
  readonly rollbackQueue: string;
  readonly rollbackRules: Readonly<Record<RuleRole, string>>;
  readonly alarms: Readonly<Record<AlarmRole, string>>;
}

export function installationNames(place: Place): InstallationNames {
  const { installation, accountId } = place;
  const base = `kiro-pipeline-${installation}`;
  return {
    workerPrefix: workerPrefix(installation),
    pipeline: named("pipeline", base),
    pipelineRole: named("role", `${base}-pipeline`),
    connection: named("connection", base),
    keyAlias: named("key alias", `alias/${base}`),
    artifactsBucket: named("bucket", `${base}-artifacts-${accountId}`),
    releasesBucket: named("bucket", `${base}-releases-${accountId}`),
    stateBucket: named("bucket", `${base}-state-${accountId}`),
    deploymentsTable: named("table", `${base}-deployments`),
    pipelineLogGroup: named("log group", `/aws/codepipeline/${base}`),
    rollbackLogGroup: named("log group", `/aws/lambda/${base}-rollback`),
    toolchainParameter: named("parameter", `/kiro-pipeline/${installation}/toolchain-digest`),
    // The role is the shorter of the two that carry this name.
    projects: byRole(PROJECT_ROLES, (role) => named("role", named("project", `${base}-${role}`))),
    topics: byRole(TOPIC_ROLES, (role) => named("topic", `${base}-${role}`)),
    rollbackFunction: named("role", named("function", `${base}-rollback`)),
    rollbackQueue: named("queue", `${base}-rollback-dlq`),
    rollbackRules: byRole(RULE_ROLES, (role) => named("rule", `${base}-rollback-${role}`)),
    alarms: byRole(ALARM_ROLES, (role) => named("alarm", `${base}-${role}`)),
  };
}

/** CodeBuild writes the log of a project here unless told otherwise. */
export function buildLogGroup(projectName: string): string {
  return named("log group", `/aws/codebuild/${projectName}`);
}

export interface EnvironmentNames {
  /** The worker's own CodeBuild project and its Pulumi stack. */
  readonly worker: string;
  /** What the worker's infrastructure creates is named `{worker}` or begins with this. */
  readonly ownedPrefix: string;
  readonly artifactsBucket: string;
  readonly stateKeyAlias: string;
  readonly boundary: string;
  /** CloudWatch namespace of the worker's metrics: one per environment, so that series never mix. */
  readonly metricNamespace: string;
  /** Prefix of the environment's Pulumi state in the state bucket, without a slash. */
  readonly statePrefix: string;
  readonly backendUrl: string;
  readonly secretsProvider: string;
}

export function environmentNames(place: Place, environment: Environment): EnvironmentNames {
  const { installation, accountId, region } = place;
  const worker = `${workerPrefix(installation)}-${environment}`;
  const stateKeyAlias = named("key alias", `alias/kiro-pipeline-${installation}-${environment}-state`);
  // Without awssdk=v2 both go to AWS even when AWS_ENDPOINT_URL names another endpoint.
  const query = `region=${region}&awssdk=v2`;
  return {
    worker: named("project", worker),
    ownedPrefix: `${worker}-`,
    artifactsBucket: named("bucket", `${worker}-artifacts-${accountId}`),
    stateKeyAlias,
    boundary: named("policy", `${worker}-boundary`),
    metricNamespace: `KiroWorker/${worker}`,
    statePrefix: environment,
    backendUrl: `s3://${installationNames(place).stateBucket}/${environment}?${query}`,
    secretsProvider: `awskms://${stateKeyAlias}?${query}`,
  };
}

function byRole<Role extends string>(roles: readonly Role[], name: (role: Role) => string): Record<Role, string> {
  return Object.fromEntries(roles.map((role) => [role, name(role)])) as Record<Role, string>;
}
