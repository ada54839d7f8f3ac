import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { Environment } from "../runtime/types";
import { CONFIG_KEYS, configSchema, KEYS } from "./configKeys";
import { INSTALLATIONS, type Installation } from "./naming";

/** What a stack file may say about an installation, checked and in the units that the components use. */
export interface PipelineConfig {
  readonly installation: Installation;
  /** The worker's repository on GitHub. */
  readonly githubOwner: string;
  readonly githubRepo: string;
  readonly branch: string;
  /** An existing connection to GitHub; without one the installation creates its own, which a person must then accept. */
  readonly connectionArn?: string;
  readonly executionMode: "SUPERSEDED" | "QUEUED";
  /** Percent of lines, the worker's own gate. */
  readonly coverageThreshold: number;
  /** Files whose change makes a deployment look for changes of infrastructure; those of `infrastructure/` always do. */
  readonly infrastructurePatterns: readonly string[];
  /** How long a deployment is watched before it counts as succeeded, in seconds. */
  readonly healthCheckSeconds: Readonly<Record<Environment, number>>;
  readonly healthCheckIntervalSeconds: number;
  readonly canaryIntervalSeconds: number;
  /** How long a deployment waits for another one's lock, in seconds. */
  readonly lockWaitSeconds: number;
  /** How long after its success a deployment still answers for alarms, in seconds. */
  readonly watchWindowSeconds: Readonly<Record<Environment, number>>;
  /** Automatic rollbacks in a day after which an environment is left to people; the test environment has no limit. */
  readonly rollbackBudget: Readonly<Record<Exclude<Environment, "test">, number>>;
  readonly rollbackValidation: RollbackValidation;
  readonly notificationEmails: readonly string[];
  /** Whether builds run in a network of the installation's own instead of CodeBuild's. */
  readonly buildsInVpc: boolean;
  /** false only for a throw-away installation: then `destroy` removes data and keys, too. */
  readonly protectData: boolean;
}

/** How long a rollback may take until alarms are OK again, in seconds. */
interface RollbackValidation {
  /** Before the alarms' own evaluation. */
  readonly settleSeconds: number;
  /** After it. */
  readonly graceSeconds: number;
  /** Whatever the alarms' periods. */
  readonly longestSeconds: number;
}

export const ONE_PLACE = "an installation lives in one account and one region in this version";

/** Every mistake of a configuration in one message, so that one correction is enough. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(
    installation: string,
    readonly mistakes: readonly string[],
  ) {
    const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
    super(`${count} in the configuration of installation "${installation}":\n  - ${mistakes.join("\n  - ")}`);
  }
}

const NAMESPACE = "kiro-pipeline";

/**
 * The configuration of `installation` out of raw values by key, as Pulumi hands them to a program (JSON for lists and
 * objects; what `Pulumi.yaml` gives a default is there).
 * @throws ConfigError with every mistake: key, value, what is allowed, what to do.
 */
export function parseConfig(raw: Readonly<Record<string, string | undefined>>, installation: string): PipelineConfig {
  const known = INSTALLATIONS.find((name) => name === installation);
  const mistakes = known === undefined ? [installationMistake(installation)] : [];
  for (const key of Object.keys(raw)) if (!isKnown(key)) mistakes.push(unknownKeyMistake(key));

  const parsed = configSchema.safeParse(raw);
  const wrong = new Set(parsed.success ? [] : parsed.error.issues.map((issue) => String(issue.path[0])));
  for (const key of CONFIG_KEYS) if (wrong.has(key)) mistakes.push(valueMistake(key, raw[key]));

  if (known === undefined || !parsed.success || mistakes.length > 0) throw new ConfigError(installation, mistakes);
  return { installation: known, ...inUnits(parsed.data) };
}

/** What the keys say, under names that say the unit. */
function inUnits(values: z.output<typeof configSchema>): Omit<PipelineConfig, "installation"> {
  const { healthCheckDuration, healthCheckInterval, canaryInterval, lockWait, watchWindow, ...others } = values;
  const { settleTime, validationGrace, longestValidation, connectionArn, ...rest } = others;
  return {
    ...rest,
    ...(connectionArn === undefined ? {} : { connectionArn }),
    healthCheckSeconds: healthCheckDuration,
    healthCheckIntervalSeconds: healthCheckInterval,
    canaryIntervalSeconds: canaryInterval,
    lockWaitSeconds: lockWait,
    watchWindowSeconds: watchWindow,
    rollbackValidation: {
      settleSeconds: settleTime,
      graceSeconds: validationGrace,
      longestSeconds: longestValidation,
    },
  };
}

/** The configuration of the stack that the engine is running. */
export function readConfig(): PipelineConfig {
  const prefix = `${NAMESPACE}:`;
  const own = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value] as const);
  return parseConfig(Object.fromEntries(own), pulumi.getStack());
}

function isKnown(key: string): key is keyof typeof KEYS {
  return Object.hasOwn(KEYS, key);
}

function installationMistake(installation: string): string {
  return `stack = "${installation}"; allowed: ${INSTALLATIONS.join(", ")}; select one: pulumi stack select prod`;
}

/** The value is left out: under a key that we do not know it may be a secret. */
function unknownKeyMistake(key: string): string {
  const why = /account|region/i.test(key) ? ONE_PLACE : `allowed: ${CONFIG_KEYS.join(", ")}`;
  return `${NAMESPACE}:${key} is not a key of this program; ${why}; remove it: pulumi config rm ${NAMESPACE}:${key}`;
}

function valueMistake(key: keyof typeof KEYS, value: string | undefined): string {
  const { allowed, example } = KEYS[key];
  const got = value === undefined ? "is missing" : `= ${JSON.stringify(value)}`;
  return `${NAMESPACE}:${key} ${got}; allowed: ${allowed}; for example: pulumi config set ${NAMESPACE}:${key} ${example}`;
}
