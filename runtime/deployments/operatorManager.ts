import type { Environment } from "../types";
import type { AcknowledgedChange, EnvironmentState } from "./domain";
import { acknowledged, held, lifted, resumed } from "./domainOperator";
import type { Hold, Quarantined } from "./domainRollback";
import type { Write } from "./domainWrites";
import type { DeploymentTable } from "./ports";

/** How often a change looks again when the state changed between reading and writing. */
const ATTEMPTS = 5;

/** Others changed the state each time between reading and writing. */
interface Contested {
  readonly kind: "contested";
}

/** `unchanged`: the environment was held already, by `hold`. */
export type HoldOutcome = { readonly kind: "held" | "unchanged"; readonly hold: Hold } | Contested;

/** `hold`: what was lifted. */
export type ResumeOutcome =
  { readonly kind: "resumed"; readonly hold: Hold } | { readonly kind: "not-held" } | Contested;

/** `quarantined`: what was lifted. */
export type LiftOutcome =
  { readonly kind: "lifted"; readonly quarantined: Quarantined } | { readonly kind: "not-quarantined" } | Contested;

/** `unchanged`: it had been acknowledged before. */
export type AcknowledgeOutcome =
  { readonly kind: "acknowledged" | "unchanged"; readonly change: AcknowledgedChange } | Contested;

/** What an operator changes about an environment; `OperatorStateManager` is the one implementation. */
export interface OperatorChanges {
  /** No deployment starts there any more; one that runs goes on, and rollbacks do. */
  hold(environment: Environment, by: string, because: string): Promise<HoldOutcome>;
  /** Ends every kind of hold. */
  resume(environment: Environment): Promise<ResumeOutcome>;
  liftQuarantine(environment: Environment, version: string): Promise<LiftOutcome>;
  /** Lets the change of this digest happen once; it takes the place of an earlier one. */
  acknowledge(environment: Environment, digest: string, by: string, because: string): Promise<AcknowledgeOutcome>;
}

/** The operator's changes of an environment's state, on the same table as deployments. Doing one twice is doing it once. */
export class OperatorStateManager implements OperatorChanges {
  constructor(
    private readonly table: Pick<DeploymentTable, "state" | "commit">,
    /** Milliseconds since 1970. */
    private readonly now: () => number,
  ) {}

  hold(environment: Environment, by: string, because: string): Promise<HoldOutcome> {
    return this.change<HoldOutcome>(environment, (state) => {
      if (state.hold !== undefined) return { outcome: { kind: "unchanged", hold: state.hold } };
      const hold: Hold = { kind: "operator", by, because, since: this.now() };
      return { outcome: { kind: "held", hold }, writes: held(state, hold) };
    });
  }

  resume(environment: Environment): Promise<ResumeOutcome> {
    return this.change<ResumeOutcome>(environment, (state) => {
      if (state.hold === undefined) return { outcome: { kind: "not-held" } };
      return { outcome: { kind: "resumed", hold: state.hold }, writes: resumed(state) };
    });
  }

  liftQuarantine(environment: Environment, version: string): Promise<LiftOutcome> {
    return this.change<LiftOutcome>(environment, (state) => {
      const quarantined = state.quarantine?.find((one) => one.version === version);
      if (quarantined === undefined) return { outcome: { kind: "not-quarantined" } };
      return { outcome: { kind: "lifted", quarantined }, writes: lifted(state, version) };
    });
  }

  acknowledge(environment: Environment, digest: string, by: string, because: string): Promise<AcknowledgeOutcome> {
    return this.change<AcknowledgeOutcome>(environment, (state) => {
      const known = state.acknowledgedChange;
      if (known?.digest === digest) return { outcome: { kind: "unchanged", change: known } };
      const change: AcknowledgedChange = { digest, by, because, at: this.now() };
      return { outcome: { kind: "acknowledged", change }, writes: acknowledged(state, change) };
    });
  }

  private async change<T>(
    environment: Environment,
    decide: (state: EnvironmentState) => { readonly outcome: T; readonly writes?: readonly Write[] },
  ): Promise<T | Contested> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { outcome, writes } = decide(await this.table.state(environment));
      if (writes === undefined || (await this.table.commit(writes)) === "committed") return outcome;
    }
    return { kind: "contested" };
  }
}
