import { z } from "zod";
import { coverageThreshold } from "../gates/settings";
import { readVariables, type Env, type Variables } from "../variables";

/** What a build project's build knows of its surroundings. */
export interface BuildSettings {
  readonly region: string;
  readonly accountId: string;
  readonly workerPrefix: string;
  readonly releasesBucket: string;
  readonly toolsDigest: string;
  readonly toolchainDigest: string;
  /** Least percent of covered lines. */
  readonly coverageThreshold: number;
  /** Of files that count as infrastructure beside those of `infrastructure/`. */
  readonly infrastructurePatterns?: readonly string[];
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
    coverageThreshold: coverageThreshold(variables, env),
    ...(env["INFRASTRUCTURE_PATTERNS"] === undefined
      ? {}
      : { infrastructurePatterns: patterns(variables, env["INFRASTRUCTURE_PATTERNS"]) }),
  }));
}

const patternList = z.array(z.string().min(1)).min(1);

function patterns({ mistakes }: Variables, value: string): readonly string[] {
  try {
    return patternList.parse(JSON.parse(value));
  } catch {
    // Not JSON, or JSON of something else: either way the variable is wrong, and all that are wrong are named together.
    mistakes.push(`INFRASTRUCTURE_PATTERNS is "${value}", allowed: a JSON list of patterns`);
    return [];
  }
}
