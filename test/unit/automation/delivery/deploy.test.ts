import { describe, expect, it } from "@jest/globals";
import { planDigest } from "../../../../automation/delivery/decide";
import { deploy } from "../../../../automation/delivery/deploy";
import { EngineProblem } from "../../../../automation/engine/run";
import { ReleaseNotFoundError, TamperedError } from "../../../../runtime/errors";
import { releaseOf, settings, unasked, World } from "../support/delivery";

describe("a first deployment", () => {
  it("takes the lock, previews, updates, makes the release live, and exports its id", async () => {
    const world = new World();
    const { ending, document } = await deploy(settings, unasked, world);
    const id = `test#${world.clock.now()}`;
    expect([ending, document["deploymentId"], document["previousVersion"]]).toEqual(["ok", id, null]);
    expect(world.effects).toEqual(["preview", "up", "flip to aaaa"]);
    expect(world.exported).toEqual({ DEPLOYMENT_ID: id });
    expect(await world.table.record(id)).toMatchObject({
      status: "in_progress",
      phase: "live",
      buildId: "deploy-test:1",
      infrastructureChanged: true,
      infrastructureDecision: { action: "up", because: "first deployment: 2 create" },
      commitMessage: "feat: better jobs\n\nlong text",
      artifactLocation: `s3://releases/releases/${settings.releaseVersion}/`,
      coveragePercentage: 91.5,
    });
    const { live, lock, infrastructureVersion } = await world.table.state("test");
    expect([live?.version, lock?.deploymentId, infrastructureVersion]).toEqual([
      settings.releaseVersion,
      id,
      settings.releaseVersion,
    ]);
    expect(world.current).toMatchObject({
      version: settings.releaseVersion,
      releaseDigest: world.digest,
      deploymentId: id,
    });
    expect(world.progress.text).toContain("infrastructure: update, because first deployment: 2 create");
  });
});

describe("a later deployment", () => {
  it("with the same infrastructure neither previews nor updates, and captures what was live", async () => {
    const world = await deployed();
    world.release = releaseOf("b".repeat(40));
    await deploy({ ...settings, releaseVersion: "b".repeat(40) }, unasked, world);
    expect(world.effects).toEqual(["flip to bbbb"]);
    const { live } = await world.table.state("test");
    expect(await world.table.record(live?.deploymentId ?? "")).toMatchObject({
      previousVersion: "a".repeat(40),
      infrastructureChanged: false,
      infrastructureDecision: { action: "none", because: "infrastructure digest 111111111111 equals that of aaaaaaaa" },
    });
  });

  it("with an infrastructure that the preview proves unchanged does not update", async () => {
    const world = await deployed();
    world.release = releaseOf("b".repeat(40), "9".repeat(64));
    world.counts = { same: 5 };
    await deploy({ ...settings, releaseVersion: "b".repeat(40) }, unasked, world);
    expect(world.effects).toEqual(["preview", "flip to bbbb"]);
    expect((await world.table.state("test")).infrastructureDigest).toBe("9".repeat(64));
  });

  it.each([[{ same: 4, update: 1 }], [{}]])("updates when the preview says %j", async (counts) => {
    const world = await deployed();
    world.release = releaseOf("b".repeat(40), "9".repeat(64));
    world.counts = counts;
    await deploy({ ...settings, releaseVersion: "b".repeat(40) }, unasked, world);
    expect(world.effects).toEqual(["preview", "up", "flip to bbbb"]);
  });

  it("knows the alarms that were ringing before it began", async () => {
    const world = new World();
    world.alarmStates = [
      { name: "kiro-worker-test-failed-jobs", state: "ALARM" },
      { name: "kiro-worker-test-other", state: "OK" },
    ];
    await deploy(settings, unasked, world);
    const { lock } = await world.table.state("test");
    expect((await world.table.record(lock?.deploymentId ?? ""))?.alarmsBefore).toEqual([
      "kiro-worker-test-failed-jobs",
    ]);
  });
});

describe("a release that is not what Build published", () => {
  it.each([
    ["readRelease", new TamperedError("releases/a/release.json", "1", "2")],
    ["fetchFile", new TamperedError("releases/a/application.zip", "1", "2")],
    ["readRelease", new ReleaseNotFoundError("releases/a/release.json")],
  ] as const)("is refused before anything is recorded (%s)", async (step, error) => {
    const world = new World();
    world.failing = { step, error };
    await expect(deploy(settings, unasked, world)).rejects.toMatchObject({ ending: "refused" });
    expect([world.table.items.size, world.effects]).toEqual([0, []]);
  });

  it("is not confused with a store that cannot be read", async () => {
    const world = new World();
    world.failing = { step: "readRelease", error: new Error("AccessDenied") };
    await expect(deploy(settings, unasked, world)).rejects.toThrow("AccessDenied");
  });
});

