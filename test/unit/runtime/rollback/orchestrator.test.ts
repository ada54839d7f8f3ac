import { beforeEach, describe, expect, it } from "@jest/globals";
import type { DeploymentRecord } from "../../../../runtime/deployments/domain";
import type { RollbackPorts, RollbackRun } from "../../../../runtime/rollback/ports";
import type { Environment } from "../../../../runtime/types";
import { beginning } from "../../../property/runtime/rollback/happenings";
import { BAD, GOOD, LEASE, MINUTE, World } from "../../../property/runtime/rollback/world";
import { benchOf, portsOf, requestFor, told } from "./support/bench";

let world: World;
let bad: DeploymentRecord;

/** Everywhere the bad release follows the good one; in production it is live, with an infrastructure of its own. */
beforeEach(async () => {
  world = await beginning(new World(), "live", true);
  bad = await badOne("production");
});

async function badOne(environment: Environment): Promise<DeploymentRecord> {
  const found = (await world.records()).find((one) => one.environment === environment && one.version === BAD);
  if (found === undefined) throw new Error(`${BAD} was never deployed to ${environment}`);
  return found;
}
const pointers = () =>
  Object.fromEntries([...world.pointers].map(([environment, { version }]) => [environment, version]));
const steps = async (environment: Environment) =>
  (await badOne(environment)).rollback?.done.map(({ step, round }) => (round === 1 ? step : `${step} again`));

/** Builds and jobs that run come to their end. */
function outside(canary: "succeeded" | "failed", infrastructure: "succeeded" | "failed" = "succeeded"): void {
  for (const [id, build] of world.builds)
    if (build.mode === "undo" && build.status === "running") world.builds.set(id, { ...build, status: infrastructure });
  for (const [id, job] of world.jobs) if (job.status === "running") world.jobs.set(id, { ...job, status: canary });
}

type Bench = ReturnType<typeof benchOf>;
/** Resumes until the end, everything outside going well from now on. */
async function finish({ orchestrator }: Bench, canary: "succeeded" | "failed" = "succeeded"): Promise<RollbackRun> {
  for (let minute = 0; minute < 20; minute++) {
    world.now += MINUTE;
    outside(canary);
    const run = await orchestrator.resume(bad.deploymentId);
    if (run.kind !== "waiting") return run;
  }
  throw new Error("the rollback did not end");
}

