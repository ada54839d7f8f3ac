import { beforeEach, describe, expect, it } from "@jest/globals";
import type { RollbackValidation } from "../../../../runtime/deployments/domainRollback";
import type { Running, StepResult } from "../../../../runtime/rollback/domainProgress";
import type { RollbackPorts } from "../../../../runtime/rollback/ports";
import { RollbackValidator } from "../../../../runtime/rollback/validator";
import { BAD, digestOf, GOOD, MINUTE, PREFIX, VALIDATION, World } from "../../../property/runtime/rollback/world";
import { running } from "./support/bench";

const JOB = "production#1000000-rollback-4-1-1";

let world: World;
beforeEach(() => {
  world = new World();
  pointTo(GOOD);
});

const pointTo = (version: string) =>
  world.pointers.set("production", {
    version,
    releaseDigest: digestOf(version),
    deploymentId: "production#1",
    flippedAt: "then",
  });
const job = (status: "running" | "succeeded" | "failed" | "error", ran = GOOD) =>
  world.jobs.set(JOB, { environment: "production", ran, status });
const look = (record: Running, over: Partial<RollbackPorts> = {}): Promise<StepResult> =>
  new RollbackValidator({ ...world.ports(), ...over }, VALIDATION).validateRollback(record);
/** With its canary under way, a minute before its deadline. */
const looking = (over: Partial<Running["rollback"]> = {}, validation: Partial<RollbackValidation> = {}) =>
  running({
    next: "validate",
    validation: { startedAt: world.now, deadline: world.now + MINUTE, canaries: 1, canaryJobId: JOB, ...validation },
    ...over,
  });
/** What the look decided, where it is over. */
function decided(result: StepResult) {
  if (result.kind === "wait") throw new Error(`it waits: ${result.because}`);
  const { next, level, failure, inconclusive, done } = result.rollback;
  return { next, level, failure, inconclusive, done, set: result.changes?.set };
}
const done = (because: string, round = 1) => [{ step: "validate", round, at: world.now, because }];

describe("validateRollback begins", () => {
  it("by starting a job in the environment, and says until when it looks", async () => {
    const record = running({ next: "validate" });
    expect(await look(record)).toEqual({
      kind: "advance",
      rollback: {
        ...record.rollback,
        validation: {
          startedAt: world.now,
          // A minute to settle, a minute in which the alarm evaluates, two of grace.
          deadline: world.now + 4 * MINUTE,
          canaries: 1,
          canaryJobId: JOB,
        },
      },
    });
    expect([...world.jobs]).toEqual([[JOB, { environment: "production", ran: GOOD, status: "running" }]]);
  });

  it("with a job of its own in the second round", async () => {
    await look(running({ next: "validate", round: 2 }));
    expect([...world.jobs.keys()]).toEqual(["production#1000000-rollback-4-2-1"]);
  });

  it("with the environment's own alarms", async () => {
    const asked: string[] = [];
    const alarms = { sightings: async (prefix: string) => (asked.push(prefix), []) };
    await look(running({ next: "validate" }), { alarms });
    await look(running({ next: "validate" }, { environment: "staging" }), { alarms });
    expect(asked).toEqual([PREFIX.production, PREFIX.staging]);
  });

  it("again where a job that could not be measured was dropped, without more time for it", async () => {
    const record = looking({}, { canaryJobId: undefined });
    expect(await look(record)).toMatchObject({
      rollback: {
        validation: {
          deadline: record.rollback.validation?.deadline,
          canaries: 2,
          canaryJobId: "production#1000000-rollback-4-1-2",
        },
      },
    });
  });
});

describe("validateRollback succeeds", () => {
  it("only when version, health and alarms are right", async () => {
    job("succeeded");
    expect(decided(await look(looking()))).toEqual({
      next: "end",
      level: "stage",
      done: done(`canary job ${JOB} ran it, no alarm is on`),
    });
  });

  it("though an alarm is on that was on before the deployment came", async () => {
    job("succeeded");
    world.alarmSince = world.now;
    const record = { ...looking(), alarmsBefore: [`${PREFIX.production}failed-jobs`] };
    expect(await look(record)).toMatchObject({ kind: "advance", rollback: { next: "end" } });
  });

  it("after its deadline as well, when everything is right by then", async () => {
    job("succeeded");
    const record = looking();
    world.now += 5 * MINUTE;
    expect(decided(await look(record)).inconclusive).toBeUndefined();
  });
});

