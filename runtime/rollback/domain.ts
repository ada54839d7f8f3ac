import type { DeploymentRecord, EnvironmentState, HolderActivity } from "../deployments/domain";
import type { RollbackTarget } from "../deployments/domainRollback";
import type { Environment, RollbackCause } from "../types";
import { type AlarmSighting, attribute } from "./domainAttribution";
import { type Compatibility, refusedTarget, spentBudget, targetOf } from "./domainGuards";

/** What asks for a decision about one environment. */
export type Trigger =
  | { readonly kind: "alarm"; readonly alarm: AlarmSighting }
  /** Of the pipeline's stage that delivers to the environment. */
  | { readonly kind: "stage"; readonly executionId: string; readonly outcome: "failed" | "stopped" }
  /** A build of the environment's deploy project, or a canary job, ended. */
  | { readonly kind: "build"; readonly buildId: string }
  | {
      readonly kind: "operator";
      readonly by: string;
      readonly because: string;
      /** A release that was live there before; absent: what the deployment's record captured. */
      readonly to?: RollbackTarget | undefined;
    }
  /** Looks at everything, so that a lost event costs a minute. */
  | { readonly kind: "tick"; readonly alarms: readonly AlarmSighting[] };

/** EventBridge tries for an hour here (`components/rollback.ts`); whatever comes later was handed over by a person. */
const LATEST_EVENT_MS = 60 * 60_000;

export interface RollbackRules {
  /** How long after its success an alarm is still blamed on a deployment, milliseconds. */
  readonly watchWindowMs: Readonly<Record<Environment, number>>;
  /** Prefix of the environment's alarms; ends with `-`. */
  readonly alarmPrefix: Readonly<Record<Environment, string>>;
  /** Most automatic rollbacks within the budget's window, by environment; absent: they do not count there. */
  readonly budget: Readonly<Partial<Record<Environment, number>>>;
  readonly budgetWindowMs: number;
}

/** What is known beside the state and the record. */
export interface DeploymentHistory {
  /** The deployment of what is live, when `record` is another one that holds the lock. */
  readonly live?: DeploymentRecord | undefined;
  /** Whether the holder of the lock can still act; looked at by the tick. */
  readonly holder?: HolderActivity | undefined;
  /** From the releases; looked up once it is decided that one goes back, and then decided again. */
  readonly compatibility?: Compatibility | undefined;
}

export type Decision =
  | {
      readonly kind: "roll-back";
      readonly record: DeploymentRecord;
      /** A later deployment that waits under the lock and has changed nothing yet: it ends. */
      readonly waiting?: DeploymentRecord | undefined;
      readonly cause: RollbackCause;
      readonly target: RollbackTarget;
      readonly failedAlarms: readonly string[];
      readonly alarmAt?: number | undefined;
      /** Whether it uses up the environment's budget, and quarantines the release there. */
      readonly counts: boolean;
      readonly because: string;
    }
  /** A rollback is under way here: it goes on from its last step. */
  | { readonly kind: "resume"; readonly deploymentId: string; readonly because: string }
  /** Nothing was changed: the deployment failed and its lock is freed. */
  | { readonly kind: "release-lock"; readonly record: DeploymentRecord; readonly because: string }
  /** No rule may decide: a deployment under way ends without a rollback, a human is told. */
  | ({ readonly kind: "page-human" } & ForHumans)
  /** As `page-human`, and nothing is deployed until a human says so. */
  | ({ readonly kind: "hold" } & ForHumans)
  | { readonly kind: "ignore"; readonly because: string };

interface ForHumans {
  readonly record: DeploymentRecord;
  /** What would have taken it back; absent: that is not known. */
  readonly cause?: RollbackCause | undefined;
  readonly because: string;
}

/** The facts that a decision rests on, beside what triggered it. */
interface Situation {
  readonly state: EnvironmentState;
  readonly record: DeploymentRecord | undefined;
  readonly history: DeploymentHistory;
  readonly rules: RollbackRules;
  readonly now: number;
}

/**
 * What happens now in one environment. Pure: the same facts always give the same answer.
 *
 * @param record the deployment that holds the lock; without a lock, the one that made the live release live.
 * @param now milliseconds since 1970.
 */
export function decide(
  trigger: Trigger,
  state: EnvironmentState,
  record: DeploymentRecord | undefined,
  history: DeploymentHistory,
  rules: RollbackRules,
  now: number,
): Decision {
  const { lock } = state;
  if (lock?.purpose === "rollback") {
    return { kind: "resume", deploymentId: lock.deploymentId, because: `${lock.deploymentId} is being taken back` };
  }
  const situation: Situation = { state, record, history, rules, now };
  switch (trigger.kind) {
    case "alarm":
      return onAlarmEvent(trigger.alarm, situation);
    case "stage":
      return onStageEnd(trigger.executionId, trigger.outcome, situation);
    case "build":
      return ignore(`no rollback waits for build ${trigger.buildId}; how its deployment ends its stage tells`);
    case "operator":
      return onOperator(trigger, situation);
    case "tick":
      return onTick(trigger.alarms, situation);
    default:
      return trigger satisfies never;
  }
}

/** A deployment that only holds the lock has changed nothing: what runs is still what was live before. */
function suspect({ state, record, history }: Situation): DeploymentRecord | undefined {
  return state.lock !== undefined && record?.phase === "locked" ? history.live : record;
}

