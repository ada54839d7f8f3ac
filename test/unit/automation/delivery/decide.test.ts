import { describe, expect, it } from "@jest/globals";
import { decideByDigest, decideByPreview, planDigest, planSummary } from "../../../../automation/delivery/decide";
import { plan } from "../../../../automation/delivery/plan";
import { deploy } from "../../../../automation/delivery/deploy";
import { releaseOf, settings, unasked, World } from "../support/delivery";

const state = { environment: "test", token: 1 } as const;

describe("what the digests decide", () => {
  it.each([
    ["the release has none", {}, null, "none", "the release has no infrastructure"],
    [
      "they are equal",
      { infrastructureVersion: "a".repeat(40), infrastructureDigest: "1" },
      "1",
      "none",
      "infrastructure digest 1 equals that of aaaaaaaa",
    ],
  ])("nothing is to do when %s", (_when, applied, wanted, action, because) => {
    expect(decideByDigest({ ...state, ...applied }, { infrastructureDigest: wanted })).toEqual({
      kind: "decided",
      decision: { action, because },
    });
  });

  it.each([
    ["nothing was ever applied", {}, true, "no infrastructure was applied here before"],
    [
      "they differ",
      { infrastructureVersion: "a".repeat(40), infrastructureDigest: "1" },
      false,
      "digest 2 differs from the applied one (1 of aaaaaaaa)",
    ],
    ["an update never reported its end", { infrastructureVersion: "a".repeat(40) }, false, "(unknown of aaaaaaaa)"],
    [
      "the live release has none",
      { infrastructureVersion: "a".repeat(40), infrastructureDigest: null },
      false,
      "(none of aaaaaaaa)",
    ],
  ])("a preview is needed when %s", (_when, applied, first, because) => {
    const decision = decideByDigest({ ...state, ...applied }, { infrastructureDigest: "2" });
    expect(decision).toMatchObject({ kind: "preview-needed", first });
    expect(decision).toHaveProperty("because", expect.stringContaining(because));
  });
});

describe("what the preview decides", () => {
  it.each([
    [{ same: 3 }, false, "none"],
    [{ same: 3, update: 0 }, false, "none"],
    [{ same: 3, update: 1 }, false, "up"],
    [{ delete: 1 }, false, "up"],
    [{ refresh: 1 }, false, "up"],
    [{}, false, "up"],
    [{ same: 3 }, true, "up"],
  ] as const)("%j (first: %j) means %s", (counts, first, action) => {
    expect(decideByPreview(counts, first).action).toBe(action);
  });
});

describe("the digest of a plan", () => {
  it("names the release's content and infrastructure", () => {
    const release = releaseOf("a".repeat(40));
    const own = planDigest(release, "d");
    expect(planDigest(release, "d")).toBe(own);
    expect(planDigest(release, "e")).not.toBe(own);
    expect(planDigest({ ...release, infrastructureDigest: null }, "d")).not.toBe(own);
  });
});

describe("the summary of a plan", () => {
  const decision = { action: "up", because: "the preview changes something: 1 create" } as const;

  it("names the release, the decision and each change, on one line", () => {
    expect(
      planSummary(releaseOf("a".repeat(40)), decision, ["create aws:iam/role:Role job", "update aws:x y"], []),
    ).toBe(
      "Release aaaaaaaa (number 7): feat: better jobs. Infrastructure: changes, the preview changes something: 1 create. create aws:iam/role:Role job, update aws:x y",
    );
  });

  it.each([[0], [1], [18], [19], [20], [400]])(
    "with %i changes has at most 1000 characters and says how many it leaves out",
    (count) => {
      const changes = Array.from(
        { length: count },
        (_, index) => `update aws:codebuild/project:Project project-${index}`,
      );
      const summary = planSummary(releaseOf("a".repeat(40)), decision, changes, []);
      expect(summary.length).toBeLessThanOrEqual(1000);
      const shown = summary.match(/project-\d+/g)?.length ?? 0;
      const more = Number(/, and (\d+) more$/.exec(summary)?.[1] ?? 0);
      expect(shown + more).toBe(count);
    },
  );

  it("survives a subject of any length", () => {
    const release = { ...releaseOf("a".repeat(40)), message: "x".repeat(5000) };
    expect(planSummary(release, { action: "none", because: "y".repeat(2000) }, [], []).length).toBe(1000);
  });
});

describe("plan", () => {
  it("says what deploy would do and writes nothing", async () => {
    const world = new World();
    const { document } = await plan(settings, world);
    expect(document).toMatchObject({ decision: { action: "up" }, changes: ["create aws:iam/role:Role job"] });
    expect(world.effects).toEqual(["preview without writing"]);
    expect(world.table.items.size).toBe(0);
    expect(world.exported).toEqual({
      PLAN_SUMMARY: document["summary"],
      PLAN_DIGEST: planDigest(world.release, world.digest),
      PLAN_ALARMS: "none",
    });
  });

  it("names the alarms that are on, so that the approval is given in their knowledge", async () => {
    const world = new World();
    world.alarmStates = [
      { name: "kiro-worker-test-failed-jobs", state: "ALARM" },
      { name: "kiro-worker-test-other", state: "OK" },
      { name: "kiro-worker-test-slow", state: "ALARM" },
    ];
    const { document } = await plan(settings, world);
    expect(world.exported["PLAN_ALARMS"]).toBe("kiro-worker-test-failed-jobs,kiro-worker-test-slow");
    expect(document["summary"]).toContain(
      "2 create. Alarms already on: kiro-worker-test-failed-jobs, kiro-worker-test-slow.",
    );
  });

  it("needs no preview for an infrastructure that is there", async () => {
    const world = new World();
    await deploy(settings, unasked, world);
    world.effects.length = 0;
    const { document } = await plan(settings, world);
    expect([world.effects, document["decision"]]).toMatchObject([[], { action: "none" }]);
  });
});
