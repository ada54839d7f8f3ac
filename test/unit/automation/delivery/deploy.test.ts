import { describe, expect, it } from "@jest/globals";
import { deploy } from "../../../../automation/delivery/deploy";
import { planDigest } from "../../../../automation/delivery/planSummary";
import { digestOf, NOTHING, scopeOf } from "../../../../automation/changes/scope";
import { EngineProblem } from "../../../../automation/engine/run";
import { ReleaseNotFoundError, TamperedError } from "../../../../runtime/errors";
import { changed, classificationOf, untold, widening } from "../support/classification";
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
      infrastructureDecision: {
        action: "up",
        because: "first deployment: 3 same, 1 create",
        operations: { same: 3, create: 1 },
        proof: {
          wantedDigest: "1".repeat(64),
          policyPack: "5".repeat(64),
          class: "update",
          changes: ["create aws:codebuild/project:Project job"],
          widened: [],
          changeDigest: digestOf(classificationOf([changed("job", { op: "create" })]), "1".repeat(64)),
        },
      },
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
    expect(world.progress.text).toContain("infrastructure: update, because first deployment: 3 same, 1 create");
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
    world.shows = [classificationOf([])];
    await deploy({ ...settings, releaseVersion: "b".repeat(40) }, unasked, world);
    expect(world.effects).toEqual(["preview", "flip to bbbb"]);
    expect((await world.table.state("test")).infrastructureDigest).toBe("9".repeat(64));
  });

  it("of tags alone does not update, and the next one of the same infrastructure does not even preview", async () => {
    const world = await deployed();
    world.release = releaseOf("b".repeat(40), "9".repeat(64));
    world.shows = [classificationOf([changed("job", { class: "metadata-only", properties: ["tags"] })])];
    await deploy({ ...settings, releaseVersion: "b".repeat(40) }, unasked, world);
    expect(world.effects).toEqual(["preview", "flip to bbbb"]);
    const { live } = await world.table.state("test");
    expect(await world.table.record(live?.deploymentId ?? "")).toMatchObject({
      infrastructureChanged: false,
      infrastructureDecision: { action: "none", proof: { appliedDigest: "1".repeat(64), class: "metadata-only" } },
    });
    expect((await world.table.state("test")).infrastructureDigest).toBe("9".repeat(64));
  });

  it.each([
    ["an update", classificationOf([changed("job")])],
    ["outputs alone", classificationOf([], ["alarmName"])],
    ["nothing that it could tell", untold],
  ])("updates when the preview shows %s", async (_what, shown) => {
    const world = await deployed();
    world.release = releaseOf("b".repeat(40), "9".repeat(64));
    world.shows = [shown];
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

describe("what was approved", () => {
  const project = classificationOf([changed("job")]);
  const wider = classificationOf([changed("job"), changed("other")]);

  it.each([
    ["the same", scopeOf(project)],
    ["more", scopeOf(wider)],
  ])("as %s lets the plan through", async (_how, scope) => {
    const world = new World();
    world.shows = [project];
    expect(await deploy(settings, { ...unasked, scope }, world)).toMatchObject({ ending: "ok" });
  });

  it.each([
    ["less", scopeOf(project), wider, "update aws:codebuild/project:Project other"],
    ["nothing", NOTHING, project, "update aws:codebuild/project:Project job"],
    ["something known", scopeOf(project), untold, "what it changes is unknown"],
    ["something unknown", scopeOf(untold), project, "update aws:codebuild/project:Project job"],
  ])("as %s refuses a wider plan, and names what is wider", async (_how, scope, shown, value) => {
    const world = new World();
    world.shows = [shown];
    await expect(deploy(settings, { ...unasked, scope }, world)).rejects.toMatchObject({
      ending: "refused",
      said: { what: "The deployment would do more than what was approved", value },
    });
    expect(world.effects).toEqual(["preview"]);
  });

  it("is not asked about a plan that is not applied", async () => {
    const world = await deployed();
    world.release = releaseOf("b".repeat(40), "9".repeat(64));
    world.shows = [classificationOf([])];
    const approved = { ...unasked, scope: NOTHING };
    expect(await deploy({ ...settings, releaseVersion: "b".repeat(40) }, approved, world)).toMatchObject({
      ending: "ok",
    });
  });
});

describe("a change that loses data or widens permissions", () => {
  const staging = { ...settings, environment: "staging" } as const;
  const added = { principal: "job", action: "s3:PutObject", resource: "arn:aws:s3:::b/*" };
  const shown = [
    ["widens", classificationOf([widening("rights", added)]), "adds job: s3:PutObject on arn:aws:s3:::b/*"],
    [
      "loses",
      classificationOf([changed("queue", { op: "replace", class: "replace-or-delete-of-stateful" })]),
      "replace aws:codebuild/project:Project queue",
    ],
  ] as const;

  it.each(shown)(
    "(%s) stops in staging before anything changes, and says how to acknowledge it",
    async (_how, shows, value) => {
      const world = await inStaging();
      world.shows = [shows];
      const digest = digestOf(shows, "9".repeat(64));
      await expect(deploy({ ...staging, releaseVersion: "b".repeat(40) }, unasked, world)).rejects.toMatchObject({
        ending: "needs-approval",
        said: {
          value: expect.stringContaining(value) as unknown,
          remedy: expect.stringContaining(`kiro-pipeline approve prod --change ${digest}`) as unknown,
        },
      });
      expect(world.effects).toEqual(["preview"]);
      expect(await world.table.record(world.exported["DEPLOYMENT_ID"] ?? "")).toMatchObject({
        status: "failed",
        phase: "locked",
        infrastructureChanged: false,
        infrastructureDecision: { proof: { needsApproval: true, changeDigest: digest } },
      });
    },
  );

  it.each(shown)("(%s) goes in once when it was acknowledged", async (...[, shows]) => {
    const world = await inStaging();
    world.shows = [shows];
    const acknowledgedChange = { digest: digestOf(shows, "9".repeat(64)), by: "arn:ada", because: "wanted", at: 1 };
    world.table.items.set("state#staging", { ...world.table.items.get("state#staging"), acknowledgedChange });
    await deploy({ ...staging, releaseVersion: "b".repeat(40) }, unasked, world);
    expect(world.effects).toEqual(["preview", "up", "flip to bbbb"]);
    expect((await world.table.state("staging")).acknowledgedChange).toBeUndefined();
  });

  it("stops when another change was acknowledged", async () => {
    const world = await inStaging();
    world.shows = [classificationOf([widening("rights", added)])];
    const acknowledgedChange = { digest: "0".repeat(64), by: "arn:ada", because: "wanted", at: 1 };
    world.table.items.set("state#staging", { ...world.table.items.get("state#staging"), acknowledgedChange });
    await expect(deploy({ ...staging, releaseVersion: "b".repeat(40) }, unasked, world)).rejects.toMatchObject({
      ending: "needs-approval",
    });
  });

  it.each(["test", "production"] as const)("is not asked for in %s", async (environment) => {
    const world = await deployedTo(environment);
    world.shows = [classificationOf([widening("rights", added)])];
    const there = { ...settings, environment, releaseVersion: "b".repeat(40) };
    expect(await deploy(there, unasked, world)).toMatchObject({ ending: "ok" });
  });

  it("is not asked for where there was nothing before", async () => {
    const world = new World();
    world.shows = [classificationOf([widening("rights", added)])];
    expect(await deploy(staging, unasked, world)).toMatchObject({ ending: "ok" });
  });

  const inStaging = () => deployedTo("staging");
  async function deployedTo(environment: "test" | "staging" | "production"): Promise<World> {
    const world = new World();
    world.table.items.set(`state#${environment}`, {
      token: 1,
      infrastructureVersion: "a".repeat(40),
      infrastructureDigest: "1".repeat(64),
    });
    world.release = releaseOf("b".repeat(40), "9".repeat(64));
    return world;
  }
});

describe("a plan that is stale when it is to be applied", () => {
  it("is made again, once, and applied when it does no more than before", async () => {
    const world = new World();
    world.stale = 1;
    await deploy(settings, unasked, world);
    expect(world.effects).toEqual(["preview", "preview", "up", "flip to aaaa"]);
    expect(world.progress.text).toContain("The plan is stale: state changed since the preview: preview again");
  });

  it("is not applied when it would do more by now", async () => {
    const world = new World();
    world.stale = 1;
    world.shows = [classificationOf([changed("job")]), classificationOf([changed("job"), changed("other")])];
    await expect(deploy(settings, unasked, world)).rejects.toMatchObject({
      ending: "failed",
      said: { value: "update aws:codebuild/project:Project other" },
    });
    expect(world.effects).toEqual(["preview", "preview"]);
  });

  it("is given up when it is stale again", async () => {
    const world = new World();
    world.stale = 2;
    await expect(deploy(settings, unasked, world)).rejects.toThrow("The plan is stale");
    expect(world.effects).toEqual(["preview", "preview"]);
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
