import { describe, expect, it } from "@jest/globals";
import type { DeploymentRecord, EnvironmentState, Lock } from "../../../../runtime/deployments/domain";
import {
  decide,
  type Decision,
  type DeploymentHistory,
  type RollbackRules,
  type Trigger,
} from "../../../../runtime/rollback/domain";
import type { AlarmSighting } from "../../../../runtime/rollback/domainAttribution";
import { deploymentRecord } from "../support/deploymentRecord";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = 2_000_000;
const PREFIX = { test: "w-test-", staging: "w-staging-", production: "w-production-" };
const RULES: RollbackRules = {
  watchWindowMs: { test: 30 * MINUTE, staging: 30 * MINUTE, production: 60 * MINUTE },
  alarmPrefix: PREFIX,
  budget: { staging: 8, production: 4 },
  budgetWindowMs: 24 * HOUR,
};
const TARGET = { version: "b".repeat(40), releaseDigest: "f".repeat(64), deploymentId: "production#900000" };
const ALARM: AlarmSighting = { name: "w-production-failed-jobs", state: "ALARM", since: 1_500_000 };

/** The bad one: bakes in production and captured what was there before. */
const BAD = deploymentRecord({
  previousVersion: TARGET.version,
  previousReleaseDigest: TARGET.releaseDigest,
  previousDeploymentId: TARGET.deploymentId,
});
const LOCK: Lock = {
  deploymentId: BAD.deploymentId,
  purpose: "deployment",
  token: BAD.lockToken,
  leaseUntil: NOW + MINUTE,
  buildId: BAD.buildId,
  pipelineExecutionId: BAD.pipelineExecutionId,
  since: BAD.startTime,
};
const LIVE = {
  version: BAD.version,
  releaseDigest: BAD.releaseDigest,
  deploymentId: BAD.deploymentId,
  since: 1_020_000,
};
const STATE: EnvironmentState = { environment: "production", token: BAD.lockToken, live: LIVE, lock: LOCK };
const FREE: EnvironmentState = { ...STATE, lock: undefined };
const SUCCEEDED: DeploymentRecord = { ...BAD, status: "succeeded", phase: "done", endTime: 1_400_000 };
const FAILED: DeploymentRecord = {
  ...BAD,
  status: "failed",
  failureKind: "health",
  failureReason: "the bake failed",
  endTime: 1_600_000,
};

const onAlarm: Trigger = { kind: "alarm", alarm: ALARM };
const onFailure: Trigger = { kind: "stage", executionId: BAD.pipelineExecutionId, outcome: "failed" };
const asked: Trigger = { kind: "operator", by: "ada", because: "it looks wrong" };

function decided(
  trigger: Trigger,
  state: EnvironmentState = STATE,
  record: DeploymentRecord | undefined = BAD,
  history: DeploymentHistory = {},
): Decision {
  return decide(trigger, state, record, history, RULES, NOW);
}
const kindOf = (...args: Parameters<typeof decided>): string => decided(...args).kind;

