import type { AlarmInfo, HealthCheckResult } from "../types";
import type { CanaryRun } from "../deployments/domain";
import type { HealthVerdict, JobStatus } from "./domain";

/** All alarms, metric and composite, whose name begins with the prefix. */
export interface AlarmSource {
  states(prefix: string): Promise<readonly AlarmInfo[]>;
}

/** Runs the worker's job as a user would. */
export interface JobRunner {
  /** Starting twice with one token is starting once. Returns the job's id. */
  start(token: string): Promise<string>;
  status(jobId: string): Promise<JobStatus>;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

export interface HealthPorts {
  readonly alarms: AlarmSource;
  readonly jobs: JobRunner;
  readonly clock: Clock;
}

export interface HealthOptions {
  readonly deploymentId: string;
  /** What a canary job must report as its release. */
  readonly version: string;
  /** Ends with `-`, so that no other environment's alarms match. */
  readonly alarmPrefix: string;
  /** Alarms that were in ALARM before the deployment: excused. */
  readonly alarmsBefore: readonly string[];
  readonly pollIntervalMs: number;
  readonly canaryIntervalMs: number;
  /** How long after the bake a canary that still runs is waited for. */
  readonly canaryGraceMs: number;
  /** Called after each poll, e.g. to extend the lease; what it throws ends the monitoring. */
  readonly onPoll?: ((progress: HealthReport) => Promise<void>) | undefined;
}

/** The seeds' result with the verdict it rests on. `success` is true for `healthy` alone. */
export interface HealthReport extends HealthCheckResult {
  readonly verdict: HealthVerdict;
  readonly canaries: readonly CanaryRun[];
}
