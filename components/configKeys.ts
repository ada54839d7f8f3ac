/** The keys of a stack file: what each takes, what a mistake is told, and what the program makes of it. */
import { z } from "zod";

interface Key {
  readonly schema: z.ZodType<unknown, string | undefined>;
  /** Completes "allowed: …". */
  readonly allowed: string;
  /** A value that may stand in the remedy. */
  readonly example: string;
}

// The deploy build, which bakes and waits for locks, ends after 60 minutes; the rest of its work needs the difference.
const LONGEST_MINUTES = 45;
const minutes = minutesUpTo(LONGEST_MINUTES);
const numeric = z
  .string()
  .regex(/^\d+(\.\d+)?$/)
  .transform(Number);
const minutesText = numeric.pipe(minutes);
const minutesAllowed = allowedMinutes(LONGEST_MINUTES);

// Who still watches a deployment after a day has other means than taking it back.
const LONGEST_WATCH_MINUTES = 24 * 60;
const watchMinutes = minutesUpTo(LONGEST_WATCH_MINUTES);

// An alarm that is still on after that long is a matter for a person.
const LONGEST_VALIDATION_MINUTES = 15;
const validationText = numeric.pipe(minutesUpTo(LONGEST_VALIDATION_MINUTES));
const validationAllowed = allowedMinutes(LONGEST_VALIDATION_MINUTES);

// Without a single one no bad release would ever be taken back by itself.
const MOST_ROLLBACKS = 100;
const rollbacks = z.number().int().min(1).max(MOST_ROLLBACKS);

// All of them together must fit into the variables of a build, which take 5,500 characters.
const MOST_PATTERNS = 20;
const LONGEST_PATTERN = 100;
const pattern = z
  .string()
  .max(LONGEST_PATTERN)
  .regex(/^(?!\/)(?!.*(?:\.\.|!)).*[^/\s]$/);

export const KEYS = {
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
  infrastructurePatterns: {
    schema: json(z.array(pattern).min(1).max(MOST_PATTERNS)),
    allowed:
      `a list of 1 to ${MOST_PATTERNS} patterns of files from the repository's root on, each up to ${LONGEST_PATTERN} ` +
      "characters, without '..', '!' and a '/' at either end",
    example: `'["infrastructure/**"]'`,
  },
  healthCheckDuration: {
    schema: json(z.strictObject({ test: minutes, staging: minutes, production: minutes })),
    allowed: `{test, staging, production}, each ${minutesAllowed}`,
    example: `'{"test": 5, "staging": 5, "production": 10}'`,
  },
  healthCheckInterval: { schema: minutesText, allowed: minutesAllowed, example: "0.5" },
  canaryInterval: { schema: minutesText, allowed: minutesAllowed, example: "1" },
  lockWait: { schema: minutesText, allowed: minutesAllowed, example: "20" },
  watchWindow: {
    schema: json(z.strictObject({ test: watchMinutes, staging: watchMinutes, production: watchMinutes })),
    allowed: `{test, staging, production}, each ${allowedMinutes(LONGEST_WATCH_MINUTES)}`,
    example: `'{"test": 30, "staging": 30, "production": 60}'`,
  },
  rollbackBudget: {
    schema: json(z.strictObject({ staging: rollbacks, production: rollbacks })),
    allowed: `{staging, production}, each a whole number of rollbacks from 1 to ${MOST_ROLLBACKS}`,
    example: `'{"staging": 8, "production": 4}'`,
  },
  settleTime: { schema: validationText, allowed: validationAllowed, example: "1" },
  validationGrace: { schema: validationText, allowed: validationAllowed, example: "2" },
  longestValidation: { schema: validationText, allowed: validationAllowed, example: "15" },
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

/** Raw values by key, as Pulumi hands them to a program, into the units of the components. */
export const configSchema = z.object({
  githubOwner: KEYS.githubOwner.schema,
  githubRepo: KEYS.githubRepo.schema,
  branch: KEYS.branch.schema,
  connectionArn: KEYS.connectionArn.schema,
  executionMode: KEYS.executionMode.schema,
  coverageThreshold: KEYS.coverageThreshold.schema,
  infrastructurePatterns: KEYS.infrastructurePatterns.schema,
  healthCheckDuration: KEYS.healthCheckDuration.schema,
  healthCheckInterval: KEYS.healthCheckInterval.schema,
  canaryInterval: KEYS.canaryInterval.schema,
  lockWait: KEYS.lockWait.schema,
  watchWindow: KEYS.watchWindow.schema,
  rollbackBudget: KEYS.rollbackBudget.schema,
  settleTime: KEYS.settleTime.schema,
  validationGrace: KEYS.validationGrace.schema,
  longestValidation: KEYS.longestValidation.schema,
  notificationEmails: KEYS.notificationEmails.schema,
  buildsInVpc: KEYS.buildsInVpc.schema,
  protectData: KEYS.protectData.schema,
} satisfies Record<keyof typeof KEYS, z.ZodType>);

function minutesUpTo(longest: number) {
  return z.number().positive().max(longest).transform(seconds);
}

function allowedMinutes(longest: number): string {
  return `minutes above 0 and up to ${longest}, fractions too`;
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
