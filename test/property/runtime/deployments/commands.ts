import fc from "fast-check";
import {
  type DeploymentRecord,
  type HolderActivity,
  type Lock,
  transition,
} from "../../../../runtime/deployments/domain";
import { DeploymentStateManager } from "../../../../runtime/deployments/manager";
import type { DeploymentTable } from "../../../../runtime/deployments/ports";
import type { DeploymentStatus } from "../../../../runtime/types";
import { deploymentInfo, TEST_RESULTS } from "../../../unit/runtime/support/fixtures";

const LEASE_MS = 100;
const DEAD: HolderActivity = { execution: "terminal", build: "terminal" };

/** What must be true, kept apart from the table: who may hold the lock, and how each deployment stands. */
export interface Model {
  holder: string | undefined;
  leaseUntil: number;
  now: number;
  good: string | undefined;
  live: string | undefined;
  readonly status: Map<string, DeploymentStatus>;
}

/** The real thing: several builds, each of which knows only its own record and acts on it long after it may. */
export interface Real {
  readonly manager: DeploymentStateManager;
  readonly clock: { now: number };
  /** By slot of a build. */
  readonly records: Map<number, DeploymentRecord>;
  lastToken: number;
  /** Locks as builds saw them, possibly long ago. */
  seen: Lock | undefined;
  builds: number;
}

export function emptyModel(now: number): Model {
  return { holder: undefined, leaseUntil: 0, now, good: undefined, live: undefined, status: new Map() };
}

export function real(table: DeploymentTable, now: number): Real {
  const clock = { now };
  const manager = new DeploymentStateManager(table, () => clock.now, LEASE_MS);
  return { manager, clock, records: new Map(), lastToken: 0, seen: undefined, builds: 0 };
}

/** Counts how often each answer of each step came, so that a test can demand that all of them did. */
export type Reached = Map<string, number>;

abstract class Step implements fc.AsyncCommand<Model, Real> {
  constructor(
    readonly slot: number,
    protected readonly reached: Reached,
  ) {}

  abstract act(model: Model, real: Real): Promise<string>;

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    const answer = `${this.constructor.name}: ${await this.act(model, real)}`;
    this.reached.set(answer, (this.reached.get(answer) ?? 0) + 1);
    await assertConsistent(model, real);
  }

  toString(): string {
    return `${this.constructor.name}(${this.slot})`;
  }
}

class Passes extends Step {
  async act(model: Model, { clock }: Real): Promise<string> {
    clock.now += 1 + this.slot * 40;
    model.now = clock.now;
    return "time";
  }
}

class Starts extends Step {
  async act(model: Model, real: Real): Promise<string> {
    const buildId = newBuild(model, real);
    const outcome = await real.manager.recordDeploymentStart(deploymentInfo({ buildId }));
    if (outcome.kind === "lock-held") {
      assert(outcome.lock.deploymentId === model.holder, "tells another holder than the one there is");
      return "lock-held";
    }
    assert(outcome.kind === "done", "starts when nobody else writes");
    assert(model.holder === undefined, "two deployments hold the lock");
    begin(model, real, this.slot, outcome.record);
    return "done";
  }
}

class Looks extends Step {
  async act(_model: Model, real: Real): Promise<string> {
    real.seen = (await real.manager.environmentState("test")).lock ?? real.seen;
    return "seen";
  }
}

class TakesOver extends Step {
  async act(model: Model, real: Real): Promise<string> {
    if (real.seen === undefined) return "nothing seen";
    const lock = real.seen;
    const held = model.holder;
    const expired = model.now >= model.leaseUntil;
    const buildId = newBuild(model, real);
    const outcome = await real.manager.takeOver(deploymentInfo({ buildId }), lock, DEAD);
    if (outcome.kind !== "done") return outcome.kind;
    if (held !== undefined) {
      assert(held === lock.deploymentId && expired, "took a lock whose lease was running");
      if (model.status.get(held) === "in_progress") model.status.set(held, "failed");
    }
    begin(model, real, this.slot, outcome.record);
    return held === undefined ? "a free lock" : "done";
  }
}

class Breaks extends Step {
  async act(model: Model, real: Real): Promise<string> {
    if (real.seen === undefined) return "nothing seen";
    const outcome = await real.manager.breakLock("test", real.seen, DEAD, "operator", "dead");
    if (outcome.kind === "broken") {
      assert(outcome.lock.deploymentId === model.holder, "broke a lock that was not held");
      if (model.status.get(outcome.lock.deploymentId) === "in_progress") {
        model.status.set(outcome.lock.deploymentId, "failed");
      }
      model.holder = undefined;
    }
    return outcome.kind;
  }
}

/** The steps that a build takes with the record it knows, in whatever order and however late. */
const ACTIONS = ["change", "go live", "test", "bake", "extend", "succeed", "fail"] as const;
type Action = (typeof ACTIONS)[number];

class Acts extends Step {
  constructor(
    slot: number,
    reached: Reached,
    private readonly action: Action,
  ) {
    super(slot, reached);
  }

