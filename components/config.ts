import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Environment } from "../runtime/types";
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
  /** How long a deployment is watched before it counts as succeeded, in seconds. */
  readonly healthCheckSeconds: Readonly<Record<Environment, number>>;
  readonly healthCheckIntervalSeconds: number;
  readonly canaryIntervalSeconds: number;
  /** How long a deployment waits for another one's lock, in seconds. */
  readonly lockWaitSeconds: number;
  readonly notificationEmails: readonly string[];
  /** Whether builds run in a network of the installation's own instead of CodeBuild's. */
  readonly buildsInVpc: boolean;
  /** false only for a throw-away installation: then `destroy` removes data and keys, too. */
  readonly protectData: boolean;
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

interface Key {
  readonly schema: z.ZodType<unknown, string | undefined>;
  /** Completes "allowed: …". */
  readonly allowed: string;
  /** A value that may stand in the remedy. */
  readonly example: string;
}

// The deploy build, which bakes and waits for locks, ends after 60 minutes; the rest of its work needs the difference.
const LONGEST_MINUTES = 45;
const minutes = z.number().positive().max(LONGEST_MINUTES).transform(seconds);
const numeric = z
  .string()
  .regex(/^\d+(\.\d+)?$/)
  .transform(Number);
const minutesText = numeric.pipe(minutes);
const minutesAllowed = `minutes above 0 and up to ${LONGEST_MINUTES}, fractions too`;

const KEYS = {
  githubOwner: {
    schema: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/),
    allowed: "a GitHub user or organization: up to 39 letters, digits and hyphens",
    example: "my-team",
  },
  githubRepo: {
    schema: z.string().regex(/^[\w.-]{1,100}$/),
    allowed: "a GitHub repository's name without its owner: up to 100 letters, digits, '-', '_' and '.'",
    example: "kiro-codebuild-worker",
  },
  branch: {
    // What git refuses in a ref, and '*', which the pipeline's trigger would read as a pattern.
    schema: z.string().regex(/^(?![-/.])(?!.*(?:\.\.|\/\/|\.lock$))[\w./-]{1,255}(?<![/.])$/),
    allowed: "the name of one branch, no pattern",
    example: "main",
  },
  connectionArn: {
    schema: z
      .string()
      .regex(/^(arn:aws:(codeconnections|codestar-connections):[a-z0-9-]+:\d{12}:connection\/[0-9a-f-]{36})?$/)
      .transform((value) => value || undefined),
    allowed: "empty (a connection is created), or arn:aws:codeconnections:REGION:ACCOUNT:connection/ID",
    example: '""',
  },
  executionMode: {
    schema: z.enum(["SUPERSEDED", "QUEUED"]),
    allowed: "SUPERSEDED (the newest waiting commit wins) or QUEUED (each commit in turn)",
    example: "SUPERSEDED",
  },
  coverageThreshold: {
    schema: numeric.pipe(z.number().int().max(100)),
    allowed: "a whole number of percent from 0 to 100",
    example: "80",
  },
  healthCheckDuration: {
    schema: json(z.strictObject({ test: minutes, staging: minutes, production: minutes })),
    allowed: `{test, staging, production}, each ${minutesAllowed}`,
    example: `'{"test": 5, "staging": 5, "production": 10}'`,
  },
  healthCheckInterval: { schema: minutesText, allowed: minutesAllowed, example: "0.5" },
  canaryInterval: { schema: minutesText, allowed: minutesAllowed, example: "1" },
  lockWait: { schema: minutesText, allowed: minutesAllowed, example: "20" },
  notificationEmails: {
    schema: json(z.array(z.email())),
    allowed: "a list of e-mail addresses, possibly empty",
    example: `'["team@example.com"]'`,
  },
  buildsInVpc: {
    schema: z.enum(["true", "false"]).transform((value) => value === "true"),
    allowed: "true (builds get a VPC of their own) or false (CodeBuild's own network)",
    example: "false",
  },
  protectData: {
    schema: z.enum(["true", "false"]).transform((value) => value === "true"),
    allowed: "true, or false for a throw-away installation",
    example: "true",
  },
} as const satisfies Record<string, Key>;

/** The keys of the namespace; `Pulumi.yaml` declares the same, with their defaults. */
export const CONFIG_KEYS = Object.keys(KEYS) as readonly (keyof typeof KEYS)[];

const schema = z.object({
  githubOwner: KEYS.githubOwner.schema,
  githubRepo: KEYS.githubRepo.schema,
  branch: KEYS.branch.schema,
  connectionArn: KEYS.connectionArn.schema,
  executionMode: KEYS.executionMode.schema,
  coverageThreshold: KEYS.coverageThreshold.schema,
  healthCheckDuration: KEYS.healthCheckDuration.schema,
  healthCheckInterval: KEYS.healthCheckInterval.schema,
  canaryInterval: KEYS.canaryInterval.schema,
  lockWait: KEYS.lockWait.schema,
  notificationEmails: KEYS.notificationEmails.schema,
  buildsInVpc: KEYS.buildsInVpc.schema,
  protectData: KEYS.protectData.schema,
} satisfies Record<keyof typeof KEYS, z.ZodType>);

/**
 * The configuration of `installation` out of raw values by key, as Pulumi hands them to a program (JSON for lists and
 * objects; what `Pulumi.yaml` gives a default is there).
 * @throws ConfigError with every mistake: key, value, what is allowed, what to do.
 */
export function parseConfig(raw: Readonly<Record<string, string | undefined>>, installation: string): PipelineConfig {
  const known = INSTALLATIONS.find((name) => name === installation);
  const mistakes = known === undefined ? [installationMistake(installation)] : [];
  for (const key of Object.keys(raw)) if (!isKnown(key)) mistakes.push(unknownKeyMistake(key));

  const parsed = schema.safeParse(raw);
  const wrong = new Set(parsed.success ? [] : parsed.error.issues.map((issue) => String(issue.path[0])));
  for (const key of CONFIG_KEYS) if (wrong.has(key)) mistakes.push(valueMistake(key, raw[key]));

  if (known === undefined || !parsed.success || mistakes.length > 0) throw new ConfigError(installation, mistakes);
  const { healthCheckDuration, healthCheckInterval, canaryInterval, lockWait, connectionArn, ...rest } = parsed.data;
  return {
    installation: known,
    ...rest,
    ...(connectionArn === undefined ? {} : { connectionArn }),
    healthCheckSeconds: healthCheckDuration,
    healthCheckIntervalSeconds: healthCheckInterval,
    canaryIntervalSeconds: canaryInterval,
    lockWaitSeconds: lockWait,
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

/** Whole seconds, at least one: what a build's environment and a timer can take. */
function seconds(durationInMinutes: number): number {
  return Math.max(1, Math.round(durationInMinutes * 60));
}

function json<T extends z.ZodType>(content: T) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue("not JSON");
        return z.NEVER;
      }
    })
    .pipe(content);
}
