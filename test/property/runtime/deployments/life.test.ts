import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { DeploymentStateManager } from "../../../../runtime/deployments/manager";
import { DEPLOYMENT_STATUSES } from "../../../../runtime/types";
import { transition } from "../../../../runtime/deployments/domain";
import { deploymentInfo } from "../../../unit/runtime/support/fixtures";
import { MemoryTable } from "../../../unit/runtime/support/memoryTable";
import { commands, emptyModel, type Reached, real } from "./commands";

const BEGIN = 1_000_000;

describe("deployments of one environment", () => {
  it("never hold the lock together, whatever builds do and however late; tokens grow, statuses are legal", async () => {
    const reached: Reached = new Map();
    await fc.assert(
      fc.asyncProperty(fc.commands(commands(reached), { size: "+1", maxCommands: 40 }), async (steps) => {
        await fc.asyncModelRun(() => ({ model: emptyModel(BEGIN), real: real(new MemoryTable(), BEGIN) }), steps);
      }),
      { numRuns: 200 },
    );
    const wanted = [
      "Starts: done",
      "Starts: lock-held",
      "TakesOver: done",
      "TakesOver: lock-held",
      "TakesOver: a free lock",
      "Breaks: broken",
      "Breaks: not-locked",
      "Breaks: refused",
      "Acts: change done",
      "Acts: change stale",
      "Acts: go live done",
      "Acts: test done",
      "Acts: bake done",
      "Acts: extend done",
      "Acts: extend stale",
      "Acts: fail done",
      "Acts: fail stale",
      "Acts: succeed done",
      "Acts: succeed stale",
    ];
    expect(wanted.filter((answer) => !reached.has(answer))).toEqual([]);
  });

  it("start one at a time, however their reads and writes interleave", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 4 }), async (scheduler, builds) => {
        const table = new MemoryTable();
        const slow = {
          state: scheduler.scheduleFunction(table.state.bind(table)),
          record: scheduler.scheduleFunction(table.record.bind(table)),
          commit: scheduler.scheduleFunction(table.commit.bind(table)),
          history: table.history.bind(table),
        };
        const starts = Array.from({ length: builds }, (_, n) =>
          new DeploymentStateManager(slow, () => BEGIN).recordDeploymentStart(
            deploymentInfo({ buildId: `build:${n}` }),
          ),
        );
        const outcomes = await scheduler.waitFor(Promise.all(starts));
        expect(outcomes.map(({ kind }) => kind).sort()).toEqual([
          "done",
          ...Array<string>(builds - 1).fill("lock-held"),
        ]);
      }),
    );
  });
});

describe("a status", () => {
  it("never returns to one that it has left", () => {
    const walk = fc.array(fc.constantFrom(...DEPLOYMENT_STATUSES), { maxLength: 8 });
    const longest = new Set<number>();
    fc.assert(
      fc.property(walk, (wanted) => {
        const seen = ["in_progress" as (typeof wanted)[number]];
        for (const to of wanted) {
          const from = seen.at(-1);
          if (from !== undefined && transition(from, to).kind === "allowed") seen.push(to);
        }
        longest.add(seen.length);
        expect(new Set(seen).size).toBe(seen.length);
      }),
    );
    expect([...longest].sort()).toEqual([1, 2, 3]);
  });
});
