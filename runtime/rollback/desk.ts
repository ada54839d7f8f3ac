import type { DeploymentRecord, EnvironmentState } from "../deployments/domain";
import { type Ending, failureOf } from "../deployments/domainEndings";
import type { Deployments, HolderWatch } from "../deployments/ports";
import type { RollbackDeployments } from "../deployments/rollbackPorts";
import { attentionNotice } from "../notices/messages";
import type { NoticeOutbox } from "../notices/ports";
import type { Releases } from "../releases/ports";
import type { Environment, RollbackCause } from "../types";
import { compatibilityOf } from "./compatibility";
import { decide, type Decision, type DeploymentHistory, type RollbackRules, type Trigger } from "./domain";
import type { RollbackOrchestrator } from "./orchestrator";
import type { RollbackRun } from "./ports";

export interface DeskPorts {
  readonly deployments: Pick<Deployments, "environmentState" | "deployment">;
  readonly rollbacks: RollbackDeployments;
  readonly holders: HolderWatch;
  readonly releases: Pick<Releases, "readRelease">;
  readonly notices: Pick<NoticeOutbox, "queue">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What was decided, and how far it got; no run where nothing is taken back. */
export interface Answer {
  readonly environment: Environment;
  readonly decision: Decision;
  readonly run?: RollbackRun | undefined;
}

interface Decided {
  readonly decision: Decision;
  readonly state: EnvironmentState;
}

/** Others act on the same environment: what changed while it was decided is decided again. */
const ATTEMPTS = 5;

/** The one door by which everything enters that may end a deployment or take it back: facts, decision, act. */
export class RollbackDesk {
  constructor(
    private readonly ports: DeskPorts,
    private readonly orchestrator: Pick<RollbackOrchestrator, "executeRollback" | "resume">,
    private readonly rules: RollbackRules,
  ) {}

  /** @throws Error when the environment changes faster than it can be decided on: a retry mends that. */
  async handle(environment: Environment, trigger: Trigger): Promise<Answer> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const decided = await this.look(environment, trigger);
      const run = await this.act(decided);
      if (run?.kind !== "stale") return { environment, decision: decided.decision, run };
    }
    throw new Error(`${environment} changed ${ATTEMPTS} times while it was decided on`);
  }

  /** The decision on live state, without acting on it. */
  async dryRun(environment: Environment, trigger: Trigger): Promise<Answer> {
    return { environment, decision: (await this.look(environment, trigger)).decision };
  }

  private async look(environment: Environment, trigger: Trigger): Promise<Decided> {
    const { deployments, holders, releases, now } = this.ports;
    const state = await deployments.environmentState(environment);
    const { lock, live } = state;
    const ofLive = live && (await deployments.deployment(live.deploymentId));
    const record = lock === undefined ? ofLive : await deployments.deployment(lock.deploymentId);
    const asked = trigger.kind === "tick" && lock?.purpose === "deployment";
    const history: DeploymentHistory = { live: ofLive, holder: asked ? await holders.activity(lock) : undefined };
    const at = now();
    const first = decide(trigger, state, record, history, this.rules, at);
    if (first.kind !== "roll-back") return { decision: first, state };
    const compatibility = await compatibilityOf(first.record, first.target, releases);
    return { decision: decide(trigger, state, record, { ...history, compatibility }, this.rules, at), state };
  }

  private async act({ decision, state }: Decided): Promise<RollbackRun | undefined> {
    switch (decision.kind) {
      case "roll-back": {
        const { record, waiting, ...claim } = decision;
        return this.orchestrator.executeRollback({ record, state, claim, waiting });
      }
      case "resume":
        return this.orchestrator.resume(decision.deploymentId);
      case "release-lock":
        return this.end(decision, state, { attention: false, freeze: false });
      case "hold":
        return this.end(decision, state, { attention: true, freeze: true });
      case "page-human":
        return this.page(decision, state);
      case "ignore":
        return undefined;
      default:
        return decision satisfies never;
    }
  }

  private async page(decision: Ends, state: EnvironmentState): Promise<RollbackRun | undefined> {
    const { record, because } = decision;
    const holds = state.lock?.deploymentId === record.deploymentId;
    if (holds) return this.end(decision, state, { attention: true, freeze: false });
    // Nothing has to end: the same trouble is told once, however often it is seen.
    await this.ports.notices.queue(attentionNotice(record, because, this.ports.now()));
    return undefined;
  }

  private async end(
    { record, because, cause }: Ends,
    state: EnvironmentState,
    how: Pick<Ending, "attention" | "freeze">,
  ): Promise<RollbackRun | undefined> {
    const failureKind = record.failureKind ?? failureOf(cause ?? "step");
    const outcome = await this.ports.rollbacks.endWithout(record, state, { because, failureKind, ...how });
    return outcome.kind === "stale" ? { kind: "stale", because: outcome.because } : undefined;
  }
}

/** What a decision says that ends a deployment without a rollback. */
interface Ends {
  readonly record: DeploymentRecord;
  readonly because: string;
  readonly cause?: RollbackCause | undefined;
}