  async act(model: Model, real: Real): Promise<string> {
    const record = real.records.get(this.slot);
    if (record === undefined) return "nothing started";
    const before = await real.manager.deployment(record.deploymentId);
    const outcome = await this.write(record, real.manager);
    if (outcome.kind === "stale") return `${this.action} stale`;
    if ("leaseUntil" in outcome) {
      assert(model.holder === record.deploymentId, "extended the lease of a lock it does not hold");
      model.leaseUntil = outcome.leaseUntil;
      return "extend done";
    }
    this.believe(model, record, before?.status ?? "in_progress");
    return `${this.action} done`;
  }

  override toString(): string {
    return `${this.action}(${this.slot})`;
  }

  private write(record: DeploymentRecord, manager: DeploymentStateManager) {
    switch (this.action) {
      case "change":
        return manager.beginChange(record, { action: this.slot % 2 ? "up" : "none", because: "model" });
      case "go live":
        return manager.recordLive(record);
      case "test":
        return manager.recordTests(record, TEST_RESULTS);
      case "bake":
        return manager.beginBake(record);
      case "extend":
        return manager.extendLease(record);
      case "succeed":
        return manager.succeed(record, []);
      case "fail":
        return manager.fail(record, "model", "step");
    }
  }

  private believe(model: Model, { deploymentId }: DeploymentRecord, before: DeploymentStatus): void {
    const repeated = { succeed: "succeeded", fail: "failed" }[this.action as string] === before;
    if (repeated) return;
    assert(model.holder === deploymentId, `${this.action} without the lock`);
    if (this.action === "go live") model.live = deploymentId;
    if (this.action === "fail") this.become("failed", model, deploymentId, before);
    if (this.action !== "succeed") return;
    this.become("succeeded", model, deploymentId, before);
    model.holder = undefined;
    model.good = deploymentId;
  }

  private become(to: DeploymentStatus, model: Model, deploymentId: string, from: DeploymentStatus): void {
    assert(transition(from, to).kind === "allowed", `${from} became ${to}`);
    model.status.set(deploymentId, to);
  }
}

/** The next steps of one build in order, some or all: at random, success would hardly ever be reached. */
class Lives extends Step {
  constructor(
    slot: number,
    reached: Reached,
    private readonly steps: number,
  ) {
    super(slot, reached);
  }

  async act(model: Model, real: Real): Promise<string> {
    if (!real.records.has(this.slot)) await new Starts(this.slot, this.reached).act(model, real);
    for (const action of (["change", "go live", "test", "bake", "succeed"] as const).slice(0, this.steps)) {
      await new Acts(this.slot, this.reached, action).run(model, real);
    }
    return `${this.steps} steps`;
  }
}

export function commands(reached: Reached): fc.Arbitrary<fc.AsyncCommand<Model, Real>>[] {
  const slot = fc.nat(2);
  return [
    slot.map((at) => new Passes(at, reached)),
    slot.map((at) => new Starts(at, reached)),
    slot.map((at) => new Looks(at, reached)),
    slot.map((at) => new TakesOver(at, reached)),
    slot.map((at) => new Breaks(at, reached)),
    fc.tuple(slot, fc.constantFrom(...ACTIONS)).map(([at, action]) => new Acts(at, reached, action)),
    fc.tuple(slot, fc.integer({ min: 1, max: 5 })).map(([at, steps]) => new Lives(at, reached, steps)),
  ];
}

/** Up to three builds share a millisecond, and so want the same deployment id. */
function newBuild(model: Model, real: Real): string {
  real.builds++;
  if (real.builds % 3 === 0) model.now = ++real.clock.now;
  return `build:${real.builds}`;
}

function begin(model: Model, real: Real, slot: number, record: DeploymentRecord): void {
  assert(record.lockToken > real.lastToken, "the token did not grow");
  assert(!model.status.has(record.deploymentId), "an id was given out twice");
  real.lastToken = record.lockToken;
  real.records.set(slot, record);
  model.holder = record.deploymentId;
  model.status.set(record.deploymentId, "in_progress");
}

async function assertConsistent(model: Model, { manager, lastToken, clock }: Real): Promise<void> {
  const state = await manager.environmentState("test");
  assert(state.lock?.deploymentId === model.holder, `the lock is with ${state.lock?.deploymentId ?? "nobody"}`);
  assert(state.token === lastToken, "the counter is not the last token");
  assert(state.lock === undefined || state.lock.token === lastToken, "an old token holds the lock");
  assert(state.lastKnownGood?.deploymentId === model.good, "the last known good is not the last success");
  assert(state.live?.deploymentId === model.live, "the live release is not the last that was flipped");
  if (state.lock !== undefined) model.leaseUntil = state.lock.leaseUntil;
  for (const [id, status] of model.status) {
    const record = await manager.deployment(id);
    assert(record?.status === status, `${id} is ${record?.status ?? "gone"}, not ${status}`);
    if (record?.status === "in_progress") assert(model.holder === id, `${id} is in progress without the lock`);
    assert((record?.phase === "done") === (status === "succeeded"), `${id} is ${status} in phase ${record?.phase}`);
  }
  assert(clock.now === model.now, "the model lost the time");
}

function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}
