import type { Environment, FailureKind, TestResults } from "../types";
import {
  type CanaryRun,
  type DeploymentInfo,
  type DeploymentRecord,
  type EnvironmentState,
  type HolderActivity,
  type InfrastructureDecision,
  LEASE_MS,
  type Lock,
  mayBreak,
  mayTakeOver,
  stateIdOf,
  transition,
} from "./domain";
import { broken, type DeadHolder, start } from "./domainLock";
import * as moments from "./domainMoments";
import type { Moment } from "./domainWrites";
import type {
  BreakOutcome,
  DeploymentPage,
  Deployments,
  DeploymentTable,
  LastKnownGood,
  LeaseOutcome,
  Outcome,
  PageRequest,
  StartOutcome,
} from "./ports";

/** How often a start looks again when the state changed between reading and writing. */
const START_ATTEMPTS = 5;
const DEFAULT_PAGE = 20;

/**
 * The life of deployments: reads, lets the domain compute the one transaction of each moment, commits it. What a caller
 * may lose (the lock, a race) comes back as a value; what throws is a bug or broken infrastructure.
 */
export class DeploymentStateManager implements Deployments {
  constructor(
    private readonly table: DeploymentTable,
    /** Milliseconds since 1970. */
    private readonly now: () => number,
    private readonly leaseMs: number = LEASE_MS,
  ) {}

  environmentState(environment: Environment): Promise<EnvironmentState> {
    return this.table.state(environment);
  }

  deployment(deploymentId: string): Promise<DeploymentRecord | undefined> {
    return this.table.record(deploymentId);
  }

  async recordDeploymentStart(info: DeploymentInfo): Promise<StartOutcome> {
    return this.start(info, (state) =>
      state.lock === undefined ? undefined : { kind: "lock-held", lock: state.lock },
    );
  }

  async takeOver(info: DeploymentInfo, from: Lock, holder: HolderActivity): Promise<StartOutcome> {
    const allowed = mayTakeOver(from, holder, this.now());
    if (allowed.kind === "refused") return { kind: "lock-held", lock: from };
    const record = await this.table.record(from.deploymentId);
    return this.start(
      info,
      (state) =>
        state.lock === undefined || state.lock.token === from.token
          ? undefined
          : { kind: "lock-held", lock: state.lock },
      { lock: from, record },
    );
  }

  beginChange(record: DeploymentRecord, decision: InfrastructureDecision): Promise<Outcome> {
    return this.commit(moments.changing(record, decision, this.now()));
  }

  recordLive(record: DeploymentRecord): Promise<Outcome> {
    return this.commit(moments.live(record, this.now()));
  }

  recordTests(record: DeploymentRecord, results: TestResults): Promise<Outcome> {
    return this.commit(moments.tests(record, results));
  }

  beginBake(record: DeploymentRecord): Promise<Outcome> {
    return this.commit(moments.baking(record, this.now(), this.leaseMs));
  }

  async extendLease(record: DeploymentRecord): Promise<LeaseOutcome> {
    const leaseUntil = this.now() + this.leaseMs;
    const outcome = await this.commit(moments.lease(record, leaseUntil));
    return outcome.kind === "done" ? { kind: "done", leaseUntil } : outcome;
  }

  succeed(record: DeploymentRecord, canaries: readonly CanaryRun[]): Promise<Outcome> {
    return this.commit(moments.succeeded(record, canaries, this.now()));
  }

  fail(
    record: DeploymentRecord,
    reason: string,
    kind: FailureKind,
    details: moments.FailureDetails = {},
  ): Promise<Outcome> {
    return this.commit(moments.failed(record, reason, kind, details, this.now()));
  }

