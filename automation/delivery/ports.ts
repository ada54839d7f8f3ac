import { type Deployments, type HolderWatch } from "../../runtime/deployments/ports";
import { type AlarmSource, type Clock } from "../../runtime/health/ports";
import { type Release } from "../../runtime/releases/domain";
import { type ReleasePointer, type Releases } from "../../runtime/releases/ports";
import { type BoundPlan } from "../engine/boundPlan";
import { type ChangeSummary } from "../engine/port";
import { type PendingOperation } from "../engine/repair";
import { type Progress } from "../progress";

/** The worker's infrastructure in one environment. */
export interface WorkerInfrastructure {
  /**
   * Previews the release's program under the policies.
   * @param readOnly an environment without a stack is previewed in a throw-away one, so that nothing is written.
   */
  preview(release: Release, readOnly: boolean): Promise<BoundPlan>;
}

/** What bringing an environment's infrastructure back to an earlier release did. */
export interface UndoneInfrastructure {
  readonly counts: ChangeSummary;
  /** Operations of the update that was killed, whose end nobody knows. */
  readonly pending: readonly PendingOperation[];
}

/** Brings the worker's infrastructure back, whatever the update before left behind. */
export interface InfrastructureUndo {
  /**
   * @param alone throws when somebody else may be changing the infrastructure; asked before every step that writes.
   * @throws EngineProblem with the resources that could not be brought back.
   */
  undo(release: Release, message: string, alone: () => Promise<void>): Promise<UndoneInfrastructure>;
}

export interface DeployPorts {
  readonly releases: Pick<Releases, "readRelease" | "fetchFile">;
  readonly deployments: Deployments;
  readonly holders: HolderWatch;
  readonly alarms: AlarmSource;
  readonly pointer: ReleasePointer;
  readonly infrastructure: WorkerInfrastructure;
  readonly clock: Clock;
  readonly progress: Progress;
  /** Hands values to the pipeline as soon as they are known, so that they survive a failure. */
  export(values: Readonly<Record<string, string>>): Promise<void>;
}