describe("an alarm", () => {
  it("takes the deployment that bakes back to what its own record captured", () => {
    expect(decided(onAlarm)).toEqual({
      kind: "roll-back",
      record: BAD,
      waiting: undefined,
      cause: "alarm",
      target: { ...TARGET, infrastructureVersion: undefined },
      failedAlarms: [ALARM.name],
      alarmAt: ALARM.since,
      counts: true,
      because: "alarm w-production-failed-jobs in ALARM state",
    });
  });

  it("takes a deployment back that succeeded, for as long as its watch window lasts", () => {
    expect(kindOf(onAlarm, FREE, SUCCEEDED)).toBe("roll-back");
    const late = { ...ALARM, since: 1_400_000 + 60 * MINUTE + 1 };
    expect(decided({ kind: "alarm", alarm: late }, FREE, SUCCEEDED)).toEqual({
      kind: "ignore",
      because: "w-production-failed-jobs went off when the watch window of production#1000000 was over",
    });
  });

  it("counts when its event comes late, and no more when it is handed over again long after", () => {
    const at = (now: number) => decide(onAlarm, FREE, SUCCEEDED, {}, RULES, now).kind;
    const latest = ALARM.since + (60 + 60) * MINUTE;
    expect([at(latest), at(latest + 1)]).toEqual(["roll-back", "ignore"]);
    expect(decide(onAlarm, FREE, SUCCEEDED, {}, RULES, ALARM.since + 3 * HOUR)).toEqual({
      kind: "ignore",
      because: "the event of w-production-failed-jobs is 180 minutes old; what is on now, the tick sees",
    });
  });

  it("is ignored where nothing was deployed", () => {
    expect(decide(onAlarm, { environment: "production", token: 0 }, undefined, {}, RULES, NOW)).toEqual({
      kind: "ignore",
      because: "nothing was deployed here that an alarm could be blamed on",
    });
  });

  it("is blamed on what is live, not on a deployment that only holds the lock, which ends", () => {
    const waiting = { ...BAD, deploymentId: "production#1900000", phase: "locked" as const, changingAt: undefined };
    const state = { ...STATE, lock: { ...LOCK, deploymentId: waiting.deploymentId } };
    expect(decided(onAlarm, state, waiting, { live: SUCCEEDED })).toMatchObject({
      kind: "roll-back",
      record: SUCCEEDED,
      waiting,
    });
    expect(kindOf(onAlarm, state, waiting, { live: undefined })).toBe("ignore");
  });

  it("is blamed on a deployment that is changing the environment, although another one is still live", () => {
    const changing = { ...BAD, phase: "changing" as const };
    expect(decided(onAlarm, STATE, changing, { live: SUCCEEDED })).toMatchObject({
      kind: "roll-back",
      record: changing,
    });
  });

  it("pages for what a rollback restored: a rollback is never undone by a rollback", () => {
    const restored = { ...FREE, live: { ...LIVE, restoredFrom: "production#1800000" } };
    expect(decided(onAlarm, restored, SUCCEEDED)).toEqual({
      kind: "page-human",
      record: SUCCEEDED,
      because:
        "alarm w-production-failed-jobs in ALARM state, but what is live was restored by the rollback of production#1800000",
    });
  });

  it("does not excuse a newer deployment by what an older rollback restored before it", () => {
    const restored = { ...STATE, live: { ...LIVE, deploymentId: "production#900000", restoredFrom: "production#1" } };
    expect(kindOf(onAlarm, restored, { ...BAD, phase: "changing" })).toBe("roll-back");
  });

  it.each(["running", "done", "failed"] as const)("takes nothing back twice (rollback %s)", (rollbackStatus) => {
    expect(decided(onAlarm, STATE, { ...BAD, rollbackStatus })).toEqual({
      kind: "ignore",
      because: `production#1000000 was taken back already (rollback ${rollbackStatus})`,
    });
  });

  it("uses up no budget in test, where nobody is hurt", () => {
    const alarm = { ...ALARM, name: "w-test-failed-jobs" };
    const record = { ...BAD, environment: "test" as const };
    expect(decided({ kind: "alarm", alarm }, { ...STATE, environment: "test" }, record)).toMatchObject({
      kind: "roll-back",
      counts: false,
    });
  });
});

describe("a rollback that is under way", () => {
  it.each<[string, Trigger]>([
    ["an alarm", onAlarm],
    ["a failed stage", onFailure],
    ["a build", { kind: "build", buildId: "deploy:2" }],
    ["an operator", asked],
    ["the tick", { kind: "tick", alarms: [] }],
  ])("goes on, whatever comes: %s", (_, trigger) => {
    const state = { ...STATE, lock: { ...LOCK, purpose: "rollback" as const } };
    expect(decided(trigger, state, { ...BAD, rollbackStatus: "running" })).toEqual({
      kind: "resume",
      deploymentId: BAD.deploymentId,
      because: "production#1000000 is being taken back",
    });
  });
});

