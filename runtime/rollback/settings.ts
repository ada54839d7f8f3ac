import { z } from "zod";
import { type Environment, ENVIRONMENTS } from "../types";
import type { RollbackRules } from "./domain";
import type { EventNames } from "./events";
import type { ValidationRules } from "./ports";

/** What the function knows of its installation, from its environment variables. */
export interface RollbackSettings {
  readonly installation: string;
  readonly pipeline: string;
  readonly table: string;
  readonly releasesBucket: string;
  readonly topics: { readonly deployments: string; readonly rollbacks: string };
  readonly artifactsBucket: Readonly<Record<Environment, string>>;
  readonly names: EventNames;
  readonly rules: RollbackRules;
  readonly validation: ValidationRules;
}

const part = z.object({
  artifactsBucket: z.string().min(1),
  workerProject: z.string().min(1),
  alarmPrefix: z.string().regex(/-$/, "text that ends with -"),
  deployProject: z.string().min(1),
  watchWindowSeconds: z.number().positive(),
  budget: z.int().positive().optional(),
});
const parts = z.object({ test: part, staging: part, production: part });
const limits = z.object({
  budgetWindowSeconds: z.number().positive(),
  settleSeconds: z.number().nonnegative(),
  graceSeconds: z.number().nonnegative(),
  longestValidationSeconds: z.number().positive(),
});
const variables = z.object({
  INSTALLATION: z.string().min(1),
  PIPELINE_NAME: z.string().min(1),
  TABLE_NAME: z.string().min(1),
  RELEASES_BUCKET: z.string().min(1),
  DEPLOYMENTS_TOPIC_ARN: z.string().min(1),
  ROLLBACKS_TOPIC_ARN: z.string().min(1),
  ENVIRONMENTS: json(parts),
  ROLLBACK_RULES: json(limits),
});

/** @throws Error that names every variable that is missing or wrong; `components/rollbackVariables.ts` sets them. */
export function rollbackSettings(env: Readonly<Record<string, string | undefined>>): RollbackSettings {
  const parsed = variables.safeParse(env);
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new Error(`environment variables of the rollback function: ${mistakes.join("; ")}`);
  }
  const { ENVIRONMENTS: of, ROLLBACK_RULES: rules, ...rest } = parsed.data;
  const alarmPrefix = each((one) => of[one].alarmPrefix);
  const budgets = ENVIRONMENTS.map((one) => [one, of[one].budget] as const).filter(
    ([, budget]) => budget !== undefined,
  );
  return {
    installation: rest.INSTALLATION,
    pipeline: rest.PIPELINE_NAME,
    table: rest.TABLE_NAME,
    releasesBucket: rest.RELEASES_BUCKET,
    topics: { deployments: rest.DEPLOYMENTS_TOPIC_ARN, rollbacks: rest.ROLLBACKS_TOPIC_ARN },
    artifactsBucket: each((one) => of[one].artifactsBucket),
    names: {
      pipeline: rest.PIPELINE_NAME,
      alarmPrefix,
      deployProject: each((one) => of[one].deployProject),
      workerProject: each((one) => of[one].workerProject),
    },
    rules: {
      watchWindowMs: each((one) => of[one].watchWindowSeconds * 1000),
      alarmPrefix,
      budget: Object.fromEntries(budgets),
      budgetWindowMs: rules.budgetWindowSeconds * 1000,
    },
    validation: {
      settleMs: rules.settleSeconds * 1000,
      graceMs: rules.graceSeconds * 1000,
      longestMs: rules.longestValidationSeconds * 1000,
      alarmPrefix,
    },
  };
}

function each<T>(value: (environment: Environment) => T): Record<Environment, T> {
  return { test: value("test"), staging: value("staging"), production: value("production") };
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
