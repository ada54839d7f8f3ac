import { readVariables, type Env } from "../variables";

/** What a build project's build knows of its surroundings. */
export interface BuildSettings {
  readonly region: string;
  readonly accountId: string;
  readonly workerPrefix: string;
  readonly releasesBucket: string;
  readonly toolsDigest: string;
  readonly toolchainDigest: string;
  /** Percent. */
  readonly coverageThreshold?: number;
}

/** @throws Problem `usage` that names every variable that is missing or wrong. */
export function buildSettings(env: Env): BuildSettings {
  return readVariables(env, (variables) => ({
    region: variables.text("AWS_REGION"),
    accountId: variables.accountId("ACCOUNT_ID"),
    workerPrefix: variables.text("WORKER_PREFIX"),
    releasesBucket: variables.text("RELEASES_BUCKET"),
    toolsDigest: variables.sha256("TOOLS_DIGEST"),
    toolchainDigest: variables.sha256("TOOLCHAIN_DIGEST"),
    ...(env["COVERAGE_THRESHOLD"] === undefined ? {} : { coverageThreshold: variables.number("COVERAGE_THRESHOLD") }),
  }));
}