describe("a stage that ended badly", () => {
  it.each<[string, Partial<DeploymentRecord>, string, boolean]>([
    ["a failed bake", { ...FAILED }, "health", true],
    ["red tests", { ...FAILED, failureKind: "tests" }, "tests", false],
    ["a step that broke off", { ...FAILED, failureKind: "step", phase: "changing" }, "step", false],
    ["a test build that nobody recorded", { phase: "live" }, "tests", false],
    ["a build that died while it changed things", { phase: "changing" }, "step", false],
  ])("takes the deployment back: %s", (_, over, cause, counts) => {
    expect(decided(onFailure, STATE, { ...BAD, ...over })).toMatchObject({
      kind: "roll-back",
      cause,
      counts,
      target: TARGET,
    });
  });

  it("takes a stopped deployment back, for no fault of its tests", () => {
    const stopped: Trigger = { kind: "stage", executionId: BAD.pipelineExecutionId, outcome: "stopped" };
    expect(decided(stopped, STATE, { ...BAD, phase: "live" })).toMatchObject({
      kind: "roll-back",
      cause: "step",
      because: "its stage was stopped",
    });
  });

  it("frees the lock of a deployment that had changed nothing", () => {
    const locked = { ...BAD, phase: "locked" as const, failureReason: "the release is tampered" };
    expect(decided(onFailure, STATE, locked)).toEqual({
      kind: "release-lock",
      record: locked,
      because: "the release is tampered",
    });
  });

  it.each(["inconclusive", "error"] as const)(
    "pages when nobody knows whether the release works (%s)",
    (failureKind) => {
      const record = { ...FAILED, failureKind };
      expect(decided(onFailure, STATE, record)).toEqual({
        kind: "page-human",
        record,
        because: `it could not be measured whether ${BAD.version} works: the bake failed`,
      });
    },
  );

  it("is ignored where no deployment of it is open: an approval that was rejected rolls nothing back", () => {
    const because = `no deployment of execution ${BAD.pipelineExecutionId} is open here`;
    expect(decided(onFailure, FREE, SUCCEEDED)).toEqual({ kind: "ignore", because });
    expect(decided(onFailure, STATE, { ...BAD, pipelineExecutionId: "another" })).toEqual({ kind: "ignore", because });
    expect(decide(onFailure, STATE, undefined, {}, RULES, NOW).kind).toBe("ignore");
  });

  it("pages for the first release ever: there is nothing to go back to", () => {
    const first = { ...FAILED, previousVersion: undefined };
    expect(decided(onFailure, STATE, first)).toEqual({
      kind: "page-human",
      record: first,
      cause: "health",
      because: "the bake failed; it is the first release in production: there is nothing to go back to",
    });
  });
});

describe("the target", () => {
  it.each<[string, Partial<EnvironmentState>, Partial<DeploymentRecord>, DeploymentHistory, string]>([
    ["the bad release itself", {}, { previousVersion: BAD.version }, {}, `${BAD.version} is what would be taken back`],
    [
      "a quarantined release",
      { quarantine: [{ version: TARGET.version, deploymentId: "p", because: "b", since: 1 }] },
      {},
      {},
      `${TARGET.version} is quarantined in production`,
    ],
    [
      "one that is too old for the data of the bad one",
      {},
      {},
      { compatibility: { kind: "known", compatibleFrom: 7, targetSequence: 6 } },
      `${BAD.version} may go back to release number 7 at the lowest, ${TARGET.version} is number 6`,
    ],
    [
      "one that nobody can read",
      {},
      {},
      { compatibility: { kind: "unknown", because: "it is tampered" } },
      "it is tampered",
    ],
  ])("is never %s: a human decides", (_, state, record, history, because) => {
    const bad = { ...BAD, ...record };
    expect(decided(onAlarm, { ...STATE, ...state }, bad, history)).toEqual({
      kind: "page-human",
      record: bad,
      cause: "alarm",
      because: `alarm w-production-failed-jobs in ALARM state; ${because}`,
    });
  });

  it("may be the oldest that the bad release allows, or any where it sets no limit", () => {
    const compatibility = { kind: "known", compatibleFrom: 7, targetSequence: 7 } as const;
    expect(kindOf(onAlarm, STATE, BAD, { compatibility })).toBe("roll-back");
    const unlimited = { kind: "known", compatibleFrom: null, targetSequence: 0 } as const;
    expect(kindOf(onAlarm, STATE, BAD, { compatibility: unlimited })).toBe("roll-back");
  });
});

