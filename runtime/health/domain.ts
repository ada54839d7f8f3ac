import type { CanaryRun } from "../deployments/domain";
import type { AlarmInfo } from "../types";

/** What a job runner says about one job. `error`: the job could not be run, which says nothing about the release. */
export type JobStatus =
  | { readonly kind: "running" }
  | { readonly kind: "succeeded"; readonly releaseVersion: string | undefined }
  | { readonly kind: "failed"; readonly because: string }
  | { readonly kind: "error"; readonly because: string };

/** failed: measured bad; error: could not measure; inconclusive: measured, but not enough to call it healthy. */
export type HealthVerdict =
  | { readonly kind: "healthy"; readonly because: string }
  | { readonly kind: "failed"; readonly because: string; readonly failedAlarms: readonly AlarmInfo[] }
  | { readonly kind: "error"; readonly because: string }
  | { readonly kind: "inconclusive"; readonly because: string };

export type AlarmReading =
  | { readonly kind: "read"; readonly at: number; readonly alarms: readonly AlarmInfo[] }
  | { readonly kind: "unreadable"; readonly at: number; readonly because: string };

/** Everything that was seen of one deployment so far; it only ever grows. */
export interface Observations {
  readonly readings: readonly AlarmReading[];
  readonly canaries: readonly CanaryRun[];
}
