import type { RollbackValidation } from "../deployments/domainRollback";
import type { JobStatus } from "../health/domain";
import { messageOf } from "../messageOf";
import { advance, type Running, stepDone, type StepResult, withFailure } from "./domainProgress";
import { judgeRestored, validationDeadline, type ValidationVerdict } from "./domainValidation";
import type { RollbackPorts, ValidationRules, WatchedAlarm } from "./ports";

/** Looks at a rolled back environment until it is right, wrong, or the time is up. */
export class RollbackValidator {
  constructor(
    private readonly ports: Pick<RollbackPorts, "alarms" | "jobs" | "pointer" | "now">,
    private readonly rules: ValidationRules,
  ) {}

  /** One look; the canary job of the look before is what this one judges by. */
  async validateRollback(record: Running): Promise<StepResult> {
    const { rollback, environment } = record;
    const now = this.ports.now();
    const alarms = await this.ports.alarms.sightings(this.rules.alarmPrefix[environment]);
    const validation = rollback.validation ?? {
      startedAt: now,
      deadline: validationDeadline(now, alarms, this.rules),
      canaries: 0,
    };
    const { canaryJobId } = validation;
    if (canaryJobId === undefined) return this.startCanary(record, validation, now);
    const verdict = await this.judge(record, canaryJobId, alarms);
    switch (verdict.kind) {
      case "restored":
        return advance(stepDone(rollback, "validate", verdict.because, now));
      case "failed": {
        const done = stepDone(rollback, "validate", verdict.because, now);
        // The first time every environment in which the release is live goes back; the second time it is a failure.
        if (rollback.round === 1 && rollback.root === undefined) {
          return advance({ ...done, level: "full", next: "parts" });
        }
        return advance(withFailure(done, verdict.because));
      }
      case "waiting":
        return unlessLate(record, validation, verdict.because, now);
      case "error":
        // The one canary says nothing about the release: the next look starts another.
        return unlessLate(record, { ...validation, canaryJobId: undefined }, verdict.because, now);
      default:
        return verdict satisfies never;
    }
  }

  private async startCanary(record: Running, validation: RollbackValidation, now: number): Promise<StepResult> {
    const { rollback, deploymentId, environment } = record;
    const canaries = validation.canaries + 1;
    const token = `${deploymentId}-rollback-${rollback.token}-${rollback.round}-${canaries}`;
    try {
      const canaryJobId = await this.ports.jobs(environment).start(token);
      return advance({ ...rollback, validation: { ...validation, canaries, canaryJobId } });
    } catch (error) {
      const because = `canary job ${token}: not started: ${messageOf(error)}`;
      return unlessLate(record, validation, because, now);
    }
  }

  private async judge(record: Running, jobId: string, alarms: readonly WatchedAlarm[]): Promise<ValidationVerdict> {
    const { environment, alarmsBefore, rollback } = record;
    const [status, { current }] = await Promise.all([
      this.jobStatus(record, jobId),
      this.ports.pointer(environment).readCurrent(),
    ]);
    const { version } = rollback.target;
    return judgeRestored({ version, pointedTo: current?.version, canary: { jobId, status }, alarms, alarmsBefore });
  }

  private async jobStatus({ environment }: Running, jobId: string): Promise<JobStatus> {
    try {
      return await this.ports.jobs(environment).status(jobId);
    } catch (error) {
      return { kind: "error", because: messageOf(error) };
    }
  }
}

/** Until the deadline there is another look. Then what was seen is right, but not all of it: a human looks. */
function unlessLate({ rollback }: Running, validation: RollbackValidation, because: string, now: number): StepResult {
  if (now < validation.deadline) return { kind: "wait", because, rollback: { ...rollback, validation } };
  return advance({
    ...stepDone(rollback, "validate", `not all of it could be seen in time: ${because}`, now),
    inconclusive: because,
  });
}