describe("the budget", () => {
  const times = (count: number, at: number) => Array.from({ length: count }, () => at);

  it("lets as many automatic rollbacks through as it has, and freezes the environment after them", () => {
    expect(kindOf(onAlarm, { ...STATE, automaticRollbacks: times(3, NOW - 1) })).toBe("roll-back");
    const spent = { ...STATE, automaticRollbacks: times(4, NOW - 1) };
    expect(decided(onAlarm, spent)).toEqual({
      kind: "hold",
      record: BAD,
      cause: "alarm",
      because:
        "alarm w-production-failed-jobs in ALARM state; production has spent its budget of 4 automatic rollbacks in 24 h",
    });
  });

  it("forgets what lies a window back", () => {
    const old = { ...STATE, automaticRollbacks: times(4, NOW - 24 * HOUR) };
    expect(kindOf(onAlarm, old)).toBe("roll-back");
  });

  it("is not asked for red tests, a broken step or an operator", () => {
    const spent = { ...STATE, automaticRollbacks: times(9, NOW - 1) };
    expect(kindOf(onFailure, spent, { ...FAILED, failureKind: "tests" })).toBe("roll-back");
    expect(kindOf(asked, spent)).toBe("roll-back");
    expect(kindOf(onFailure, spent, FAILED)).toBe("hold");
  });

  it("freezes once: an environment that is frozen and has nothing open is left to the human", () => {
    const frozen = { kind: "frozen", by: "p", because: "spent", since: 1 } as const;
    const spent = { ...FREE, automaticRollbacks: times(4, NOW - 1), hold: frozen };
    expect(decided(onAlarm, spent, SUCCEEDED)).toEqual({
      kind: "ignore",
      because: "alarm w-production-failed-jobs in ALARM state; production is frozen",
    });
    expect(kindOf(onAlarm, { ...spent, lock: LOCK })).toBe("hold");
    expect(kindOf(onAlarm, { ...spent, hold: { ...frozen, kind: "operator" } }, SUCCEEDED)).toBe("hold");
  });
});

describe("an operator", () => {
  it("takes what is live back, also long after it succeeded, to what the record captured or to what is named", () => {
    expect(decided(asked, FREE, SUCCEEDED)).toMatchObject({
      kind: "roll-back",
      cause: "operator",
      counts: false,
      because: "ada: it looks wrong",
      target: TARGET,
    });
    const to = { ...TARGET, version: "c".repeat(40) };
    expect(decided({ ...asked, to }, FREE, SUCCEEDED)).toMatchObject({ kind: "roll-back", target: to });
  });

  it("is told why not instead of being paged", () => {
    expect(decided(asked, FREE, { ...SUCCEEDED, previousVersion: undefined })).toEqual({
      kind: "ignore",
      because: "ada: it looks wrong; it is the first release in production: there is nothing to go back to",
    });
    expect(decided(asked, FREE, { ...SUCCEEDED, rollbackStatus: "done" }).kind).toBe("ignore");
  });

  it("may try again what has failed, which nobody else may", () => {
    const failed = { ...SUCCEEDED, rollbackStatus: "failed" as const };
    expect(kindOf(asked, FREE, failed)).toBe("roll-back");
    expect(kindOf(onAlarm, FREE, failed)).toBe("ignore");
  });

  it("finds nothing to take back where nothing is live", () => {
    const because = "nothing is live here that could go back";
    expect(decided(asked, { ...STATE, live: undefined })).toEqual({ kind: "ignore", because });
    expect(decide(asked, FREE, undefined, {}, RULES, NOW)).toEqual({ kind: "ignore", because });
  });
});

describe("the tick", () => {
  const tick = (alarms: readonly AlarmSighting[] = []): Trigger => ({ kind: "tick", alarms });
  const over = { holder: { execution: "terminal", build: "terminal" } } as const;

  it("finds an alarm whose event was lost", () => {
    expect(decided(tick([{ ...ALARM, state: "OK" }, ALARM]))).toMatchObject({ kind: "roll-back", cause: "alarm" });
    expect(decided(tick())).toEqual({ kind: "ignore", because: "no alarm is in ALARM state" });
  });

  it("finds a deployment whose execution is over", () => {
    expect(decided(tick(), STATE, FAILED, over)).toMatchObject({ kind: "roll-back", cause: "health" });
    expect(decided(tick(), STATE, { ...BAD, phase: "locked" }, over).kind).toBe("release-lock");
  });

  it.each(["running", "unknown"] as const)("leaves a deployment alone whose execution is %s", (execution) => {
    expect(kindOf(tick(), STATE, BAD, { holder: { execution, build: "terminal" } })).toBe("ignore");
  });

  it("leaves what has ended well alone", () => {
    expect(kindOf(tick(), FREE, SUCCEEDED, over)).toBe("ignore");
  });
});

it("a build that ended tells nothing where no rollback waits for it", () => {
  expect(decided({ kind: "build", buildId: "deploy:2" })).toEqual({
    kind: "ignore",
    because: "no rollback waits for build deploy:2; how its deployment ends its stage tells",
  });
});

it("the time of several alarms is that of the first", () => {
  const alarms = [ALARM, { ...ALARM, name: "w-production-slow", since: ALARM.since - 5 }];
  expect(decided({ kind: "tick", alarms })).toMatchObject({
    failedAlarms: [ALARM.name, "w-production-slow"],
    alarmAt: ALARM.since - 5,
  });
});
