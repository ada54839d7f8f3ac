import { z } from "zod";
import { ENVIRONMENTS, ROLLBACK_CAUSES, ROLLBACK_LEVELS, ROLLBACK_STEPS } from "../types";
import type { Hold, Quarantined, RollbackProgress, RollbackTarget } from "./domainRollback";

/** Milliseconds since 1970. */
export const time = z.int().nonnegative();

export const targetItem: z.ZodType<RollbackTarget> = z.object({
  version: z.string(),
  releaseDigest: z.string(),
  deploymentId: z.string(),
  infrastructureVersion: z.string().optional(),
});

export const rollbackItem: z.ZodType<RollbackProgress> = z.object({
  token: z.int().positive(),
  cause: z.enum(ROLLBACK_CAUSES),
  because: z.string(),
  failedAlarms: z.array(z.string()),
  target: targetItem,
  level: z.enum(ROLLBACK_LEVELS),
  root: z.string().optional(),
  claimedAt: time,
  alarmAt: time.optional(),
  round: z.int().positive(),
  next: z.enum([...ROLLBACK_STEPS, "parts", "end"]),
  done: z.array(z.object({ step: z.enum(ROLLBACK_STEPS), round: z.int().positive(), at: time, because: z.string() })),
  infrastructureBuildId: z.string().optional(),
  validation: z
    .object({ startedAt: time, deadline: time, canaries: z.int().nonnegative(), canaryJobId: z.string().optional() })
    .optional(),
  failure: z.string().optional(),
  inconclusive: z.string().optional(),
  parts: z.array(z.object({ environment: z.enum(ENVIRONMENTS), deploymentId: z.string() })).optional(),
  outcome: z.object({ kind: z.enum(["restored", "inconclusive", "failed"]), because: z.string() }).optional(),
});

export const holdItem: z.ZodType<Hold> = z.object({
  kind: z.enum(["operator", "frozen"]),
  by: z.string(),
  because: z.string(),
  since: time,
});

export const quarantinedItem: z.ZodType<Quarantined> = z.object({
  version: z.string(),
  deploymentId: z.string(),
  because: z.string(),
  since: time,
});
