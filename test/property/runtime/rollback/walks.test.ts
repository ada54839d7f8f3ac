import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { transition } from "../../../../runtime/deployments/domain";
import type { Trigger } from "../../../../runtime/rollback/domain";
import { beginning, happen, happenings } from "./happenings";
import { brokenRules, settle, unfinished } from "./promises";
import { BAD, GOOD, PREFIX, World } from "./world";

const PHASES = ["locked", "changing", "live", "baking", "done"] as const;
/** Which of the things that may happen does, and how a call of ours is disturbed. */
const step = fc.record({
  choice: fc.nat({ max: 99 }),
  fault: fc.option(fc.record({ at: fc.integer({ min: 1, max: 12 }), kind: fc.constantFrom("fails", "crashes") }), {
    freq: 4,
  }),
});
const start = fc.record({
  phase: fc.constantFrom(...PHASES),
  infrastructure: fc.boolean(),
  first: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  alarmStays: fc.boolean(),
});

describe("the table reflects what happened", () => {
  it("after any walk: legal changes of status, growing tokens, one rollback a deployment, an end for everything", async () => {
    const reached = new Set<string>();
    const note = async (world: World): Promise<void> => {
      for (const { status, rollbackStatus, rollback } of await world.records()) {
        reached.add([status, rollbackStatus, rollback?.level, rollback?.outcome?.kind].filter(Boolean).join(" "));
        reached.add(`next ${rollback?.next}`);
        reached.add(`cause ${rollback?.cause}`);
      }
    };
    await fc.assert(
      fc.asyncProperty(start, fc.array(step, { minLength: 1, maxLength: 25 }), async (from, steps) => {
        let world = await beginning(new World(), from.phase, from.infrastructure, from.first);
        for (const { choice, fault } of steps) {
          const possible = await happenings(world);
          const happening = possible[choice % possible.length];
          if (happening === undefined) return;
          const next = await happen(world, happening, happening.isCall && fault !== null ? fault : undefined);
          expect(await illegal(world, next)).toEqual([]);
          expect([...next.violations, ...(await brokenRules(next))]).toEqual([]);
          world = next;
          await note(world);
        }
        const settled = await settle(world, new Set(), from.alarmStays);
        if (settled === undefined) throw new Error("nothing is known before the first walk");
        await note(settled);
        expect(await unfinished(settled)).toEqual([]);
      }),
      { numRuns: 400 },
    );
    const wanted = [
      "in_progress none",
      "failed none",
      "failed running stage",
      "failed running full",
      "succeeded running stage",
      "rolled_back done stage restored",
      "rolled_back done stage inconclusive",
      "rolled_back done full restored",
      "failed failed stage failed",
      ...["stop-build", "flip-pointer", "undo-infrastructure", "validate", "parts", "end"].map(
        (next) => `next ${next}`,
      ),
      ...["alarm", "health", "tests", "step", "operator"].map((cause) => `cause ${cause}`),
    ];
    expect(wanted.filter((one) => !reached.has(one))).toEqual([]);
  }, 120_000);
});

describe("a rollback", () => {
  const alarm: Trigger = {
    kind: "alarm",
    alarm: { name: `${PREFIX.production}failed-jobs`, state: "ALARM", since: Number.MAX_SAFE_INTEGER },
  };

  it("ends the same however often it is asked for, one after the other or at once", async () => {
    const claims = new Set<number>();
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 2, max: 4 }),
        fc.boolean(),
        async (scheduler, calls, infrastructure) => {
          const world = await beginning(new World(), "baking", infrastructure);
          const alone = world.copy();
          const commit = world.table.commit.bind(world.table);
          const state = world.table.state.bind(world.table);
          world.table.commit = scheduler.scheduleFunction(commit);
          world.table.state = scheduler.scheduleFunction(state);
          await scheduler.waitFor(
            Promise.all(Array.from({ length: calls }, () => world.desk().handle("production", alarm))),
          );
          world.table.commit = commit;
          world.table.state = state;
          for (let again = 0; again < calls; again++) await alone.desk().handle("production", alarm);

          expect(summary(await world.records())).toEqual(summary(await alone.records()));
          expect(world.pointers.get("production")?.version).toBe(GOOD);
          expect(world.violations).toEqual([]);
          claims.add((await world.table.state("production")).token);
        },
      ),
      { numRuns: 60 },
    );
    // The two deployments' tokens, and one claim.
    expect([...claims]).toEqual([3]);
  });

  it("touches no environment in which the bad release is not live, and goes back in each to what was captured there", async () => {
    const full = new Set<string>();
    const where = fc.record({ test: fc.boolean(), staging: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(where, async (live) => {
        const world = new World();
        for (const environment of ["test", "staging"] as const) {
          await world.deploy(environment, GOOD, "done");
          if (live[environment]) await world.deploy(environment, BAD, "done");
        }
        await world.deploy("production", GOOD, "done");
        await world.deploy("production", BAD, "baking");
        await world.desk().handle("production", alarm);
        for (const [id, job] of world.jobs) world.jobs.set(id, { ...job, status: "failed" });
        const settled = await settle(world, new Set());
        const taken = (await settled?.records())?.filter(({ rollbackStatus }) => rollbackStatus !== "none") ?? [];
        const expected = ["production", ...(live.staging ? ["staging"] : []), ...(live.test ? ["test"] : [])];
        const order = taken.toSorted((a, b) => (a.rollback?.claimedAt ?? 0) - (b.rollback?.claimedAt ?? 0));
        expect(order.map(({ environment }) => environment).sort()).toEqual(expected.sort());
        for (const { environment } of taken) expect(settled?.pointers.get(environment)?.version).toBe(GOOD);
        full.add(expected.join(" "));
      }),
      { numRuns: 40 },
    );
    expect(full.size).toBe(4);
  });
});

async function illegal(before: World, after: World): Promise<string[]> {
  const wrong: string[] = [];
  const earlier = new Map((await before.records()).map((record) => [record.deploymentId, record]));
  for (const record of await after.records()) {
    const was = earlier.get(record.deploymentId);
    if (was === undefined) continue;
    if (was.status !== record.status && transition(was.status, record.status).kind === "refused") {
      wrong.push(`${record.deploymentId} went from ${was.status} to ${record.status}`);
    }
    // Only what failed may be tried again, by an operator.
    const again = was.rollbackStatus === "failed" && record.rollback?.cause === "operator";
    if (was.rollback !== undefined && was.rollback.token !== record.rollback?.token && !again) {
      wrong.push(`${record.deploymentId} was claimed twice`);
    }
  }
  for (const environment of ["test", "staging", "production"] as const) {
    const [was, is] = await Promise.all([before.table.state(environment), after.table.state(environment)]);
    if (is.token < was.token) wrong.push(`the token of ${environment} fell`);
  }
  return wrong;
}

const summary = (records: Awaited<ReturnType<World["records"]>>) =>
  records.map(({ deploymentId, status, rollbackStatus, rollback }) => ({
    deploymentId,
    status,
    rollbackStatus,
    next: rollback?.next,
    done: rollback?.done.map(({ step }) => step),
  }));
