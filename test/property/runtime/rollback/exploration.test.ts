import { describe, expect, it } from "@jest/globals";
import { beginning, happen, type Happening, happenings } from "./happenings";
import { brokenRules, settle, unfinished } from "./promises";
import { type Fault, World } from "./world";

/** How many happenings follow each other; one call on the way may be disturbed. */
const DEPTH = 4;

interface Node {
  readonly world: World;
  readonly path: readonly string[];
  readonly disturbed: boolean;
}

describe("decision and orchestrator, in every order of what may happen", () => {
  const seen = { states: 0, rollbacks: 0, full: 0, settled: new Set<string>(), ends: new Set<string>() };

  it.each([
    ["waits for the lock", "locked", false, false],
    ["is changing the infrastructure", "changing", true, false],
    ["is live", "live", true, false],
    ["is baking", "baking", false, false],
    ["has succeeded", "done", true, false],
    ["is the first one ever", "baking", false, true],
  ] as const)(
    "keep their promises while the deployment %s",
    async (_, phase, infrastructure, first) => {
      await explore(await beginning(new World(), phase, infrastructure, first));
    },
    300_000,
  );

  it("visited every kind of end", () => {
    console.info(`exploration: ${seen.states} states, ${seen.rollbacks} with a rollback, ${seen.full} with a full one`);
    expect([...seen.ends].sort()).toEqual([
      "failed failed",
      "failed none",
      "in_progress none",
      "rolled_back done",
      "succeeded failed",
      "succeeded none",
    ]);
    expect(seen.full).toBeGreaterThan(0);
  });

  async function explore(start: World): Promise<void> {
    const known = new Set<string>([start.digest()]);
    let frontier: Node[] = [{ world: start, path: [], disturbed: false }];
    for (let depth = 0; depth < DEPTH; depth++) {
      const following: Node[] = [];
      for (const node of frontier) {
        for (const happening of await happenings(node.world)) {
          for (const next of await outcomes(node, happening)) {
            const digest = `${next.disturbed} ${next.world.digest()}`;
            if (known.has(digest)) continue;
            known.add(digest);
            await check(next);
            following.push(next);
          }
        }
      }
      frontier = following;
    }
    seen.states += known.size;
  }

  /** Undisturbed, and failing before or crashing after each of its effects. */
  async function outcomes({ world, path, disturbed }: Node, happening: Happening): Promise<Node[]> {
    const clean = await happen(world, happening);
    const node = (next: World, name: string, marked: boolean): Node => ({
      world: next,
      path: [...path, name],
      disturbed: marked,
    });
    const found = [node(clean, happening.name, disturbed)];
    if (disturbed || !happening.isCall) return found;
    for (let at = 1; at <= clean.effects; at++) {
      for (const kind of ["fails", "crashes"] satisfies Fault["kind"][]) {
        found.push(node(await happen(world, happening, { at, kind }), `${happening.name} (${kind} at ${at})`, true));
      }
    }
    return found;
  }

  async function check({ world, path }: Node): Promise<void> {
    const where = path.join(" → ");
    expect({ where, broken: [...world.violations, ...(await brokenRules(world))] }).toEqual({ where, broken: [] });
    const settled = await settle(world, seen.settled);
    if (settled === undefined) return;
    expect({ where, broken: [...settled.violations, ...(await unfinished(settled))] }).toEqual({ where, broken: [] });
    for (const record of await settled.records()) {
      seen.ends.add(`${record.status} ${record.rollbackStatus}`);
      if (record.rollback !== undefined) seen.rollbacks += 1;
      if (record.rollback?.level === "full" && record.rollback.root === undefined) seen.full += 1;
    }
  }
});
