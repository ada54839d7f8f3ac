import { describe, expect, it } from "@jest/globals";
import { InfrastructureChangeDetector } from "../../../../automation/changes/detector";
import { type Classification } from "../../../../automation/changes/domain";
import { proofLines } from "../../../../automation/changes/proofLines";
import { type EnvironmentState } from "../../../../runtime/deployments/domain";
import { changed, classificationOf, untold, widening } from "../support/classification";
import { releaseOf } from "../support/delivery";

const base = "a".repeat(40);
const applied: EnvironmentState = {
  environment: "test",
  token: 1,
  infrastructureVersion: base,
  infrastructureDigest: "1".repeat(64),
};
const release = {
  ...releaseOf("b".repeat(40), "9".repeat(64)),
  mainline: [base],
  infrastructureChanges: [{ version: "b".repeat(40), files: ["infrastructure/index.ts"] }],
  gates: [{ gate: "coverage", outcome: "passed", because: "91 %" } as const],
};

describe("InfrastructureChangeDetector", () => {
  it("needs no preview where the digests can tell, and says what that rests on", async () => {
    const { detector, previews } = detect(classificationOf([changed("jobs")]));
    const { decision, plan } = await detector.detectChanges({ ...applied, infrastructureDigest: "9".repeat(64) });
    expect([previews(), plan]).toEqual([0, undefined]);
    expect(decision).toEqual({
      action: "none",
      because: "infrastructure digest 999999999999 equals that of aaaaaaaa",
      proof: {
        gates: release.gates,
        appliedDigest: "9".repeat(64),
        wantedDigest: "9".repeat(64),
        files: ["infrastructure/index.ts"],
      },
    });
    expect(proofLines(decision, plan)).toEqual([
      "  gate coverage: passed, 91 %",
      `  infrastructure digest: ${"9".repeat(64)}, applied: ${"9".repeat(64)}`,
      "  infrastructure files touched since: infrastructure/index.ts",
    ]);
  });

  it("decides by the preview else, and proves it by files, class, changes, digests and the pack that passed it", async () => {
    const added = { principal: "job", action: "s3:PutObject", resource: "b/*" };
    const shown = classificationOf(
      [changed("jobs", { properties: ["buildTimeout"] }), widening("rights", added)],
      ["name"],
    );
    const { detector, lines } = detect(shown);
    const { decision, plan, first } = await detector.detectChanges(applied);
    expect(first).toBe(false);
    expect(decision).toMatchObject({
      action: "up",
      operations: { same: 3, update: 2 },
      proof: { class: "widens-permissions", policyPack: "5".repeat(64), widened: ["job: s3:PutObject on b/*"] },
    });
    expect(lines).toEqual([
      "  infrastructure digest 999999999999 differs from the applied one (111111111111 of aaaaaaaa): preview",
    ]);
    expect(proofLines(decision, plan).slice(3)).toEqual([
      `  policies: passed, pack ${"5".repeat(64)}`,
      `  class: widens-permissions, change ${decision.proof?.changeDigest ?? ""}`,
      "    update aws:codebuild/project:Project jobs (update: buildTimeout)",
      "    update aws:iam/rolePolicy:RolePolicy rights (widens-permissions)",
      "      adds job: s3:PutObject on b/*",
      "    output name",
    ]);
  });

  it("says what it does not know", async () => {
    const { detector } = detect(untold, releaseOf("b".repeat(40), null));
    const { decision } = await detector.detectChanges({ environment: "test", token: 0 });
    expect(decision.proof).toEqual({ wantedDigest: null });
    expect(proofLines(decision, undefined)).toEqual([
      "  infrastructure digest: none, applied: unknown",
      "  infrastructure files touched since: unknown",
    ]);
    expect(
      proofLines({ ...decision, proof: { wantedDigest: null, appliedDigest: null, files: [] } }, undefined),
    ).toEqual(["  infrastructure digest: none, applied: none", "  infrastructure files touched since: none"]);
    expect(proofLines({ action: "none", because: "x" }, undefined)).toEqual([]);
  });

  it("knows a first deployment", async () => {
    const { detector } = detect(classificationOf([changed("jobs", { op: "create" })]));
    expect(await detector.detectChanges({ environment: "test", token: 0 })).toMatchObject({
      first: true,
      decision: { action: "up", because: "first deployment: 3 same, 1 create" },
    });
  });

  it("lists the files that were touched since a commit, where the release can tell", () => {
    const { detector } = detect(untold);
    expect(detector.getChangedFiles(base)).toEqual(["infrastructure/index.ts"]);
    expect(detector.getChangedFiles("f".repeat(40))).toBeUndefined();
  });

  it.each([
    ["tags", classificationOf([changed("jobs", { class: "metadata-only" })]), false],
    ["nothing", classificationOf([]), false],
    ["an update", classificationOf([changed("jobs")]), true],
    ["what nobody knows", untold, true],
  ])("takes %s for what it is", (_what, classification, meaningful) => {
    expect(detect(untold).detector.hasMeaningfulChanges(classification)).toBe(meaningful);
  });
});

// Helpers

function detect(classification: Classification, of = release as ReturnType<typeof releaseOf>) {
  let previews = 0;
  const lines: string[] = [];
  const preview = async () => {
    previews += 1;
    const apply = () => Promise.reject(new Error("applied"));
    return { classification, changes: [], policyPack: "5".repeat(64), exemptions: [], apply };
  };
  const detector = new InfrastructureChangeDetector(of, preview, (line) => lines.push(line));
  return { detector, lines, previews: () => previews };
}
