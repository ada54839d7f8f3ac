import type { RollbackLevel } from "../types";

/** Who is told: the installation's topics. */
export const NOTICE_TOPICS = ["deployments", "rollbacks"] as const;
export type NoticeTopic = (typeof NOTICE_TOPICS)[number];

export const NOTICE_EVENTS = [
  "deployment_started",
  "deployment_succeeded",
  "deployment_failed",
  "rollback_initiated",
  "rollback_succeeded",
  "rollback_failed",
  "attention_needed",
] as const;
export type NoticeEvent = (typeof NOTICE_EVENTS)[number];

/** What is published: one JSON object, its values never a secret. */
export interface NoticeMessage {
  readonly event: NoticeEvent;
  /** `none`: it concerns the pipeline before any environment. */
  readonly environment: string;
  /** ISO 8601, whole seconds. */
  readonly timestamp: string;
  readonly version?: string | undefined;
  readonly commitMessage?: string | undefined;
  readonly commitAuthor?: string | undefined;
  readonly pipelineExecutionId?: string | undefined;
  readonly deploymentId?: string | undefined;
  /** Such as `45m 30s`. */
  readonly duration?: string | undefined;
  readonly testResults?: Readonly<Record<string, string>> | undefined;
  readonly currentVersion?: string | undefined;
  readonly targetVersion?: string | undefined;
  readonly level?: RollbackLevel | "none" | undefined;
  readonly reason?: string | undefined;
  /** What a human can do now. */
  readonly remedy?: string | undefined;
}

/** A message that was decided together with what it tells, and is delivered after it, at least once. */
export interface Notice {
  /** Says the same only once: a notice whose id exists is not queued again. */
  readonly id: string;
  readonly topic: NoticeTopic;
  readonly message: NoticeMessage;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}
