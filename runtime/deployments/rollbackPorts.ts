import type { DeploymentRecord, EnvironmentState } from "./domain";
import type { RollbackOutcome, RollbackProgress } from "./domainRollback";
import type { Ending, RollbackClaim } from "./domainRollbackMoments";
import type { Assignment } from "./domainWrites";
import type { Outcome } from "./ports";

/** The writes by which deployments end that did not succeed; `RollbackStateManager` is the one implementation. */
export interface RollbackDeployments {
  /** Takes the environment for a rollback; `stale` when anything changed since `state` was read. */
  claim(
    record: DeploymentRecord,
    state: EnvironmentState,
    claim: RollbackClaim,
    waiting?: DeploymentRecord,
  ): Promise<Outcome>;
  /**
   * Persists what a step did and extends the lease; `stale` when somebody else did it first.
   * @param set what it changed in the environment's state.
   */
  advance(record: DeploymentRecord, rollback: RollbackProgress, set?: readonly Assignment[]): Promise<Outcome>;
  /** Frees the lock with the outcome. */
  end(record: DeploymentRecord, outcome: RollbackOutcome): Promise<Outcome>;
  /** Ends a deployment that is not taken back. */
  endWithout(record: DeploymentRecord, state: EnvironmentState, ending: Ending): Promise<Outcome>;
}
