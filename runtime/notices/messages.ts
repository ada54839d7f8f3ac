import { createHash } from "node:crypto";
import type { DeploymentRecord } from "../deployments/domain";
import type { Notice, NoticeEvent, NoticeMessage, NoticeTopic } from "./domain";

/** What is told of a failed stage. */
interface StageFailure {
  readonly executionId: string;
  readonly stage: string;
  /** From 1; a retried stage is another attempt. */
  readonly attempt: number;
  readonly because: string;
}

/** Messages come from outside, and an SNS message may have 256 KB; people read the beginning. */
const MAX_REASON = 1_000;

export function deploymentStartedNotice(record: DeploymentRecord, now: number): Notice {
  const { version, commitMessage, commitAuthor, pipelineExecutionId } = record;
  return ofDeployment(record, "deployment_started", now, { version, commitMessage, commitAuthor, pipelineExecutionId });
}

export function deploymentSucceededNotice(record: DeploymentRecord, now: number): Notice {
  const passed = (value: boolean): string => (value ? "passed" : "not run");
  return ofDeployment(record, "deployment_succeeded", now, {
    version: record.version,
    duration: durationText(now - record.startTime),
    testResults: {
      unitTests: passed(record.unitTestsPassed),
      integrationTests: passed(record.integrationTestsPassed),
      e2eTests: passed(record.e2eTestsPassed),
      coverage: `${record.coveragePercentage}%`,
    },
  });
}

export function deploymentFailedNotice(record: DeploymentRecord, now: number): Notice {
  const { version, commitMessage, commitAuthor, pipelineExecutionId, failureReason: reason } = record;
  return ofDeployment(record, "deployment_failed", now, {
    version,
    commitMessage,
    commitAuthor,
    pipelineExecutionId,
    duration: durationText(now - record.startTime),
    reason,
  });
}

/** The three moments of a rollback. */
export function rollbackNotice(
  event: "rollback_initiated" | "rollback_succeeded" | "rollback_failed",
  record: DeploymentRecord,
  now: number,
): Notice {
  const { rollback } = record;
  if (rollback === undefined) throw new Error(`${record.deploymentId} has no rollback to tell of`);
  const ended = event !== "rollback_initiated";
  return ofDeployment(record, event, now, {
    currentVersion: record.version,
    targetVersion: rollback.target.version,
    reason: ended ? (rollback.outcome?.because ?? rollback.because) : rollback.because,
    level: event === "rollback_failed" ? "none" : rollback.level,
    ...(ended && { duration: durationText(now - rollback.claimedAt) }),
    ...(event === "rollback_failed" && {
      remedy: `Nothing is deployed into ${record.environment} until somebody has looked: kiro-pipeline status, then resume.`,
    }),
  });
}

/** For what no rule of the system may decide. */
export function attentionNotice(record: DeploymentRecord, because: string, now: number): Notice {
  const notice = ofDeployment(record, "attention_needed", now, {
    version: record.version,
    pipelineExecutionId: record.pipelineExecutionId,
    reason: because,
    remedy: "kiro-pipeline status shows what is live and why; rollback, hold, resume and quarantine act on it.",
  });
  // Another trouble of the same deployment is another notice; the same one is told once.
  return { ...notice, id: `${notice.id}#${createHash("sha256").update(because).digest("hex").slice(0, 12)}` };
}

/** A stage that failed, where no deployment tells of it. */
export function stageFailedNotice({ executionId, stage, attempt, because }: StageFailure, now: number): Notice {
  return {
    id: `pipeline#${executionId}#${stage}#${attempt}`,
    topic: "deployments",
    createdAt: now,
    message: {
      event: "deployment_failed",
      environment: "none",
      timestamp: timestamp(now),
      pipelineExecutionId: executionId,
      reason: because.slice(0, MAX_REASON),
    },
  };
}

/** Minutes and seconds, as the requirement documents write it: `45m 30s`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
}

function ofDeployment(
  { deploymentId, environment }: DeploymentRecord,
  event: NoticeEvent,
  now: number,
  details: Partial<NoticeMessage>,
): Notice {
  const topic: NoticeTopic = event.startsWith("deployment_") ? "deployments" : "rollbacks";
  const { reason } = details;
  return {
    id: `${deploymentId}#${event}`,
    topic,
    createdAt: now,
    message: {
      event,
      environment,
      timestamp: timestamp(now),
      deploymentId,
      ...details,
      ...(reason !== undefined && { reason: reason.slice(0, MAX_REASON) }),
    },
  };
}

function timestamp(now: number): string {
  return new Date(now).toISOString().replace(/\.\d+Z$/, "Z");
}