describe("executeRollback", () => {
  it("does the stage first: application, then infrastructure, then it validates, each when the one before is done", async () => {
    const bench = benchOf(world);
    const request = await requestFor(world, bad);
    const undo = `undo-production:${bad.deploymentId}:${request.state.token + 1}:1`;
    expect(await bench.orchestrator.executeRollback(request)).toEqual({
      kind: "waiting",
      because: `build ${undo} undoes the infrastructure`,
    });
    expect(pointers()).toEqual({ test: BAD, staging: BAD, production: GOOD });
    expect(world.executions.get(bad.pipelineExecutionId)).toBe("terminal");
    expect(await steps("production")).toEqual(["stop-execution", "stop-build", "flip-pointer"]);

    world.now += MINUTE;
    outside("succeeded");
    expect(await bench.orchestrator.resume(bad.deploymentId)).toMatchObject({
      kind: "waiting",
      because: expect.stringMatching(/^canary job .*: running$/),
    });
    world.now += MINUTE;
    outside("succeeded");
    const run = await bench.orchestrator.resume(bad.deploymentId);
    expect(run).toMatchObject({ kind: "ended", result: { success: true, level: "stage" } });
    expect(pointers()).toEqual({ test: BAD, staging: BAD, production: GOOD });
    expect(await steps("production")).toEqual([
      "stop-execution",
      "stop-build",
      "flip-pointer",
      "undo-infrastructure",
      "validate",
    ]);
  });

  it("records where it got to, and leaves the environment free with what is live again", async () => {
    const bench = benchOf(world);
    await bench.orchestrator.executeRollback(await requestFor(world, bad));
    expect(await badOne("production")).toMatchObject({ status: "failed", rollbackStatus: "running" });
    expect((await world.table.state("production")).lock).toMatchObject({ purpose: "rollback" });
    await finish(bench);
    expect(await badOne("production")).toMatchObject({
      status: "rolled_back",
      rollbackStatus: "done",
      rollbackLevel: "stage",
      rollbackReason: "alarm in ALARM state",
      rollbackTime: world.now,
      rollback: { outcome: { kind: "restored" } },
    });
    const state = await world.table.state("production");
    expect(state).toMatchObject({
      live: { version: GOOD, restoredFrom: bad.deploymentId },
      infrastructureVersion: GOOD,
      lastKnownGood: { version: GOOD },
      quarantine: [{ version: BAD }],
    });
    expect([state.lock, state.hold]).toEqual([undefined, undefined]);
  });

  it("tells, counts and logs that it began and that it ended", async () => {
    const bench = benchOf(world);
    await bench.orchestrator.executeRollback(await requestFor(world, bad));
    const { deploymentId, environment, version } = bad;
    expect(bench.metrics).toEqual([["count", "production", "stage"]]);
    expect(told(world, "production").map(({ event }) => event)).toEqual(["rollback_initiated"]);
    expect(bench.log.lines[0]).toEqual([
      "info",
      "rollback claimed",
      { deploymentId, environment, version, cause: "alarm", because: "alarm in ALARM state", target: GOOD },
    ]);

    const claimedAt = world.now;
    await finish(bench);
    const seconds = (world.now - claimedAt) / 1000;
    expect(seconds).toBeGreaterThan(0);
    expect(bench.metrics).toEqual([
      ["count", "production", "stage"],
      ["duration", "production", "stage", seconds],
    ]);
    expect(told(world, "production")).toMatchObject([
      { event: "rollback_initiated", currentVersion: BAD, targetVersion: GOOD, level: "stage" },
      { event: "rollback_succeeded", currentVersion: BAD, targetVersion: GOOD, level: "stage" },
    ]);
    expect(bench.log.lines.at(-1)).toMatchObject([
      "info",
      "rollback ended",
      { deploymentId, environment, kind: "restored", level: "stage", seconds },
    ]);
  });

  it("is stale for whoever comes second, who changes nothing", async () => {
    const bench = benchOf(world);
    const request = await requestFor(world, bad);
    await bench.orchestrator.executeRollback(request);
    const before = world.digest();
    // Not in the same millisecond, or it would be the same claim.
    world.now += 1;
    expect(await bench.orchestrator.executeRollback(request)).toMatchObject({
      kind: "stale",
      because: expect.stringContaining(`${bad.deploymentId} is failed (rollback running)`),
    });
    world.now -= 1;
    expect(world.digest()).toBe(before);
    expect(bench.metrics).toHaveLength(1);
  });

  it("falls back to full when the validation fails: production, then staging, then test", async () => {
    const flips: Environment[] = [];
    const { pointer } = portsOf(world);
    const bench = benchOf(world, {
      pointer: (environment) => ({
        readCurrent: () => pointer(environment).readCurrent(),
        flip: (expected, next) => (flips.push(environment), pointer(environment).flip(expected, next)),
      }),
    });
    await bench.orchestrator.executeRollback(await requestFor(world, bad));
    world.now += MINUTE;
    outside("succeeded");
    await bench.orchestrator.resume(bad.deploymentId);
    outside("failed");
    const run = await finish(bench);

    expect(run).toMatchObject({ kind: "ended", result: { success: true, level: "full" } });
    expect(flips).toEqual(["production", "production", "staging", "test"]);
    expect(pointers()).toEqual({ test: GOOD, staging: GOOD, production: GOOD });
    expect((await steps("production"))?.slice(4)).toEqual([
      "validate",
      "flip-pointer again",
      "undo-infrastructure again",
      "validate again",
    ]);
    expect(bench.metrics.filter(([kind]) => kind === "count")).toEqual([
      ["count", "production", "stage"],
      ["count", "staging", "full"],
      ["count", "test", "full"],
    ]);
    for (const environment of ["staging", "test"] as const) {
      expect(await badOne(environment)).toMatchObject({
        rollbackStatus: "done",
        rollbackLevel: "full",
        rollback: {
          root: bad.deploymentId,
          because: expect.stringMatching(/^full rollback of b+ from production: alarm/),
        },
      });
      // It did nothing wrong there.
      expect(await world.table.state(environment)).not.toHaveProperty("quarantine");
    }
    expect(told(world, "production").at(-1)).toMatchObject({ event: "rollback_succeeded", level: "full" });
  });

  it("fails where not even the full rollback helps, and holds the environment until a human has looked", async () => {
    const bench = benchOf(world);
    await bench.orchestrator.executeRollback(await requestFor(world, bad));
    const run = await finish(bench, "failed");
    expect(run).toMatchObject({ kind: "ended", result: { success: false, level: "none" } });
    expect(await badOne("production")).toMatchObject({ status: "failed", rollbackStatus: "failed" });
    expect(await world.table.state("production")).toMatchObject({ hold: { kind: "frozen", by: bad.deploymentId } });
    expect((await world.table.state("production")).lock).toBeUndefined();
    expect(told(world, "production").at(-1)).toMatchObject({
      event: "rollback_initiated",
    });
    expect(told(world, "production").map(({ event, level }) => [event, level])).toEqual([
      ["rollback_failed", "none"],
      ["rollback_initiated", "stage"],
    ]);
    expect(bench.log.lines.at(-1)).toMatchObject(["info", "rollback ended", { kind: "failed", level: "full" }]);
  });

  it("goes on with the other environments when one cannot go back, and fails in the end", async () => {
    const staging = await badOne("staging");
    const { previousVersion: _, ...first } = staging;
    world.table.items.set(staging.deploymentId, { ...first });
    const bench = benchOf(world);
    await bench.orchestrator.executeRollback(await requestFor(world, bad));
    world.now += MINUTE;
    outside("succeeded");
    await bench.orchestrator.resume(bad.deploymentId);
    outside("failed");
    expect(await finish(bench)).toMatchObject({ kind: "ended", result: { success: false, level: "none" } });
    expect(pointers()).toEqual({ test: GOOD, staging: BAD, production: GOOD });
    expect((await badOne("production")).rollback?.outcome).toEqual({
      kind: "failed",
      because: "staging: it is the first release in staging: there is nothing to go back to",
    });
  });

  it("does the other environments although production's own infrastructure cannot be undone again", async () => {
    const bench = benchOf(world);
    await bench.orchestrator.executeRollback(await requestFor(world, bad));
    world.now += MINUTE;
    outside("succeeded");
    await bench.orchestrator.resume(bad.deploymentId);
    outside("failed");
    await bench.orchestrator.resume(bad.deploymentId);
    outside("succeeded", "failed");
    expect(await finish(bench)).toMatchObject({ kind: "ended", result: { success: false } });
    expect(pointers()).toEqual({ test: GOOD, staging: GOOD, production: GOOD });
    expect((await badOne("production")).rollback?.failure).toMatch("which undoes the infrastructure, ended as failed");
  });

  it("that is healthy but still in ALARM at its deadline is inconclusive: a human is told, nobody is punished", async () => {
    const bench = benchOf(world);
    await bench.orchestrator.executeRollback(await requestFor(world, bad));
    world.alarmSince = world.now;
    const run = await finish(bench);
    expect(run).toMatchObject({ kind: "ended", result: { success: true, level: "stage" } });
    expect(pointers()).toEqual({ test: BAD, staging: BAD, production: GOOD });
    const because = "still in ALARM: kiro-worker-production-failed-jobs";
    expect((await badOne("production")).rollback?.outcome).toEqual({ kind: "inconclusive", because });
    expect(told(world, "production")).toMatchObject([
      { event: "attention_needed", reason: because },
      { event: "rollback_initiated" },
      { event: "rollback_succeeded", reason: because },
    ]);
  });
});

