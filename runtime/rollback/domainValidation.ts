import type { JobStatus } from "../health/domain";
import { canaryAfter } from "../health/domain";
import type { WatchedAlarm } from "./ports";

/** How long a validation may take, milliseconds. */
interface Limits {
  readonly settleMs: number;
  readonly graceMs: number;
  readonly longestMs: number;
}

/** What one look at a rolled back environment shows. */
export interface ValidationLook {
  /** The release that must run. */
  readonly version: string;
  /** What the pointer names. */
  readonly pointedTo: string | undefined;
  readonly canary: { readonly jobId: string; readonly status: JobStatus };
  readonly alarms: readonly WatchedAlarm[];
  /** Alarms that were on before the deployment came: it is not blamed for them, nor is its rollback. */
  readonly alarmsBefore: readonly string[];
}

/** failed: measured wrong; error: the canary could not be measured; waiting: right so far, not everything is. */
export type ValidationVerdict =
  | { readonly kind: "restored"; readonly because: string }
  | { readonly kind: "failed"; readonly because: string }
  | { readonly kind: "error"; readonly because: string }
  | { readonly kind: "waiting"; readonly because: string };

/**
 * Whether the environment is restored. Only the wrong version and failing health are failures: an alarm needs minutes to
 * clear, and the other environments are not punished for it.
 */
export function judgeRestored({ version, pointedTo, canary, alarms, alarmsBefore }: ValidationLook): ValidationVerdict {
  if (pointedTo !== version)
    return { kind: "failed", because: `current.json names ${pointedTo ?? "nothing"}, not ${version}` };
  const run = canaryAfter({ jobId: canary.jobId, startedAt: 0, status: "running" }, canary.status, version);
  const because = `canary job ${canary.jobId}: ${run.because ?? run.status}`;
  switch (run.status) {
    case "failed":
    case "error":
      return { kind: run.status, because };
    case "running":
      return { kind: "waiting", because };
    case "succeeded": {
      const on = alarms.filter(({ name, state }) => state === "ALARM" && !alarmsBefore.includes(name));
      if (on.length > 0)
        return { kind: "waiting", because: `still in ALARM: ${on.map(({ name }) => name).join(", ")}` };
      return { kind: "restored", because: `canary job ${canary.jobId} ran it, no alarm is on` };
    }
    default:
      return run.status satisfies never;
  }
}

/** One minute or so to settle, the longest evaluation of the environment's alarms, and some grace; never above the cap. */
export function validationDeadline(startedAt: number, alarms: readonly WatchedAlarm[], limits: Limits): number {
  const evaluation = Math.max(0, ...alarms.map(({ evaluationMs }) => evaluationMs));
  return startedAt + Math.min(limits.settleMs + evaluation + limits.graceMs, limits.longestMs);
}
