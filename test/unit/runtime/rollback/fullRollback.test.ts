import { beforeEach, describe, expect, it } from "@jest/globals";
import type { DeploymentRecord } from "../../../../runtime/deployments/domain";
import type { RollbackPart } from "../../../../runtime/deployments/domainRollback";
import { TamperedError } from "../../../../runtime/errors";
import type { Running } from "../../../../runtime/rollback/domainProgress";
import { nextPart } from "../../../../runtime/rollback/fullRollback";
import type { RollbackPorts } from "../../../../runtime/rollback/ports";
import type { Environment } from "../../../../runtime/types";
import { BAD, digestOf, GOOD, NEXT, World } from "../../../property/runtime/rollback/world";
import { release } from "../support/fixtures";
import { rewrite, running } from "./support/bench";

let world: World;
let staging: DeploymentRecord;
let test: DeploymentRecord;
let parts: readonly RollbackPart[];

/** The bad release is live in test and staging; in production its rollback became full and has gone back twice. */
beforeEach(async () => {
  world = new World();
  test = await goneBad("test");
  staging = await goneBad("staging");
  parts = [
    { environment: "production", deploymentId: "production#1000000" },
    { environment: "staging", deploymentId: staging.deploymentId },
    { environment: "test", deploymentId: test.deploymentId },
  ];
});

async function goneBad(environment: Environment): Promise<DeploymentRecord> {
  await world.deploy(environment, GOOD, "done");
  return world.deploy(environment, BAD, "done");
}
const root = (over: Partial<Running["rollback"]> = {}, record: Partial<DeploymentRecord> = {}) =>
  running({ level: "full", round: 2, next: "parts", parts, ...over }, record);
const next = (record: Running = root(), over: Partial<RollbackPorts> = {}) =>
  nextPart(record, { ...world.ports(), ...over });

describe("a full rollback looks for the environments in which the bad release is live", () => {
  it("production first, then staging, then test", async () => {
    const record = root({ round: 1, parts: undefined });
    expect(await next(record)).toEqual({ kind: "advance", rollback: { ...record.rollback, parts } });
  });

  it("and leaves out where another release runs by now, but never the one that asks", async () => {
    await world.deploy("staging", NEXT, "done");
    expect(await next(root({ round: 1, parts: undefined }))).toMatchObject({
      rollback: { parts: [parts[0], parts[2]] },
    });
  });

  it("and takes production with it when staging asks", async () => {
    await world.deploy("production", GOOD, "done");
    const { deploymentId } = await world.deploy("production", BAD, "done");
    const asking = root({ round: 1, parts: undefined }, { environment: "staging", deploymentId: staging.deploymentId });
    expect(await next(asking)).toMatchObject({
      rollback: { parts: [{ environment: "production", deploymentId }, parts[1], parts[2]] },
    });
  });
});

describe("the environment that asks", () => {
  it("goes back once more, when its turn has come", async () => {
    expect(await next(root({ round: 1 }))).toMatchObject({
      kind: "advance",
      rollback: { round: 2, next: "flip-pointer", parts },
    });
  });

  it("does so once", async () => {
    expect((await next()).kind).toBe("claim");
  });
});

describe("another environment", () => {
  it("goes back to what its own record captured, in the name of the one that asks", async () => {
    expect(await next()).toEqual({
      kind: "claim",
      request: {
        record: await world.table.record(staging.deploymentId),
        state: await world.table.state("staging"),
        claim: {
          cause: "alarm",
          because: `full rollback of ${BAD} from production: ${root().rollback.because}`,
          failedAlarms: [],
          target: {
            version: GOOD,
            releaseDigest: digestOf(GOOD),
            deploymentId: staging.previousDeploymentId,
            infrastructureVersion: GOOD,
          },
          root: "production#1000000",
          counts: false,
        },
        waiting: undefined,
      },
    });
  });

  it("that is going back is gone on with", async () => {
    const { rollback } = running();
    rewrite(world, staging, { rollbackStatus: "running", rollback });
    expect(await next()).toEqual({ kind: "resume", deploymentId: staging.deploymentId });
  });

  it("that went back is followed by the next", async () => {
    rewrite(world, staging, { rollbackStatus: "done" });
    expect(await next()).toMatchObject({ kind: "claim", request: { record: { environment: "test" } } });
  });

  it("that runs something else by now is followed by the next", async () => {
    await world.deploy("staging", NEXT, "done");
    expect(await next()).toMatchObject({ kind: "claim", request: { record: { environment: "test" } } });
  });

  it("is the last: then the rollback ends", async () => {
    for (const one of [staging, test]) rewrite(world, one, { rollbackStatus: "done" });
    expect(await next()).toEqual({ kind: "advance", rollback: { ...root().rollback, next: "end" } });
  });
});

