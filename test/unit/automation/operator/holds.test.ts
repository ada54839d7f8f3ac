import { describe, expect, it } from "@jest/globals";
import { deploy } from "../../../../automation/delivery/deploy";
import {
  hold,
  liftQuarantine,
  listQuarantine,
  type OperatorRequest,
  resume,
} from "../../../../automation/operator/holds";
import { breakLock, showLock } from "../../../../automation/operator/lock";
import { showStatus } from "../../../../automation/operator/status";
import { OperatorStateManager } from "../../../../runtime/deployments/operatorManager";
import { settings, unasked, World } from "../support/delivery";

describe("an operator's hold", () => {
  it("is set once, and tells who, since when and why", async () => {
    const { world, changes } = place();
    const { document, lines } = await hold(request("holidays"), changes);
    expect(document).toEqual({
      environment: "test",
      changed: true,
      hold: { kind: "operator", by: "arn:ada", because: "holidays", since: world.clock.now() },
    });
    expect(lines).toEqual(["test takes no deployments until `kiro-pipeline resume`: holidays"]);
    expect(await hold(request("an outage"), changes)).toMatchObject({
      ending: "ok",
      document: { changed: false, hold: { because: "holidays" } },
      lines: ["test takes no deployments already: held by arn:ada since 2026-09-21T14:13:20.000Z: holidays"],
    });
  });

  it("is lifted with what was lifted, by whom and why, and the release goes in", async () => {
    const { world, changes } = place();
    await hold(request("holidays"), changes);
    await expect(deploy(settings, unasked, world)).rejects.toMatchObject({ ending: "refused" });
    const { document, lines } = await resume(request("back at work"), changes);
    expect(document).toMatchObject({ lifted: { because: "holidays" }, by: "arn:ada", because: "back at work" });
    expect(lines[0]).toBe("test takes deployments again, by arn:ada: back at work");
    expect((await deploy(settings, unasked, world)).ending).toBe("ok");
    expect((await resume(request("again"), changes)).lines).toEqual(["test takes deployments already"]);
  });

  it("lifts what the system froze as well, and says that it was that", async () => {
    const { world, changes } = place();
    change(world, { token: 3, hold: { kind: "frozen", by: "test#1", because: "the rollback failed", since: 0 } });
    expect((await resume(request("repaired"), changes)).lines[1]).toBe(
      "  lifted: frozen by test#1 since 1970-01-01T00:00:00.000Z: the rollback failed",
    );
  });

  it("that others keep writing over is busy", async () => {
    const { world, changes } = place();
    change(world, { token: 3, hold: { kind: "frozen", by: "x", because: "y", since: 0 }, quarantine: [quarantined] });
    world.table.contested.add("state#test");
    const busy = { ending: "busy" };
    await expect(resume(request("x"), changes)).rejects.toMatchObject(busy);
    await expect(liftQuarantine(request("x"), quarantined.version, changes)).rejects.toMatchObject(busy);
    const { world: free, changes: others } = place();
    free.table.contested.add("state#test");
    await expect(hold(request("x"), others)).rejects.toMatchObject(busy);
  });
});

describe("the quarantine", () => {
  it("is listed for one environment or all", async () => {
    const { world } = place();
    expect((await listQuarantine(["test", "staging"], world.deployments)).lines).toEqual(["no release is quarantined"]);
    world.table.items.set("state#staging", { token: 3, quarantine: [quarantined] });
    const { document, lines } = await listQuarantine(["test", "staging"], world.deployments);
    expect(document["quarantine"]).toEqual([{ environment: "staging", ...quarantined }]);
    expect(lines).toEqual([
      `staging  ${quarantined.version}  since 1970-01-01T00:00:00.007Z  by staging#1: jobs were lost`,
    ]);
  });

  it("is lifted for one release, once, with who did it and why", async () => {
    const { world, changes } = place();
    change(world, { token: 3, quarantine: [quarantined] });
    const { document, lines } = await liftQuarantine(request("fixed"), quarantined.version, changes);
    expect(document).toEqual({
      environment: "test",
      version: quarantined.version,
      lifted: quarantined,
      by: "arn:ada",
      because: "fixed",
    });
    expect(lines[0]).toBe(`${quarantined.version} may be deployed into test again, by arn:ada: fixed`);
    expect((await liftQuarantine(request("fixed"), quarantined.version, changes)).document["lifted"]).toBeNull();
  });
});

