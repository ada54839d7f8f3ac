import type { DeploymentRecord } from "../deployments/domain";
import type { RollbackOutcome } from "../deployments/domainRollback";
import type { Outcome } from "../deployments/ports";
import type { RollbackStep } from "../types";
import { isRunning, outcomeOf, type Running } from "./domainProgress";
import { nextPart } from "./fullRollback";
import type { RollbackPorts, RollbackRequest, RollbackResult, RollbackRun, ValidationRules } from "./ports";
import { runStep } from "./steps";

/** More than a full rollback of all environments takes; one that needs more is wrong and must not spin. */
const MOST_STEPS = 60;

/** Where one step leaves the rollback. */
type Moved = { readonly kind: "again" } | RollbackRun;
const AGAIN: Moved = { kind: "again" };

/**
 * Carries rollbacks out. Each step is persisted before the next begins, so any call at any time goes on where the last
 * one got to: a duplicate event, a second call or a crash ends the same.
 */
export class RollbackOrchestrator {
  constructor(
    private readonly ports: RollbackPorts,
    private readonly rules: ValidationRules,
  ) {}

  /** Claims the environment and takes the deployment back, as far as it gets without waiting. */
  async executeRollback(request: RollbackRequest): Promise<RollbackRun> {
    const started = await this.recordRollbackStart(request);
    if (started.kind === "stale") return { kind: "stale", because: started.because };
    return this.resume(started.record.deploymentId);
  }

  /** Goes on with a rollback that is under way. */
  async resume(deploymentId: string): Promise<RollbackRun> {
    for (let count = 0; count < MOST_STEPS; count++) {
      const record = await this.ports.deployments.deployment(deploymentId);
      if (record === undefined) return { kind: "stale", because: `there is no deployment ${deploymentId}` };
      if (!isRunning(record)) return endedAlready(record);
      const moved = await this.step(record);
      if (moved.kind !== "again") return moved;
    }
    throw new Error(`the rollback of ${deploymentId} did not come to an end in ${MOST_STEPS} steps`);
  }

  /** The next step of one environment. */
  async rollbackStage(record: Running, step: RollbackStep): Promise<Moved> {
    const result = await runStep(step, record, this.ports, this.rules);
    if (result.kind === "wait") return this.waiting(record, result.because, result.rollback);
    // Refused: somebody else did the same step. What is persisted now is gone on from.
    await this.ports.rollbacks.advance(record, result.rollback, result.changes);
    return AGAIN;
  }

  /** The next environment in which the bad release is live, production first. */
  async rollbackFull(record: Running): Promise<Moved> {
    const part = await nextPart(record, this.ports);
    switch (part.kind) {
      case "advance":
        await this.ports.rollbacks.advance(record, part.rollback);
        return AGAIN;
      case "wait":
        return this.waiting(record, part.because);
      case "claim":
        return this.ofPart(record, await this.executeRollback(part.request));
      case "resume":
        return this.ofPart(record, await this.resume(part.deploymentId));
      default:
        return part satisfies never;
    }
  }

  async recordRollbackStart({ record, state, claim, waiting }: RollbackRequest): Promise<Outcome> {
    const outcome = await this.ports.rollbacks.claim(record, state, claim, waiting);
    if (outcome.kind === "stale") return outcome;
    const { deploymentId, environment, version } = record;
    const { cause, because, target, root } = claim;
    this.ports.log.info("rollback claimed", {
      deploymentId,
      environment,
      version,
      cause,
      because,
      target: target.version,
    });
    await this.ports.metrics.publishRollback(environment, root === undefined ? "stage" : "full");
    return outcome;
  }

  recordRollbackSuccess(record: Running, outcome: RollbackOutcome): Promise<RollbackRun> {
    return this.end(record, outcome);
  }

  recordRollbackFailure(record: Running, outcome: RollbackOutcome): Promise<RollbackRun> {
    return this.end(record, outcome);
  }

  private step(record: Running): Promise<Moved> {
    const { next } = record.rollback;
    if (next === "parts") return this.rollbackFull(record);
    if (next !== "end") return this.rollbackStage(record, next);
    const outcome = outcomeOf(record.rollback);
    return outcome.kind === "failed"
      ? this.recordRollbackFailure(record, outcome)
      : this.recordRollbackSuccess(record, outcome);
  }

  private async end(record: Running, outcome: RollbackOutcome): Promise<RollbackRun> {
    const written = await this.ports.rollbacks.end(record, outcome);
    if (written.kind === "stale") return { kind: "stale", because: written.because };
    const { deploymentId, environment, rollback } = record;
    const seconds = (this.ports.now() - rollback.claimedAt) / 1000;
    this.ports.log.info("rollback ended", { deploymentId, environment, ...outcome, level: rollback.level, seconds });
    await this.ports.metrics.publishRollbackDuration(environment, rollback.level, seconds);
    return endedAlready(written.record);
  }

  /** Whoever waits extends the lease: a lease that has run out means that nobody resumes this rollback any more. */
  private async waiting(record: Running, because: string, rollback = record.rollback): Promise<RollbackRun> {
    await this.ports.rollbacks.advance(record, rollback);
    this.ports.log.info("rollback waits", { deploymentId: record.deploymentId, next: record.rollback.next, because });
    return { kind: "waiting", because };
  }

  private async ofPart(record: Running, run: RollbackRun): Promise<Moved> {
    return run.kind === "ended" ? AGAIN : this.waiting(record, run.because);
  }
}

function endedAlready(record: DeploymentRecord): RollbackRun {
  const success = record.rollbackStatus === "done";
  const result: RollbackResult = { success, level: success ? (record.rollbackLevel ?? "stage") : "none" };
  if (record.rollbackStatus === "none") return { kind: "stale", because: `${record.deploymentId} is not taken back` };
  return { kind: "ended", result, record };
}
