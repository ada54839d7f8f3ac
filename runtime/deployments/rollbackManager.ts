import type { CurrentPointer } from "../releases/domain";
import { type DeploymentRecord, type EnvironmentState, LEASE_MS } from "./domain";
import type { RollbackOutcome, RollbackProgress } from "./domainRollback";
import { type Ending, endedWithout, reconciled } from "./domainEndings";
import { advanced, claim, rollbackEnded, type RollbackClaim, type StateChanges } from "./domainRollbackMoments";
import type { Moment } from "./domainWrites";
import type { DeploymentTable, Outcome } from "./ports";
import type { RollbackDeployments } from "./rollbackPorts";

/** The life of rollbacks, on the same table: what a caller may lose comes back as a value. */
export class RollbackStateManager implements RollbackDeployments {
  constructor(
    private readonly table: DeploymentTable,
    /** Milliseconds since 1970. */
    private readonly now: () => number,
    private readonly leaseMs: number = LEASE_MS,
  ) {}

  claim(
    record: DeploymentRecord,
    state: EnvironmentState,
    claimed: RollbackClaim,
    waiting?: DeploymentRecord,
  ): Promise<Outcome> {
    return this.commit(claim(record, state, claimed, waiting, this.now(), this.leaseMs));
  }

  advance(record: DeploymentRecord, rollback: RollbackProgress, changes: StateChanges = {}): Promise<Outcome> {
    return this.commit(advanced(record, rollback, changes, this.now() + this.leaseMs));
  }

  end(record: DeploymentRecord, outcome: RollbackOutcome): Promise<Outcome> {
    return this.commit(rollbackEnded(record, outcome, this.now()));
  }

  endWithout(record: DeploymentRecord, state: EnvironmentState, ending: Ending): Promise<Outcome> {
    return this.commit(endedWithout(record, state, ending, this.now()));
  }

  reconcile(state: EnvironmentState, pointer: CurrentPointer): Promise<"committed" | "refused"> {
    return this.table.commit(reconciled(state, pointer));
  }

  private async commit(moment: Moment): Promise<Outcome> {
    if ((await this.table.commit(moment.writes)) === "committed") return { kind: "done", record: moment.record };

    const { deploymentId, environment } = moment.record;
    const [record, state] = await Promise.all([this.table.record(deploymentId), this.table.state(environment)]);
    if (record !== undefined && moment.happened({ record, state })) return { kind: "done", record };
    const because =
      record === undefined
        ? `there is no deployment ${deploymentId}`
        : `${deploymentId} is ${record.status} (rollback ${record.rollbackStatus}) and ${environment} has token ${state.token} by now`;
    return { kind: "stale", because, record, lock: state.lock };
  }
}