describe("a rollback that waits", () => {
  it("keeps its lease, logs what for, and stays where it is", async () => {
    const bench = benchOf(world);
    await bench.orchestrator.executeRollback(await requestFor(world, bad));
    world.now += MINUTE;
    const before = await badOne("production");
    const run = await bench.orchestrator.resume(bad.deploymentId);
    expect(run.kind).toBe("waiting");
    expect(await badOne("production")).toEqual(before);
    expect((await world.table.state("production")).lock?.leaseUntil).toBe(world.now + LEASE);
    expect(bench.log.lines.at(-1)).toMatchObject([
      "info",
      "rollback waits",
      { deploymentId: bad.deploymentId, next: "undo-infrastructure", because: expect.stringContaining("undoes") },
    ]);
  });

  it("does not start one job after the other while none can be measured", async () => {
    const started: string[] = [];
    const broken: RollbackPorts["jobs"] = () => ({
      start: async (token) => (started.push(token), token),
      status: () => Promise.reject(new Error("AccessDenied")),
    });
    const bench = benchOf(world, { jobs: broken });
    await bench.orchestrator.executeRollback(await requestFor(world, bad));
    outside("succeeded");
    for (let look = 1; look <= 3; look++) {
      expect(await bench.orchestrator.resume(bad.deploymentId)).toMatchObject({
        kind: "waiting",
        because: expect.stringContaining("AccessDenied"),
      });
      expect(started).toHaveLength(look);
    }
    expect(await finish(bench)).toMatchObject({
      kind: "ended",
      record: { rollback: { outcome: { kind: "inconclusive" } } },
    });
  });

  it("for another environment, whose part somebody else has changed, looks again later", async () => {
    const { rollbacks } = portsOf(world);
    const stale = { kind: "stale", because: "staging has token 9 by now", record: undefined, lock: undefined } as const;
    const bench = benchOf(world, {
      rollbacks: {
        claim: async (record, ...rest) => (record.environment === "staging" ? stale : rollbacks.claim(record, ...rest)),
        advance: rollbacks.advance.bind(rollbacks),
        end: rollbacks.end.bind(rollbacks),
        endWithout: rollbacks.endWithout.bind(rollbacks),
      },
    });
    await bench.orchestrator.executeRollback(await requestFor(world, bad));
    outside("succeeded");
    await bench.orchestrator.resume(bad.deploymentId);
    outside("failed");
    let run: RollbackRun;
    let looks = 0;
    do {
      run = await bench.orchestrator.resume(bad.deploymentId);
      outside("succeeded");
    } while (run.kind === "waiting" && run.because !== stale.because && ++looks < 10);
    expect(run).toEqual({ kind: "waiting", because: stale.because });
  });
});