describe("an approval", () => {
  it("lets exactly the approved plan through", async () => {
    const world = new World();
    await deploy(settings, { ...unasked, planDigest: planDigest(world.release, world.digest) }, world);
    expect(world.effects).toContain("flip to aaaa");
  });

  it("of something else refuses the deployment before anything is recorded", async () => {
    const world = new World();
    await expect(deploy(settings, { ...unasked, planDigest: "e".repeat(64) }, world)).rejects.toMatchObject({
      ending: "refused",
      said: { what: "What is to be deployed is not what was approved" },
    });
    expect(world.table.items.size).toBe(0);
  });

  it("that was never given, though it is asked for, refuses too", async () => {
    await expect(deploy(settings, { ...unasked, planDigest: "" }, new World())).rejects.toMatchObject({
      ending: "refused",
    });
  });
});

describe("alarms that are on when a deployment starts", () => {
  const on = (...names: string[]) => names.map((name) => ({ name, state: "ALARM" }) as const);

  it.each([
    ["kiro-worker-test-a,kiro-worker-test-b", on("kiro-worker-test-b")],
    ["none", []],
    ["none", [{ name: "kiro-worker-test-a", state: "OK" } as const]],
  ])("and were accepted (%s) let it through", async (alarms, states) => {
    const world = new World();
    world.alarmStates = states;
    expect(await deploy(settings, { ...unasked, alarms }, world)).toMatchObject({ ending: "ok" });
  });

  it.each(["none", "", "kiro-worker-test-a"])("and were not (%s) refuse it, by name", async (alarms) => {
    const world = new World();
    world.alarmStates = on("kiro-worker-test-b");
    await expect(deploy(settings, { ...unasked, alarms }, world)).rejects.toMatchObject({
      ending: "refused",
      said: { value: "kiro-worker-test-b", allowed: alarms === "" ? "none" : alarms },
    });
    expect(world.table.items.size).toBe(0);
  });
});

describe("an environment that is held", () => {
  it.each(["operator", "frozen"] as const)("(%s) refuses every release, and says how to go on", async (kind) => {
    const world = new World();
    world.table.items.set("state#test", { token: 3, hold: hold(kind) });
    await expect(deploy(settings, unasked, world)).rejects.toMatchObject({
      ending: "refused",
      message:
        `test takes no deployments: ${kind === "frozen" ? "frozen" : "held"} by arn:ada since 1970-01-01T00:00:00.007Z: holidays. ` +
        `Got: ${settings.releaseVersion}. When that is over: \`kiro-pipeline resume prod --environment test --reason …\`.`,
    });
    expect(world.table.items.size).toBe(1);
  });

  it("while a deployment waits for the lock ends its wait", async () => {
    const world = new World();
    await deploy(settings, unasked, world);
    world.clock.meanwhile = async () => change(world, { hold: hold("operator") });
    await expect(deploy(settings, unasked, world)).rejects.toMatchObject({ ending: "refused" });
  });

  it("between the look and the start is seen before anything changes", async () => {
    const world = new World();
    const started = world.deployments.recordDeploymentStart.bind(world.deployments);
    world.deployments.recordDeploymentStart = async (info) => {
      change(world, { token: 4, hold: hold("operator") });
      return started(info);
    };
    await expect(deploy(settings, unasked, world)).rejects.toMatchObject({ ending: "refused" });
    expect(world.effects).toEqual([]);
    const id = world.exported["DEPLOYMENT_ID"] ?? "";
    expect(await world.table.record(id)).toMatchObject({ status: "failed", phase: "locked", failureKind: "step" });
  });
});

