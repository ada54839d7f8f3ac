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

/**
 * What the observations so far amount to. Once failed, more observations never make it anything else; only a canary
 * that ran to its end and a last look at the alarms make it healthy: no data is not health.
 */
export function judge(seen: Observations, alarmsBefore: readonly string[]): HealthVerdict {
  return failure(seen, alarmsBefore) ?? unmeasured(seen) ?? enough(seen);
}

/** How a canary job ended. The wrong release in a job that succeeds is still the wrong release. */
export function canaryAfter(canary: CanaryRun, status: JobStatus, version: string): CanaryRun {
  switch (status.kind) {
    case "running":
      return { ...canary, because: undefined };
    case "failed":
    case "error":
      return { ...canary, status: status.kind, because: status.because };
    case "succeeded": {
      if (status.releaseVersion === version) return { ...canary, status: "succeeded", because: undefined };
      const ran =
        status.releaseVersion === undefined ? "did not say which release it ran" : `ran ${status.releaseVersion}`;
      return { ...canary, status: "failed", because: `it ${ran}; it should run ${version}` };
    }
    default:
      return status satisfies never;
  }
}

function failure({ readings, canaries }: Observations, alarmsBefore: readonly string[]): HealthVerdict | undefined {
  const raised = new Map<string, AlarmInfo>();
  for (const reading of readings) {
    if (reading.kind !== "read") continue;
    for (const alarm of reading.alarms) {
      if (alarm.state === "ALARM" && !alarmsBefore.includes(alarm.name)) raised.set(alarm.name, alarm);
    }
  }
  const failed = canaries.filter((canary) => canary.status === "failed");
  const reasons = [
    ...[...raised.values()].map(({ name, reason }) => `alarm ${name} went off${reason ? ` (${reason})` : ""}`),
    ...failed.map(({ jobId, because }) => `canary job ${jobId} failed: ${because ?? "no reason was given"}`),
  ];
  if (reasons.length === 0) return undefined;
  return { kind: "failed", because: reasons.join("; "), failedAlarms: [...raised.values()] };
}

function unmeasured({ readings, canaries }: Observations): HealthVerdict | undefined {
  const last = readings.at(-1);
  if (last === undefined) return { kind: "error", because: "the alarms were never read" };
  if (last.kind === "unreadable") {
    return { kind: "error", because: `the alarms could not be read at the end: ${last.because}` };
  }
  const lost = canaries.filter((canary) => canary.status === "error");
  const ended = canaries.filter((canary) => canary.status === "succeeded");
  const because = lost.at(-1)?.because;
  if (lost.length === 0 || lost.length <= ended.length) return undefined;
  return { kind: "error", because: `${jobs(lost.length)} could not be run: ${because ?? "no reason was given"}` };
}

function enough({ canaries }: Observations): HealthVerdict {
  const running = canaries.filter((canary) => canary.status === "running");
  if (running.length > 0) {
    const names = running.map(({ jobId, because }) => (because === undefined ? jobId : `${jobId} (${because})`));
    return { kind: "inconclusive", because: `${jobs(running.length)} not ended: ${names.join(", ")}` };
  }
  const ended = canaries.filter((canary) => canary.status === "succeeded").length;
  if (ended === 0) return { kind: "inconclusive", because: "no canary job ran" };
  return { kind: "healthy", because: `no new alarm, and ${jobs(ended)} ran the release` };
}

function jobs(count: number): string {
  return `${count} canary job${count === 1 ? "" : "s"}`;
}
