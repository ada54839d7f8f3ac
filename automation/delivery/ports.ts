import { type Deployments, type HolderWatch } from "../../runtime/deployments/ports";
import { type AlarmSource, type Clock } from "../../runtime/health/ports";
import { type Release } from "../../runtime/releases/domain";
import { type ReleasePointer, type Releases } from "../../runtime/releases/ports";
import { type ResourceChange } from "../engine/events";
import { type ChangeSummary } from "../engine/port";
import { type PendingOperation } from "../engine/repair";
import { type Progress } from "../progress";

/** What a preview of the worker's infrastructure showed; `apply` does exactly that. */
export interface PreviewedInfrastructure {
  readonly counts: ChangeSummary;
  readonly changes: readonly ResourceChange[];
  /** @throws Problem `failed` when the state is no longer the one that was previewed. */
  apply(message: string): Promise<void>;
}

/** The worker's infrastructure in one environment. */
export interface WorkerInfrastructure {
  /**
   * Previews the release's program.
   * @param readOnly an environment without a stack is previewed in a throw-away one, so that nothing is written.
   */
  preview(release: Release, readOnly: boolean): Promise<PreviewedInfrastructure>;
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