describe("a quarantined commit", () => {
  const quarantine = [{ version: "c".repeat(40), deploymentId: "staging#1", because: "jobs were lost", since: 7 }];

  it("is refused in staging in every release that contains it", async () => {
    const world = new World();
    world.release = { ...releaseOf("a".repeat(40)), ancestors: ["b".repeat(40), "c".repeat(40)] };
    world.table.items.set("state#staging", { token: 3, quarantine });
    await expect(deploy({ ...settings, environment: "staging" }, unasked, world)).rejects.toMatchObject({
      ending: "refused",
      said: {
        what: `The release contains ${"c".repeat(40)}, which is quarantined in staging since 1970-01-01T00:00:00.007Z: jobs were lost`,
        remedy: expect.stringContaining(
          `kiro-pipeline quarantine lift prod --environment staging --version ${"c".repeat(40)}`,
        ) as unknown,
      },
    });
  });

  it("is refused itself in production", async () => {
    const world = new World();
    world.release = releaseOf("c".repeat(40));
    world.table.items.set("state#production", { token: 3, quarantine });
    await expect(deploy({ ...settings, environment: "production" }, unasked, world)).rejects.toThrow(
      "The release is quarantined in production",
    );
  });

  it("is taken by the test environment, where a fix is proven", async () => {
    const world = new World();
    world.release = { ...releaseOf("a".repeat(40)), ancestors: ["c".repeat(40)] };
    world.table.items.set("state#test", { token: 3, quarantine });
    expect(await deploy(settings, unasked, world)).toMatchObject({ ending: "ok" });
  });
});

describe("a step that fails", () => {
  const denied = new EngineProblem("up", [{ urn: "urn::role", message: "AccessDenied: iam:CreateRole" }], undefined);

  it.each([
    ["preview", denied, "locked", undefined],
    ["apply", denied, "changing", undefined],
    ["flip", new Error("S3 is gone"), "changing", undefined],
  ] as const)("in %s is recorded, and the lock stays", async (step, error, phase, live) => {
    const world = new World();
    world.failing = { step, error };
    await expect(deploy(settings, unasked, world)).rejects.toBe(error);
    const state = await world.table.state("test");
    expect(state.live).toBe(live);
    expect(await world.table.record(state.lock?.deploymentId ?? "")).toMatchObject({
      status: "failed",
      phase,
      failureReason: error.message,
      failureKind: "step",
    });
    expect(world.progress.text).toContain("it keeps the lock until it is rolled back or broken");
  });

  it("after a pointer that somebody else flipped names who", async () => {
    const world = new World();
    world.pointerLost = true;
    await expect(deploy(settings, unasked, world)).rejects.toThrow("current.json of test was changed by somebody else");
  });

  it("leaves unknown what infrastructure is there, so that the next deployment looks again", async () => {
    const world = await deployed();
    world.release = releaseOf("b".repeat(40), "9".repeat(64));
    world.failing = { step: "apply", error: denied };
    await expect(deploy({ ...settings, releaseVersion: "b".repeat(40) }, unasked, world)).rejects.toBe(denied);
    expect((await world.table.state("test")).infrastructureDigest).toBeUndefined();
  });
});

describe("a deployment that lost its lock", () => {
  it("stops at its next write, and says that it could not record why", async () => {
    const world = new World();
    const applied = world.infrastructure.preview;
    world.infrastructure.preview = async (release, readOnly) => {
      const previewed = await applied(release, readOnly);
      const item = world.table.items.get("state#test") ?? {};
      world.table.items.set("state#test", { ...item, lock: { ...(item["lock"] as object), token: 99 } });
      return previewed;
    };
    await expect(deploy(settings, unasked, world)).rejects.toThrow("This deployment may not go on");
    expect(world.effects).toEqual(["preview"]);
    expect(world.progress.text).toContain("the failure could not be recorded");
  });

  it("reports the first error when even the failure cannot be written", async () => {
    const world = new World();
    world.failing = { step: "preview", error: new Error("first") };
    world.deployments.fail = () => Promise.reject(new Error("DynamoDB is gone"));
    await expect(deploy(settings, unasked, world)).rejects.toThrow("first");
    expect(world.progress.text).toContain("the failure could not be recorded: DynamoDB is gone");
  });
});

// Helpers

const hold = (kind: "operator" | "frozen") => ({ kind, by: "arn:ada", because: "holidays", since: 7 });

function change(world: World, changes: object): void {
  world.table.items.set("state#test", { ...world.table.items.get("state#test"), ...changes });
}

/** A world in which release `a…` is live, succeeded, and its lock is free. */
async function deployed(): Promise<World> {
  const world = new World();
  await deploy(settings, unasked, world);
  const { lock } = await world.table.state("test");
  const record = await world.table.record(lock?.deploymentId ?? "");
  if (record === undefined) throw new Error("nothing was deployed");
  const baking = await world.deployments.beginBake(record);
  if (baking.kind !== "done") throw new Error(baking.because);
  await world.deployments.succeed(baking.record, []);
  world.effects.length = 0;
  await world.later(60_000);
  return world;
}
