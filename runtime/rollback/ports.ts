import type { DeploymentRecord, EnvironmentState } from "../deployments/domain";
import type { RollbackClaim } from "../deployments/domainRollbackMoments";
import type { Deployments } from "../deployments/ports";
import type { RollbackDeployments } from "../deployments/rollbackPorts";
import type { JobRunner } from "../health/ports";
import type { PipelineMetrics } from "../metrics/ports";
import type { ReleasePointer, Releases } from "../releases/ports";
import type { Environment, RollbackLevel } from "../types";
import type { AlarmSighting } from "./domainAttribution";

/** The pipeline's executions. */
export interface PipelineExecutions {
  /** Stops and abandons one; one that has ended, or is stopping already, is fine. */
  stop(executionId: string, because: string): Promise<void>;
}

/** Builds of the deploy projects. */
export interface DeployBuilds {
  /** `unknown`: CodeBuild does not know it, which is never proof that it has ended. */
  status(buildId: string): Promise<"running" | "succeeded" | "failed" | "unknown">;
  /** Asks it to end; one that has ended is fine. */
  stop(buildId: string): Promise<void>;
  /** Starts the deploy project in mode `undo`. The same request twice is one build. Returns the build's id. */
  startUndo(undo: InfrastructureUndo): Promise<string>;
}

export interface InfrastructureUndo {
  readonly environment: Environment;
  /** The deployment that is taken back. */
  readonly deploymentId: string;
  readonly pipelineExecutionId: string;
  /** The claim's token: the build acts only while it is current. */
  readonly token: number;
  readonly round: number;
  /** The release whose infrastructure program is applied, and its digest. */
  readonly version: string;
  readonly releaseDigest: string;
}

/** The environment's alarms with what tells how long they take to clear. */
export interface WatchedAlarms {
  sightings(prefix: string): Promise<readonly WatchedAlarm[]>;
}

export interface WatchedAlarm extends AlarmSighting {
  /** Period times evaluation periods, milliseconds; 0 for a composite alarm. */
  readonly evaluationMs: number;
}

/** One line of structured log each. */
export interface RollbackLog {
  info(message: string, details: Readonly<Record<string, unknown>>): void;
  warn(message: string, details: Readonly<Record<string, unknown>>): void;
}

/** What a rollback is carried out with. */
export interface RollbackPorts {
  readonly deployments: Pick<Deployments, "environmentState" | "deployment">;
  readonly rollbacks: RollbackDeployments;
  readonly executions: PipelineExecutions;
  readonly builds: DeployBuilds;
  readonly releases: Pick<Releases, "readRelease">;
  readonly pointer: (environment: Environment) => ReleasePointer;
  readonly alarms: WatchedAlarms;
  /** Worker jobs of an environment, as canaries. */
  readonly jobs: (environment: Environment) => JobRunner;
  readonly metrics: Pick<PipelineMetrics, "publishRollback" | "publishRollbackDuration">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: RollbackLog;
}

/** The limits of carrying a rollback out, milliseconds. */
export interface ValidationRules {
  /** How long alarms may take to clear beside their own evaluation: settle before it and grace after it. */
  readonly settleMs: number;
  readonly graceMs: number;
  /** Whatever the alarms' periods, no validation takes longer. */
  readonly longestMs: number;
  /** Prefix of the environment's alarms; ends with `-`. */
  readonly alarmPrefix: Readonly<Record<Environment, string>>;
}

/** What is claimed: the deployment to take back, the state that this was decided on, and the decision. */
export interface RollbackRequest {
  readonly record: DeploymentRecord;
  readonly state: EnvironmentState;
  readonly claim: RollbackClaim;
  /** A later deployment that waits under the lock and has changed nothing yet. */
  readonly waiting?: DeploymentRecord | undefined;
}

/** The requirement's result; `none`: what was tried did not restore the environment. */
export interface RollbackResult {
  readonly success: boolean;
  readonly level: RollbackLevel | "none";
}

/** A call of the orchestrator ends the rollback, or waits for something that an event or the tick will tell. */
export type RollbackRun =
  | { readonly kind: "ended"; readonly result: RollbackResult; readonly record: DeploymentRecord }
  | { readonly kind: "waiting"; readonly because: string }
  /** Somebody else was faster, or there is no such rollback: what is there now is for the next look. */
  | { readonly kind: "stale"; readonly because: string };
