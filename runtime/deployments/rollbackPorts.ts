import type { CurrentPointer } from "../releases/domain";
import type { DeploymentRecord, EnvironmentState } from "./domain";
import type { RollbackOutcome, RollbackProgress } from "./domainRollback";
import type { Ending } from "./domainEndings";
import type { RollbackClaim, StateChanges } from "./domainRollbackMoments";
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
   * @param changes what it changed in the environment's state.
   */
  advance(record: DeploymentRecord, rollback: RollbackProgress, changes?: StateChanges): Promise<Outcome>;
  /** Frees the lock with the outcome. */
  end(record: DeploymentRecord, outcome: RollbackOutcome): Promise<Outcome>;
  /** The state follows the pointer; `refused` when anything changed since `state` was read. */
  reconcile(state: EnvironmentState, pointer: CurrentPointer): Promise<"committed" | "refused">;
  /** Ends a deployment that is not taken back. */
  endWithout(record: DeploymentRecord, state: EnvironmentState, ending: Ending): Promise<Outcome>;
}
