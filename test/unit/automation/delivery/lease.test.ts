import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "@jest/globals";
import { deploy } from "../../../../automation/delivery/deploy";
import { keepingLease } from "../../../../automation/delivery/lease";
import { settings, unasked, World } from "../support/delivery";

describe("the lease of a long update", () => {
  it("is extended for as long as the update runs, and no longer", async () => {
    const { world, record } = await deployed();
    await world.later(60_000);
    expect(await keepingLease(record, world, () => sleep(60, "updated"), 5)).toBe("updated");
    expect((await world.table.state("test")).lock?.leaseUntil).toBe(world.clock.now() + 15 * 60_000);
    await world.later(60_000);
    await sleep(20);
    expect((await world.table.state("test")).lock?.leaseUntil).toBe(world.clock.now() + 14 * 60_000);
  });

  it("that cannot be extended is told, and the update goes on", async () => {
    const { world, record } = await deployed();
    const deployments = { extendLease: () => Promise.reject(new Error("DynamoDB is gone")) };
    const { progress } = world;
    expect(await keepingLease(record, { deployments, progress }, () => sleep(30, "updated"), 5)).toBe("updated");
    expect(progress.text).toContain("the lease was not extended: DynamoDB is gone");
    world.table.items.set("state#test", { token: 9 });
    expect(await keepingLease(record, world, () => sleep(30, "updated"), 5)).toBe("updated");
    expect(progress.text).toContain("the lease was not extended: ");
    expect(progress.text).toContain("its lock is freed");
  });

  it("ends with an update that fails", async () => {
    const { world, record } = await deployed();
    await expect(keepingLease(record, world, () => Promise.reject(new Error("denied")), 5)).rejects.toThrow("denied");
  });
});

// Helpers

async function deployed() {
  const world = new World();
  await deploy(settings, unasked, world);
  const record = await world.table.record(world.exported["DEPLOYMENT_ID"] ?? "");
  if (record === undefined) throw new Error("nothing was deployed");
  return { world, record };
}