  async updateDeploymentStatus(
    deploymentId: string,
    status: "succeeded" | "failed",
    details: { readonly reason?: string; readonly testResults?: TestResults } = {},
  ): Promise<Outcome> {
    const record = await this.table.record(deploymentId);
    if (record === undefined) {
      return { kind: "stale", because: `there is no deployment ${deploymentId}`, record, lock: undefined };
    }
    const allowed = transition(record.status, status);
    if (allowed.kind === "refused" && record.status !== status) {
      const { lock } = await this.table.state(record.environment);
      return { kind: "stale", because: allowed.because, record, lock };
    }
    let latest = record;
    if (details.testResults !== undefined && record.status === "in_progress") {
      const tested = await this.recordTests(record, details.testResults);
      if (tested.kind === "stale") return tested;
      latest = tested.record;
    }
    return status === "succeeded"
      ? this.succeed(latest, latest.canaries ?? [])
      : this.fail(latest, details.reason ?? "no reason was given", "step");
  }

  async breakLock(
    environment: Environment,
    lock: Lock,
    holder: HolderActivity,
    by: string,
    because: string,
  ): Promise<BreakOutcome> {
    const allowed = mayBreak(lock, holder, this.now());
    if (allowed.kind === "refused") return { kind: "refused", because: allowed.because, lock };

    const record = await this.table.record(lock.deploymentId);
    const writes = broken({ lock, record }, stateIdOf(environment), { by, because, at: this.now() });
    if ((await this.table.commit(writes)) === "committed") return { kind: "broken", lock };

    const found = await this.table.state(environment);
    if (found.lock === undefined) return { kind: "not-locked" };
    const changed =
      found.lock.token === lock.token ? "its deployment has just been written to" : "it is another lock by now";
    return { kind: "refused", because: `${changed}: look again`, lock: found.lock };
  }

  async getLastKnownGoodDeployment(environment: Environment): Promise<LastKnownGood | null> {
    const { lastKnownGood } = await this.table.state(environment);
    if (lastKnownGood === undefined) return null;
    return { ...lastKnownGood, record: await this.table.record(lastKnownGood.deploymentId) };
  }

  getDeploymentHistory(environment: Environment, page: Partial<PageRequest> = {}): Promise<DeploymentPage> {
    return this.table.history(environment, { ...page, limit: page.limit ?? DEFAULT_PAGE });
  }

  private async start(
    info: DeploymentInfo,
    blocked: (state: EnvironmentState) => StartOutcome | undefined,
    dead?: DeadHolder,
  ): Promise<StartOutcome> {
    let state = await this.table.state(info.environment);
    for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
      const held = blocked(state);
      if (held !== undefined) return held;
      // A later attempt takes a later millisecond: the id of this one may be taken by a deployment that has already ended.
      const moment = start(info, state, this.now() + attempt, this.leaseMs, state.lock && dead);
      if ((await this.table.commit(moment.writes)) === "committed") return { kind: "done", record: moment.record };

      state = await this.table.state(info.environment);
      const record = await this.table.record(moment.record.deploymentId);
      if (record !== undefined && moment.happened({ record, state })) return { kind: "done", record };
    }
    const because = "other deployments started and ended while this one tried to start";
    return { kind: "stale", because, record: undefined, lock: state.lock };
  }

  private async commit(moment: Moment): Promise<Outcome> {
    if ((await this.table.commit(moment.writes)) === "committed") return { kind: "done", record: moment.record };

    const { deploymentId, environment } = moment.record;
    const record = await this.table.record(deploymentId);
    const state = await this.table.state(environment);
    if (record !== undefined && moment.happened({ record, state })) return { kind: "done", record };
    return { kind: "stale", because: whyStale(moment.record, record, state.lock), record, lock: state.lock };
  }
}

function whyStale(wanted: DeploymentRecord, record: DeploymentRecord | undefined, lock: Lock | undefined): string {
  const { deploymentId } = wanted;
  if (record === undefined) return `there is no deployment ${deploymentId}`;
  if (lock === undefined) return `${deploymentId} is ${record.status} and its lock is freed`;
  if (lock.token !== wanted.lockToken) return `${lock.deploymentId} holds the lock, no longer ${deploymentId}`;
  return `${deploymentId} is ${record.status} in phase ${record.phase}`;
}