describe("an environment that cannot go back is told, and the others go on", () => {
  const failure = async (over: Partial<RollbackPorts> = {}) => {
    const result = await next(root(), over);
    if (result.kind !== "advance") throw new Error(`not told: ${JSON.stringify(result)}`);
    expect(result.rollback).toMatchObject({ next: "parts", parts: [parts[0], parts[2]] });
    return result.rollback.failure;
  };
  const releases = (readRelease: RollbackPorts["releases"]["readRelease"]) => ({ releases: { readRelease } });

  it("when its rollback failed", async () => {
    const outcome = { kind: "failed", because: "the undo failed" } as const;
    rewrite(world, staging, { rollbackStatus: "failed", rollback: { ...running().rollback, outcome } });
    expect(await failure()).toBe("staging: the undo failed");
    rewrite(world, staging, { rollbackStatus: "failed" });
    expect(await failure()).toBe("staging: its rollback failed");
  });

  it("when its record has expired", async () => {
    world.table.items.delete(staging.deploymentId);
    expect(await failure()).toBe(
      `staging: the record of ${staging.deploymentId} has expired, so nobody knows what was there before`,
    );
  });

  it("when it is the first release there", async () => {
    rewrite(world, staging, { previousVersion: undefined });
    expect(await failure()).toBe("staging: it is the first release in staging: there is nothing to go back to");
  });

  it("when what was there before is quarantined there", async () => {
    const state = world.table.items.get("state#staging");
    const quarantine = [{ version: GOOD, deploymentId: "staging#1", because: "alarm", since: 1 }];
    world.table.items.set("state#staging", { ...state, quarantine });
    expect(await failure()).toBe(`staging: ${GOOD} is quarantined in staging`);
  });

  it("when the bad release may not go back so far", async () => {
    const oldest = releases(async (version) => ({
      release: release({ sequence: version === GOOD ? 4 : 9, rollbackCompatibleFrom: 5 }),
      digest: "",
    }));
    expect(await failure(oldest)).toBe(
      `staging: ${BAD} may go back to release number 5 at the lowest, ${GOOD} is number 4`,
    );
  });

  it("when the release that was there before is not what it was", async () => {
    const error = new TamperedError("release.json", digestOf(GOOD), "0");
    expect(await failure(releases(() => Promise.reject(error)))).toBe(`staging: ${error.message}`);
  });

  it("but what went wrong first is what people read", async () => {
    rewrite(world, staging, { previousVersion: undefined });
    expect(await next(root({ failure: "production: the first" }))).toMatchObject({
      rollback: { failure: "production: the first" },
    });
  });
});

describe("the lock of another environment", () => {
  it("that the bad release's own deployment holds is taken with it", async () => {
    staging = await world.deploy("staging", GOOD, "done");
    staging = await world.deploy("staging", BAD, "baking");
    const own = [{ environment: "staging", deploymentId: staging.deploymentId }] as const;
    expect(await next(root({ parts: own }))).toMatchObject({
      kind: "claim",
      request: { record: { phase: "baking" }, waiting: undefined },
    });
  });

  it("that a deployment holds which has changed nothing yet is taken from it", async () => {
    const waiting = await world.deploy("staging", NEXT, "locked");
    expect(await next()).toMatchObject({
      kind: "claim",
      request: { record: { deploymentId: staging.deploymentId }, waiting: { deploymentId: waiting.deploymentId } },
    });
  });

  it.each([
    ["is changing it", "changing", {}],
    ["has failed and is about to be ended", "locked", { status: "failed" }],
  ] as const)("that a deployment holds which %s is waited for", async (_, phase, over) => {
    const holder = await world.deploy("staging", NEXT, phase);
    rewrite(world, holder, over);
    expect(await next()).toEqual({ kind: "wait", because: `${holder.deploymentId} is changing staging` });
  });

  it("whose holder's record has expired is waited for: it may be anything", async () => {
    const holder = await world.deploy("staging", NEXT, "locked");
    world.table.items.delete(holder.deploymentId);
    expect(await next()).toMatchObject({ kind: "wait" });
  });
});
