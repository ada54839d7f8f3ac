import { Problem } from "../problem";

export const installations = ["test", "staging", "prod"] as const;
export type Installation = (typeof installations)[number];

/** @throws Problem `usage` that names what is allowed. */
export function parseInstallation(value: string): Installation {
  const found = installations.find((name) => name === value);
  if (found !== undefined) return found;
  const hint = value === "production" ? "The installation is called prod; production is an environment." : undefined;
  throw new Problem("usage", {
    what: "There is no such installation",
    value,
    allowed: installations.join(", "),
    ...(hint === undefined ? {} : { remedy: hint }),
  });
}

export const pipelineName = (installation: Installation): string => `kiro-pipeline-${installation}`;

export const tableName = (installation: Installation): string => `kiro-pipeline-${installation}-deployments`;

export const releasesBucket = (installation: Installation, accountId: string): string =>
  `kiro-pipeline-${installation}-releases-${accountId}`;

/** The Lambda function that takes bad releases back. */
export const rollbackFunctionName = (installation: Installation): string => `kiro-pipeline-${installation}-rollback`;

/** The queue of the events that it was not given or could not take. */
export const rollbackQueueName = (installation: Installation): string => `${rollbackFunctionName(installation)}-dlq`;

/** The SSM parameter that names the Pulumi toolchain of the installation's builds. */
export const toolchainParameter = (installation: Installation): string =>
  `/kiro-pipeline/${installation}/toolchain-digest`;

/** Where the installation's own Pulumi stack lives, unless the user brought a backend. */
export interface OwnBackend {
  readonly bucket: string;
  readonly keyAlias: string;
  readonly url: string;
  readonly secretsProvider: string;
}

/** `awssdk=v2`: without it the backend ignores the endpoint and the region of the environment. */
export function ownBackend(installation: Installation, accountId: string, region: string): OwnBackend {
  const bucket = `kiro-pipeline-${installation}-backend-${accountId}`;
  const keyAlias = `alias/kiro-pipeline-${installation}-backend`;
  return {
    bucket,
    keyAlias,
    url: `s3://${bucket}?region=${region}&awssdk=v2`,
    secretsProvider: `awskms://${keyAlias}?region=${region}&awssdk=v2`,
  };
}