/** An event may be late, or be handed over again by a person: what it tells must still be news. */
function onAlarmEvent(alarm: AlarmSighting, situation: Situation): Decision {
  const { rules, state, now } = situation;
  const age = now - alarm.since;
  if (age > rules.watchWindowMs[state.environment] + LATEST_EVENT_MS) {
    return ignore(
      `the event of ${alarm.name} is ${Math.round(age / 60_000)} minutes old; what is on now, the tick sees`,
    );
  }
  return onAlarms([alarm], situation);
}

function onAlarms(alarms: readonly AlarmSighting[], situation: Situation): Decision {
  const { state, rules } = situation;
  const blamed = suspect(situation);
  if (blamed === undefined) return ignore("nothing was deployed here that an alarm could be blamed on");
  const { environment, deploymentId } = blamed;
  const found = attribute(alarms, blamed, rules.alarmPrefix[environment], rules.watchWindowMs[environment]);
  if (found.kind === "not-attributable") return ignore(found.because);
  const because = `alarm ${found.alarms.map(({ name }) => name).join(", ")} in ALARM state`;
  const { restoredFrom } = state.live?.deploymentId === deploymentId ? state.live : {};
  if (restoredFrom !== undefined) {
    return page(blamed, `${because}, but what is live was restored by the rollback of ${restoredFrom}`);
  }
  return goBack(blamed, "alarm", because, situation, {
    failedAlarms: found.alarms.map(({ name }) => name),
    alarmAt: Math.min(...found.alarms.map(({ since }) => since)),
  });
}

function onStageEnd(executionId: string, outcome: "failed" | "stopped", situation: Situation): Decision {
  const { record, state } = situation;
  if (state.lock === undefined || record?.pipelineExecutionId !== executionId) {
    return ignore(`no deployment of execution ${executionId} is open here`);
  }
  const because = record.failureReason ?? `its stage ${outcome === "failed" ? "failed" : "was stopped"}`;
  if (record.phase === "locked") return { kind: "release-lock", record, because };
  if (record.failureKind === "inconclusive" || record.failureKind === "error") {
    return page(record, `it could not be measured whether ${record.version} works: ${because}`);
  }
  return goBack(record, causeOf(record, outcome), because, situation);
}

/** Where nobody wrote why: a red test build fails the stage while the deployment is live and not yet baking. */
function causeOf(record: DeploymentRecord, outcome: "failed" | "stopped"): RollbackCause {
  if (record.failureKind === "tests" || record.failureKind === "health") return record.failureKind;
  if (record.failureKind === undefined && record.phase === "live" && outcome === "failed") return "tests";
  return "step";
}

function onTick(alarms: readonly AlarmSighting[], situation: Situation): Decision {
  const { record, history, state } = situation;
  if (state.lock !== undefined && record !== undefined && history.holder?.execution === "terminal") {
    return onStageEnd(record.pipelineExecutionId, "failed", situation);
  }
  return onAlarms(alarms, situation);
}

function onOperator({ by, because, to }: Extract<Trigger, { kind: "operator" }>, situation: Situation): Decision {
  const blamed = suspect(situation);
  if (blamed === undefined || situation.state.live === undefined) {
    return ignore("nothing is live here that could go back");
  }
  const decision = goBack(blamed, "operator", `${by}: ${because}`, situation, {}, to);
  // A human is there already: who asked is told why not.
  return decision.kind === "page-human" ? ignore(decision.because) : decision;
}

/** The guards that every way back passes. */
function goBack(
  blamed: DeploymentRecord,
  cause: RollbackCause,
  because: string,
  { state, record, history, rules, now }: Situation,
  alarm: { readonly failedAlarms?: readonly string[]; readonly alarmAt?: number } = {},
  to?: RollbackTarget,
): Decision {
  const { environment, deploymentId, rollbackStatus } = blamed;
  // Only a human tries again what has failed.
  const again = cause === "operator" && rollbackStatus === "failed";
  if (rollbackStatus !== "none" && !again) {
    return ignore(`${deploymentId} was taken back already (rollback ${rollbackStatus})`);
  }
  const target = targetOf(blamed, to);
  if (target.kind === "none") return page(blamed, `${because}; ${target.because}`, cause);
  const refusal = refusedTarget(target.target, blamed, state, history.compatibility);
  if (refusal !== undefined) return page(blamed, `${because}; ${refusal}`, cause);

  const counts = rules.budget[environment] !== undefined && (cause === "alarm" || cause === "health");
  const spent = counts ? spentBudget(state, environment, rules, now) : undefined;
  if (spent !== undefined) {
    if (state.lock === undefined && state.hold?.kind === "frozen")
      return ignore(`${because}; ${environment} is frozen`);
    return { kind: "hold", record: blamed, cause, because: `${because}; ${spent}` };
  }
  return {
    kind: "roll-back",
    record: blamed,
    waiting: record !== blamed && state.lock !== undefined ? record : undefined,
    cause,
    target: target.target,
    failedAlarms: alarm.failedAlarms ?? [],
    alarmAt: alarm.alarmAt,
    counts,
    because,
  };
}

function page(record: DeploymentRecord, because: string, cause?: RollbackCause): Decision {
  return { kind: "page-human", record, cause, because };
}

function ignore(because: string): Decision {
  return { kind: "ignore", because };
}