describe("validateRollback fails", () => {
  const failures: [string, () => void, string][] = [
    [
      "the pointer names another release",
      () => (job("succeeded"), pointTo(BAD)),
      `current.json names ${BAD}, not ${GOOD}`,
    ],
    ["the job failed", () => job("failed"), `canary job ${JOB}: it failed`],
    [
      "the job ran another release",
      () => job("succeeded", BAD),
      `canary job ${JOB}: it ran ${BAD}; it should run ${GOOD}`,
    ],
    [
      "the pointer names nothing",
      () => (job("succeeded"), world.pointers.clear()),
      `current.json names nothing, not ${GOOD}`,
    ],
  ];

  it.each(failures)("when %s: every environment goes back", async (_, spoil, because) => {
    spoil();
    expect(decided(await look(looking()))).toEqual({ level: "full", next: "parts", done: done(because) });
  });

  it.each(failures)("for good in the second round when %s", async (_, spoil, because) => {
    spoil();
    const parts = [{ environment: "production", deploymentId: "production#1000000" }] as const;
    expect(await look(looking({ round: 2, level: "full", parts }))).toMatchObject({
      rollback: { next: "parts", done: done(because, 2), failure: because },
    });
  });

  it("for good where it is a part of a full rollback: that one is asked for once", async () => {
    job("failed");
    expect(await look(looking({ level: "full", root: "staging#1" }))).toMatchObject({
      rollback: { level: "full", next: "end", failure: `canary job ${JOB}: it failed` },
    });
  });
});

describe("validateRollback waits", () => {
  it("while the job runs", async () => {
    job("running");
    expect(await look(looking())).toEqual({
      kind: "wait",
      because: `canary job ${JOB}: running`,
      rollback: looking().rollback,
    });
  });

  it("while an alarm is still on", async () => {
    job("succeeded");
    world.alarmSince = world.now;
    expect(await look(looking())).toMatchObject({
      kind: "wait",
      because: `still in ALARM: ${PREFIX.production}failed-jobs`,
    });
  });

  it.each([
    ["was not run", {}, "it could not be run"],
    ["cannot be read", { status: () => Promise.reject(new Error("Throttled")) }, "Throttled"],
  ])("when its job %s, and the next look starts another", async (_, over, because) => {
    job("error");
    const jobs: RollbackPorts["jobs"] = (environment) => ({ ...world.ports().jobs(environment), ...over });
    const record = looking();
    expect(await look(record, { jobs })).toEqual({
      kind: "wait",
      because: `canary job ${JOB}: ${because}`,
      rollback: { ...record.rollback, validation: { ...record.rollback.validation, canaryJobId: undefined } },
    });
  });

  it("when no job can be started, and the next look asks for the same one again", async () => {
    const jobs: RollbackPorts["jobs"] = (environment) => ({
      ...world.ports().jobs(environment),
      start: () => Promise.reject(new Error("AccountLimitExceeded")),
    });
    const record = running({ next: "validate" });
    expect(await look(record, { jobs })).toEqual({
      kind: "wait",
      because: `canary job ${JOB}: not started: AccountLimitExceeded`,
      rollback: {
        ...record.rollback,
        validation: { startedAt: world.now, deadline: world.now + 4 * MINUTE, canaries: 0 },
      },
    });
  });
});

describe("validateRollback is inconclusive at its deadline", () => {
  const atDeadline = async (over: Partial<Running["rollback"]> = {}, ports: Partial<RollbackPorts> = {}) => {
    const record = looking(over);
    world.now += MINUTE - 1;
    const before = await look(record, ports);
    world.now += 1;
    return [before.kind, decided(await look(record, ports))] as const;
  };
  const inconclusive = (because: string) => ({
    next: "end",
    level: "stage",
    inconclusive: because,
    done: done(`not all of it could be seen in time: ${because}`),
  });

  it("when it is healthy but still in ALARM: the other environments are not punished", async () => {
    job("succeeded");
    world.alarmSince = world.now;
    const [before, result] = await atDeadline();
    expect(before).toBe("wait");
    expect(result).toEqual(inconclusive(`still in ALARM: ${PREFIX.production}failed-jobs`));
  });

  it("when its job still runs", async () => {
    job("running");
    expect((await atDeadline())[1]).toEqual(inconclusive(`canary job ${JOB}: running`));
  });

  it("when its job could not be run", async () => {
    job("error");
    expect((await atDeadline())[1]).toEqual(inconclusive(`canary job ${JOB}: it could not be run`));
  });

  it("when no job could be started in all that time", async () => {
    const jobs: RollbackPorts["jobs"] = (environment) => ({
      ...world.ports().jobs(environment),
      start: () => Promise.reject(new Error("AccountLimitExceeded")),
    });
    const validation = { startedAt: world.now, deadline: world.now + MINUTE, canaries: 0 };
    expect((await atDeadline({ validation }, { jobs }))[1]).toEqual(
      inconclusive(`canary job ${JOB}: not started: AccountLimitExceeded`),
    );
  });
});