describe("the lock of a rollback", () => {
  it("is shown as such, and not broken while the rollback lives", async () => {
    const { world } = place();
    world.activity = { build: "terminal", execution: "terminal" };
    change(world, { token: 5, lock: lockUntil(world.clock.now() + 60_000) });
    const shown = await showLock("test", world);
    expect(shown.document).toMatchObject({ breakable: false });
    expect(shown.lines[0]).toContain("the lock of test is held by the rollback of test#1 (token 5)");
    expect(shown.lines.at(-1)).toBe("  the rollback function ends it: it goes on from its last step every minute");
    const refused = await breakLock("test", "arn:ada", "stuck", world);
    expect([refused.ending, refused.lines[1]]).toEqual(["refused", shown.lines.at(-1)]);
  });

  it("is broken once its lease has run out and nobody is left", async () => {
    const { world } = place();
    change(world, { token: 5, lock: lockUntil(world.clock.now() - 1) });
    expect((await breakLock("test", "arn:ada", "stuck", world)).ending).toBe("refused");
    world.activity = { build: "terminal", execution: "terminal" };
    expect((await showLock("test", world)).document).toMatchObject({ breakable: true });
    expect((await breakLock("test", "arn:ada", "stuck", world)).ending).toBe("ok");
    expect((await world.table.state("test")).lock).toBeUndefined();
  });
});

describe("status", () => {
  it("shows holds, quarantine and rollbacks", async () => {
    const { world, changes } = place();
    await deploy(settings, unasked, world);
    const id = world.exported["DEPLOYMENT_ID"] ?? "";
    const record = world.table.items.get(id);
    const rolledBack = {
      rollbackStatus: "running",
      rollbackLevel: "full",
      rollbackReason: "alarm jobs in ALARM state",
    };
    world.table.items.set(id, { ...record, ...rolledBack });
    change(world, { quarantine: [quarantined], lock: { ...lockUntil(1), deploymentId: id } });
    await hold(request("holidays"), changes);
    const { document, lines } = await showStatus("prod", { stages: async () => [] }, world.deployments);
    const text = lines.join("\n");
    expect(text).toMatch(/test +│ aaaaaaaa +│ none +│ aaaaaaaa +│ rollback of test#\d+ +│ held/);
    expect(text).toMatch(/staging +│ none +│ none +│ none +│ free +│ taken/);
    expect(text).toContain("test is held by arn:ada since 2026-09-21T14:13:20.000Z: holidays");
    expect(text).toContain(`test refuses ${quarantined.version} and what contains it: jobs were lost`);
    expect(text).toMatch(/in_progress +│ live +│ changed +│ running \(full\)/);
    expect(text).toContain(`${id} is taken back: alarm jobs in ALARM state`);
    expect(document["environments"]).toMatchObject([
      { hold: { because: "holidays" }, quarantine: [quarantined] },
      { hold: null, quarantine: [] },
      { hold: null, quarantine: [] },
    ]);
  });
});

// Helpers

const quarantined = { version: "c".repeat(40), deploymentId: "staging#1", because: "jobs were lost", since: 7 };

const request = (because: string): OperatorRequest => ({ environment: "test", by: "arn:ada", because });

const lockUntil = (leaseUntil: number) => ({
  deploymentId: "test#1",
  purpose: "rollback",
  token: 5,
  leaseUntil,
  buildId: "deploy-test:1",
  pipelineExecutionId: "e1",
  since: 0,
});

function place() {
  const world = new World();
  return { world, changes: new OperatorStateManager(world.table, () => world.clock.now()) };
}

function change(world: World, changes: object): void {
  world.table.items.set("state#test", { ...world.table.items.get("state#test"), ...changes });
}
