import { describe, expect, it } from "@jest/globals";
import { stateIdOf } from "../../../../runtime/deployments/domain";
import { mayDeploy } from "../../../../runtime/deployments/domainOperator";
import type { Hold, Quarantined } from "../../../../runtime/deployments/domainRollback";
import { OperatorStateManager } from "../../../../runtime/deployments/operatorManager";
import { MemoryTable } from "../support/memoryTable";

describe("a release may be deployed", () => {
  const release = { version: "a".repeat(40), ancestors: ["b".repeat(40), "c".repeat(40)] };

  it("where nothing speaks against it", () => {
    expect(mayDeploy({ environment: "production", token: 0 }, release)).toEqual({ kind: "allowed" });
    const quarantine = [quarantined("d")];
    expect(mayDeploy({ environment: "production", token: 1, quarantine }, release)).toEqual({ kind: "allowed" });
  });

  it.each(["test", "staging", "production"] as const)("nowhere that is held: %s", (environment) => {
    expect(mayDeploy({ environment, token: 1, hold }, release)).toEqual({ kind: "held", hold });
  });

  it.each([
    ["staging", "a"],
    ["staging", "c"],
    ["production", "b"],
  ] as const)("not in %s while it is or contains a quarantined one (%s)", (environment, version) => {
    const quarantine = [quarantined("d"), quarantined(version)];
    expect(mayDeploy({ environment, token: 1, quarantine }, release)).toEqual({
      kind: "quarantined",
      quarantined: quarantined(version),
    });
  });

  it("in test though it contains a quarantined one: that is where a fix is proven", () => {
    const quarantine = [quarantined("c")];
    expect(mayDeploy({ environment: "test", token: 1, quarantine }, release)).toEqual({ kind: "allowed" });
  });
});

describe("an operator", () => {
  it("holds an environment that was never deployed to, and resumes it", async () => {
    const { table, operator, state } = place();
    expect(await operator.hold("staging", "arn:ada", "holidays")).toEqual({ kind: "held", hold });
    expect(await state()).toEqual({ environment: "staging", token: 1, hold });
    expect(await operator.resume("staging")).toEqual({ kind: "resumed", hold });
    expect(await state()).toEqual({ environment: "staging", token: 2 });
    expect(table.items.size).toBe(1);
  });

  it("changes nothing twice", async () => {
    const { operator, state } = place();
    await operator.hold("staging", "arn:ada", "holidays");
    expect(await operator.hold("staging", "arn:bo", "later")).toEqual({ kind: "unchanged", hold });
    expect((await state()).token).toBe(1);
    await operator.resume("staging");
    expect(await operator.resume("staging")).toEqual({ kind: "not-held" });
    expect(await operator.liftQuarantine("staging", "a".repeat(40))).toEqual({ kind: "not-quarantined" });
    expect((await state()).token).toBe(2);
  });

  it("resumes what the system froze", async () => {
    const { table, operator, state } = place();
    const frozen: Hold = { ...hold, kind: "frozen" };
    table.items.set(stateIdOf("staging"), { deploymentId: stateIdOf("staging"), token: 7, hold: frozen });
    expect(await operator.resume("staging")).toEqual({ kind: "resumed", hold: frozen });
    expect((await state()).hold).toBeUndefined();
  });

  it("leaves a lock as it is, and still gives the state a token that nobody has decided on", async () => {
    const { table, operator, state } = place();
    const lock = {
      deploymentId: "staging#1",
      purpose: "deployment",
      token: 7,
      leaseUntil: 1,
      buildId: "b",
      pipelineExecutionId: "e",
      since: 1,
    };
    table.items.set(stateIdOf("staging"), { deploymentId: stateIdOf("staging"), token: 7, lock });
    await operator.hold("staging", "arn:ada", "holidays");
    expect(await state()).toEqual({ environment: "staging", token: 8, lock, hold });
  });

  it("lifts one quarantined release and leaves the others", async () => {
    const { table, operator, state } = place();
    const quarantine = [quarantined("a"), quarantined("b")];
    table.items.set(stateIdOf("staging"), { deploymentId: stateIdOf("staging"), token: 7, quarantine });
    expect(await operator.liftQuarantine("staging", "a".repeat(40))).toEqual({
      kind: "lifted",
      quarantined: quarantined("a"),
    });
    expect(await state()).toEqual({ environment: "staging", token: 8, quarantine: [quarantined("b")] });
    await operator.liftQuarantine("staging", "b".repeat(40));
    expect(await state()).toEqual({ environment: "staging", token: 9 });
  });

  it("decides again when somebody else was faster", async () => {
    const { table, operator, state } = place();
    table.beforeCommit = async () => {
      await operator.hold("staging", "arn:bo", "an outage");
    };
    expect(await operator.hold("staging", "arn:ada", "holidays")).toMatchObject({
      kind: "unchanged",
      hold: { by: "arn:bo" },
    });
    expect((await state()).token).toBe(1);
  });

  it("is told when others are faster each time", async () => {
    const { operator } = place("refused");
    expect(await operator.hold("staging", "arn:ada", "holidays")).toEqual({ kind: "contested" });
  });
});

// Helpers

const hold: Hold = { kind: "operator", by: "arn:ada", because: "holidays", since: 1_790_000_000_000 };

function quarantined(letter: string): Quarantined {
  return { version: letter.repeat(40), deploymentId: "staging#1", because: "jobs were lost", since: 7 };
}

function place(answer?: "refused") {
  const table = new MemoryTable();
  const used = answer === undefined ? table : { state: table.state.bind(table), commit: async () => answer };
  const operator = new OperatorStateManager(used, () => hold.since);
  return { table, operator, state: () => table.state("staging") };
}
