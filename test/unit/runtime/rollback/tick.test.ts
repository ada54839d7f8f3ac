import { describe, expect, it } from "@jest/globals";
import type { Answer } from "../../../../runtime/rollback/desk";
import type { Trigger } from "../../../../runtime/rollback/domain";
import { tick } from "../../../../runtime/rollback/tick";
import type { Environment } from "../../../../runtime/types";
import { RecordedLog } from "./support/bench";
import { NAMES } from "./support/events";

/** Sightings name the prefix that they were asked for. */
function ports(answer: (environment: Environment) => Answer["decision"]) {
  const handled: unknown[][] = [];
  const log = new RecordedLog();
  return {
    handled,
    log,
    alarms: {
      sightings: async (prefix: string) => [{ name: `${prefix}a`, state: "OK", since: 1, evaluationMs: 0 } as const],
    },
    reconcile: async (environment: Environment) => void handled.push([environment, "reconciled"]),
    desk: {
      handle: async (environment: Environment, trigger: Trigger) => {
        handled.push([environment, trigger.kind, trigger.kind === "tick" && trigger.alarms.map(({ name }) => name)]);
        return { environment, decision: answer(environment) };
      },
    },
  };
}
const ignored = { kind: "ignore", because: "no alarm is in ALARM state" } as const;

describe("the tick", () => {
  it("brings state and pointer together, then looks at every environment with its own alarms, production first, each as its pointer says", async () => {
    const world = ports(() => ignored);
    const answers = await tick(world, NAMES);
    expect(world.handled).toEqual([
      ["production", "reconciled"],
      ["production", "tick", ["kiro-worker-production-a"]],
      ["staging", "reconciled"],
      ["staging", "tick", ["kiro-worker-staging-a"]],
      ["test", "reconciled"],
      ["test", "tick", ["kiro-worker-test-a"]],
    ]);
    expect(answers.map(({ environment }) => environment)).toEqual(["production", "staging", "test"]);
    expect(world.log.lines).toEqual([]);
  });

  it("logs what it decided, where that is anything", async () => {
    const decision = { kind: "resume", deploymentId: "staging#1", because: "it is being taken back" } as const;
    const world = ports((environment) => (environment === "staging" ? decision : ignored));
    await tick(world, NAMES);
    expect(world.log.lines).toEqual([["info", "tick", { environment: "staging", decision: "resume" }]]);
  });

  it("looks at the others when one fails, and then says which failed, and why", async () => {
    const world = ports((environment) => {
      if (environment !== "staging") throw new Error(`${environment} is broken`);
      return ignored;
    });
    const failure = await tick(world, NAMES).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(world.handled).toHaveLength(6);
    expect(failure).toBeInstanceOf(AggregateError);
    expect((failure as AggregateError).errors).toEqual([
      new Error("production is broken"),
      new Error("test is broken"),
    ]);
    expect((failure as AggregateError).message).toBe(
      "the tick failed in production: production is broken; test: test is broken",
    );
  });

  it("looks at the others when the alarms of one cannot be read", async () => {
    const world = ports(() => ignored);
    const sightings = async (prefix: string) => {
      if (prefix === NAMES.alarmPrefix.production) throw new Error("Throttled");
      return [];
    };
    await expect(tick({ ...world, alarms: { sightings } }, NAMES)).rejects.toThrow("production: Throttled");
    expect(world.handled).toHaveLength(5);
  });

  it("decides nothing where the pointer cannot be read, and looks at the others", async () => {
    const world = ports(() => ignored);
    const reconcile = async (environment: Environment) => {
      if (environment === "staging") throw new Error("SlowDown");
    };
    await expect(tick({ ...world, reconcile }, NAMES)).rejects.toThrow("the tick failed in staging: SlowDown");
    expect(world.handled.map(([environment]) => environment)).toEqual(["production", "test"]);
  });
});
