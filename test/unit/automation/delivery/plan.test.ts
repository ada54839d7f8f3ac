import { describe, expect, it } from "@jest/globals";
import { deploy } from "../../../../automation/delivery/deploy";
import { plan } from "../../../../automation/delivery/plan";
import { planDigest, planSummary } from "../../../../automation/delivery/planSummary";
import { NOTHING, scopeOf } from "../../../../automation/changes/scope";
import { type InfrastructureDecision } from "../../../../runtime/deployments/domain";
import { changed, classificationOf, widening } from "../support/classification";
import { releaseOf, settings, unasked, World } from "../support/delivery";

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
  const link = "https://console.example/build/1";

  it("names the release, the decision with its class, alarms, permissions, changes and where all of it is", () => {
    const decision = decided(["create aws:iam/role:Role job", "update aws:x y"], ["job: s3:PutObject on bucket/*"]);
    expect(planSummary(releaseOf("a".repeat(40)), decision, ["failed-jobs"], link)).toBe(
      "Release aaaaaaaa (number 7): feat: better jobs. Infrastructure: changes (update), 1 create. " +
        "Alarms already on: failed-jobs. Adds permissions: job: s3:PutObject on bucket/*. " +
        `Changes: create aws:iam/role:Role job; update aws:x y. All of it: ${link}`,
    );
  });

  it("is short where the digests could tell", () => {
    const decision = { action: "none", because: "the digests are equal" } as const;
    expect(planSummary(releaseOf("a".repeat(40)), decision, [], link)).toBe(
      `Release aaaaaaaa (number 7): feat: better jobs. Infrastructure: unchanged, the digests are equal. All of it: ${link}`,
    );
  });

  it.each([[0], [1], [18], [19], [20], [400]])(
    "with %i changes has at most 1000 characters and says how many it leaves out",
    (count) => {
      const summary = planSummary(releaseOf("a".repeat(40)), decided(projects(count), []), [], link);
      expect(summary.length).toBeLessThanOrEqual(1000);
      expect(summary).toMatch(/All of it: https:.*1$/);
      const shown = summary.match(/project-\d+/g)?.length ?? 0;
      const more = Number(/; and (\d+) more[.]/.exec(summary)?.[1] ?? 0);
      expect(shown + more).toBe(count);
    },
  );

  it("shows permissions before changes when there is no room for both, and counts what it leaves out", () => {
    const summary = planSummary(releaseOf("a".repeat(40)), decided(projects(3), projects(400)), [], link);
    expect(summary).toContain("Adds permissions: update aws:codebuild/project:Project project-0;");
    expect(summary).toContain(" Changes: 3.");
    expect(summary.length).toBeLessThanOrEqual(1000);
  });

  it("survives a subject of any length", () => {
    const release = { ...releaseOf("a".repeat(40)), message: "x".repeat(5000) };
    const summary = planSummary(release, { action: "none", because: "y".repeat(2000) }, [], link);
    expect(summary.length).toBe(1000);
    expect(summary.endsWith(`All of it: ${link}`)).toBe(true);
  });
});

describe("plan", () => {
  it("says what deploy would do and writes nothing", async () => {
    const world = new World();
    const { document } = await plan(settings, world);
    expect(document).toMatchObject({ decision: { action: "up" }, changes: [{ op: "create", name: "job" }] });
    expect(world.effects).toEqual(["preview without writing"]);
    expect(world.table.items.size).toBe(0);
    expect(world.exported).toEqual({
      PLAN_SUMMARY: document["summary"],
      PLAN_DIGEST: planDigest(world.release, world.digest),
      PLAN_SCOPE: scopeOf(classificationOf([changed("job", { op: "create" })])),
      PLAN_ALARMS: "none",
    });
  });

  it("links to the log of its own build, which has the whole proof", async () => {
    const world = new World();
    world.shows = [
      classificationOf([widening("rights", { principal: "job", action: "s3:PutObject", resource: "b/*" })]),
    ];
    const { document, lines } = await plan(settings, world);
    expect(document["summary"]).toContain("Adds permissions: job: s3:PutObject on b/*. Changes: update ");
    expect(document["summary"]).toMatch(
      /All of it: https:\/\/us-east-1[.]console[.]aws[.]amazon[.]com\/codebuild\/home[?]region=us-east-1#\/builds\/deploy-test:1\/view\/new$/,
    );
    expect(lines).toEqual(expect.arrayContaining(["      adds job: s3:PutObject on b/*"]));
  });

  it("names exemptions from policies before permissions and changes, in the record as well", async () => {
    const world = new World();
    world.exemptions = ["aws:sns/topic:Topic::news from topics-are-encrypted until 2027-01-31: public"];
    const { document } = await plan(settings, world);
    expect(document["summary"]).toContain(`Exempt from policies: ${world.exemptions[0]}. Changes: create`);
    expect(document["decision"]).toMatchObject({ proof: { exemptions: world.exemptions } });
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
      "1 create. Alarms already on: kiro-worker-test-failed-jobs, kiro-worker-test-slow.",
    );
  });

  it("needs no preview for an infrastructure that is there", async () => {
    const world = new World();
    await deploy(settings, unasked, world);
    world.effects.length = 0;
    const { document } = await plan(settings, world);
    expect([world.effects, document["decision"]]).toMatchObject([[], { action: "none" }]);
    expect(world.exported["PLAN_SCOPE"]).toBe(NOTHING);
  });

  it("approves nothing for tags alone, because nothing is done", async () => {
    const world = new World();
    await deploy(settings, unasked, world);
    world.release = releaseOf("b".repeat(40), "9".repeat(64));
    world.shows = [classificationOf([changed("job", { class: "metadata-only", properties: ["tags"] })])];
    const { document } = await plan(settings, world);
    expect(document["decision"]).toMatchObject({ action: "none", proof: { class: "metadata-only" } });
    expect(world.exported["PLAN_SCOPE"]).toBe(NOTHING);
  });
});

// Helpers

const decided = (changes: readonly string[], widened: readonly string[]): InfrastructureDecision => ({
  action: "up",
  because: "1 create",
  proof: { wantedDigest: null, class: "update", changes, widened },
});

const projects = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `update aws:codebuild/project:Project project-${index}`);
