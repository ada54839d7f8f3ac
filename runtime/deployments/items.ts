import { z } from "zod";
import { UnreadableItemError } from "../errors";
import {
  DEPLOYMENT_STATUSES,
  ENVIRONMENTS,
  type Environment,
  FAILURE_KINDS,
  PHASES,
  ROLLBACK_LEVELS,
  ROLLBACK_STATUSES,
} from "../types";
import { holdItem, quarantinedItem, rollbackItem, targetItem, time } from "./rollbackItems";
import { type DeploymentRecord, type EnvironmentState, stateIdOf } from "./domain";

const count = z.int().nonnegative();

const proofItem = z.object({
  gates: z.array(z.object({ gate: z.string(), outcome: z.string(), because: z.string() })).optional(),
  appliedDigest: z.string().nullable().optional(),
  wantedDigest: z.string().nullable(),
  files: z.array(z.string()).optional(),
  policyPack: z.string().optional(),
  exemptions: z.array(z.string()).optional(),
  class: z.string().optional(),
  changes: z.array(z.string()).optional(),
  widened: z.array(z.string()).optional(),
  changeDigest: z.string().optional(),
  needsApproval: z.boolean().optional(),
});

/** Attributes that a later version added are left alone: an older tool must still be able to read what it undoes. */
const recordItem: z.ZodType<DeploymentRecord> = z.object({
  deploymentId: z.string(),
  environment: z.enum(ENVIRONMENTS),
  version: z.string(),
  releaseDigest: z.string(),
  status: z.enum(DEPLOYMENT_STATUSES),
  phase: z.enum(PHASES),
  startTime: time,
  endTime: time.optional(),
  buildId: z.string(),
  pipelineExecutionId: z.string(),
  lockToken: z.int().positive(),
  previousVersion: z.string().optional(),
  previousReleaseDigest: z.string().optional(),
  previousDeploymentId: z.string().optional(),
  previousInfrastructureVersion: z.string().optional(),
  alarmsBefore: z.array(z.string()),
  changingAt: time.optional(),
  activatedAt: time.optional(),
  infrastructureChanged: z.boolean(),
  infrastructureDigest: z.string().nullable(),
  infrastructureDecision: z
    .object({
      action: z.enum(["none", "up"]),
      because: z.string(),
      operations: z.record(z.string(), z.number()).optional(),
      proof: proofItem.optional(),
    })
    .optional(),
  commitMessage: z.string(),
  commitAuthor: z.string(),
  unitTestsPassed: z.boolean(),
  integrationTestsPassed: z.boolean(),
  e2eTestsPassed: z.boolean(),
  coveragePercentage: z.number(),
  testSummary: z.object({ total: count, passed: count, failed: count, skipped: count }).optional(),
  failedTests: z
    .array(z.object({ name: z.string(), suite: z.string(), error: z.string(), stackTrace: z.string().optional() }))
    .optional(),
  canaries: z
    .array(
      z.object({
        jobId: z.string(),
        startedAt: time,
        status: z.enum(["running", "succeeded", "failed", "error"]),
        because: z.string().optional(),
      }),
    )
    .optional(),
  failureReason: z.string().optional(),
  failureKind: z.enum(FAILURE_KINDS).optional(),
  lockBroken: z.object({ by: z.string(), because: z.string(), at: time }).optional(),
  rollbackStatus: z.enum(ROLLBACK_STATUSES),
  rollbackReason: z.string().optional(),
  rollbackLevel: z.enum(ROLLBACK_LEVELS).optional(),
  rollbackTime: time.optional(),
  rollback: rollbackItem.optional(),
  artifactLocation: z.string(),
  expiresAt: z.int().positive(),
});

const stateItem = z.object({
  token: z.int().nonnegative(),
  live: z
    .object({
      version: z.string(),
      releaseDigest: z.string(),
      deploymentId: z.string(),
      since: time,
      restoredFrom: z.string().optional(),
      before: targetItem.optional(),
    })
    .optional(),
  infrastructureVersion: z.string().optional(),
  infrastructureDigest: z.string().nullable().optional(),
  lastKnownGood: z.object({ version: z.string(), deploymentId: z.string() }).optional(),
  lock: z
    .object({
      deploymentId: z.string(),
      purpose: z.enum(["deployment", "rollback"]),
      token: z.int().positive(),
      leaseUntil: time,
      buildId: z.string(),
      pipelineExecutionId: z.string(),
      since: time,
    })
    .optional(),
  hold: holdItem.optional(),
  quarantine: z.array(quarantinedItem).optional(),
  acknowledgedChange: z.object({ digest: z.string(), by: z.string(), because: z.string(), at: time }).optional(),
  automaticRollbacks: z.array(time).optional(),
});

/** @throws UnreadableItemError that names every mistake and shows the item. */
export function recordOf(item: unknown): DeploymentRecord {
  return read(recordItem, item, keyOf(item));
}

/**
 * An environment without an item was never deployed to.
 * @throws UnreadableItemError
 */
export function stateOf(environment: Environment, item: unknown): EnvironmentState {
  if (item === undefined) return { environment, token: 0 };
  return { environment, ...read(stateItem, item, stateIdOf(environment)) };
}

function read<T>(schema: z.ZodType<T>, item: unknown, key: string): T {
  const parsed = schema.safeParse(item);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join(".") || "the item"}: ${issue.message}`);
  throw new UnreadableItemError(key, item, issues);
}

function keyOf(item: unknown): string {
  const key = z.object({ deploymentId: z.string() }).safeParse(item);
  return key.success ? key.data.deploymentId : "(without a key)";
}