describe("resume", () => {
  it("of a rollback that has ended answers as its end did, and does nothing", async () => {
    const bench = benchOf(world);
    await bench.orchestrator.executeRollback(await requestFor(world, bad));
    const ended = await finish(bench);
    const { metrics } = bench;
    const counted = metrics.length;
    const before = world.digest();
    expect(await bench.orchestrator.resume(bad.deploymentId)).toEqual(ended);
    expect([world.digest(), metrics.length]).toEqual([before, counted]);
  });

  it("of one that has failed answers so", async () => {
    world.table.items.set(bad.deploymentId, { ...bad, rollbackStatus: "failed" });
    expect(await benchOf(world).orchestrator.resume(bad.deploymentId)).toMatchObject({
      kind: "ended",
      result: { success: false, level: "none" },
    });
  });

  it("of one whose level was never written takes it for a stage's", async () => {
    world.table.items.set(bad.deploymentId, { ...bad, rollbackStatus: "done" });
    expect(await benchOf(world).orchestrator.resume(bad.deploymentId)).toMatchObject({
      result: { success: true, level: "stage" },
    });
  });

  it("of a deployment that is not taken back, or does not exist, is stale", async () => {
    const { orchestrator } = benchOf(world);
    expect(await orchestrator.resume(bad.deploymentId)).toEqual({
      kind: "stale",
      because: `${bad.deploymentId} is not taken back`,
    });
    expect(await orchestrator.resume("production#1")).toEqual({
      kind: "stale",
      because: "there is no deployment production#1",
    });
  });

  it("gives up loudly on one that comes to no end", async () => {
    const { rollbacks } = portsOf(world);
    const forgets: RollbackPorts["rollbacks"] = {
      claim: rollbacks.claim.bind(rollbacks),
      advance: async () => ({ kind: "stale", because: "somebody was faster", record: undefined, lock: undefined }),
      end: rollbacks.end.bind(rollbacks),
      endWithout: rollbacks.endWithout.bind(rollbacks),
    };
    const { orchestrator } = benchOf(world, { rollbacks: forgets });
    await expect(orchestrator.executeRollback(await requestFor(world, bad))).rejects.toThrow(
      `the rollback of ${bad.deploymentId} did not come to an end in 60 steps`,
    );
  });
});

describe("an end that somebody else wrote first", () => {
  it("is stale, and neither measured nor told again", async () => {
    const bench = benchOf(world);
    await bench.orchestrator.executeRollback(await requestFor(world, bad));
    const running = await badOne("production");
    if (running.rollback === undefined) throw new Error("no rollback");
    const earlier = { ...running, rollback: { ...running.rollback, token: 1 } };
    const outcome = { kind: "restored", because: "it works" } as const;
    for (const end of [
      () => bench.orchestrator.recordRollbackSuccess(earlier, outcome),
      () => bench.orchestrator.recordRollbackFailure(earlier, { ...outcome, kind: "failed" }),
    ]) {
      expect(await end()).toMatchObject({ kind: "stale", because: expect.stringContaining("rollback running") });
    }
    expect(bench.metrics).toEqual([["count", "production", "stage"]]);
    expect(told(world, "production").map(({ event }) => event)).toEqual(["rollback_initiated"]);
  });
});
