import type { RollbackProgress } from "../../runtime/deployments/domainRollback";
import type { RollbackStatus } from "../../runtime/types";

/** What the demo reads of the record of a deployment that is taken back. */
export interface RollbackRecord {
  readonly deploymentId: string;
  readonly environment: string;
  readonly version: string;
  readonly rollbackStatus: RollbackStatus;
  readonly infrastructureChanged: boolean;
  readonly rollback?: RollbackProgress | undefined;
  /** Milliseconds since 1970. */
  readonly rollbackTime?: number | undefined;
}

export interface RollbackStepLine {
  readonly step: string;
  /** From the alarm, or from the claim where no alarm was. */
  readonly seconds: number;
  readonly because: string;
}

/** A rollback as `.local/summary.json` has it. Seconds count from the alarm. */
export interface RollbackSummary {
  readonly environment: string;
  readonly level: string;
  readonly status: RollbackStatus;
  readonly from: string;
  readonly to: string;
  /** Until the pointer named the previous release, so that every job from then on runs it. */
  readonly secondsToRestored: number | null;
  /** Until the infrastructure was undone; null where the deployment had not changed it. */
  readonly secondsToInfrastructure: number | null;
  readonly steps: readonly RollbackStepLine[];
}

/** The steps so far, in their order: the claim, what was done, the end. */
export function rollbackSteps({ rollback, rollbackTime }: RollbackRecord): RollbackStepLine[] {
  if (rollback === undefined) return [];
  const since = (at: number) => Math.round((at - (rollback.alarmAt ?? rollback.claimedAt)) / 100) / 10;
  const claimed = { step: "claim", seconds: since(rollback.claimedAt), because: rollback.because };
  const done = rollback.done.map(({ step, at, because }) => ({ step, seconds: since(at), because }));
  const { outcome } = rollback;
  const end = outcome && rollbackTime !== undefined;
  return [
    claimed,
    ...done,
    ...(end ? [{ step: outcome.kind, seconds: since(rollbackTime), because: outcome.because }] : []),
  ];
}

export function summarizeRollback(record: RollbackRecord): RollbackSummary {
  const steps = rollbackSteps(record);
  const secondsTo = (step: string) => steps.find((line) => line.step === step)?.seconds ?? null;
  return {
    environment: record.environment,
    level: record.rollback?.level ?? "none",
    status: record.rollbackStatus,
    from: record.version,
    to: record.rollback?.target.version ?? "nothing",
    secondsToRestored: secondsTo("flip-pointer"),
    secondsToInfrastructure: record.infrastructureChanged ? secondsTo("undo-infrastructure") : null,
    steps,
  };
}
