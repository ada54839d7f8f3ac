import { describe, expect, it } from "@jest/globals";
import { cut, decideByClass, decideByDigest, losesOrWidens, previewProof } from "../../../../automation/changes/decide";
import { CHANGE_CLASSES, type Classification } from "../../../../automation/changes/domain";
import { changed, classificationOf, untold, widening } from "../support/classification";

describe("what the digests decide", () => {
  it.each([
    ["the release has none", {}, null, "the release has no infrastructure"],
    [
      "they are equal",
      { infrastructureVersion: "a".repeat(40), infrastructureDigest: "1" },
      "1",
      "infrastructure digest 1 equals that of aaaaaaaa",
    ],
    [
      "they are equal, whoever applied it",
      { infrastructureDigest: "1" },
      "1",
      "infrastructure digest 1 equals that of the last one",
    ],
  ])("nothing is to do when %s", (_when, applied, wanted, because) => {
    expect(decideByDigest(applied, { infrastructureDigest: wanted })).toEqual({ kind: "decided", because });
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
    const decision = decideByDigest(applied, { infrastructureDigest: "2" });
    expect(decision).toMatchObject({ kind: "preview-needed", first });
    expect(decision).toHaveProperty("because", expect.stringContaining(because));
  });
});

describe("what the preview decides", () => {
  it.each([
    ["none", false, "none", "the preview changes nothing: 3 same, 1 update"],
    [
      "metadata-only",
      false,
      "none",
      "the preview changes tags and descriptions alone, which the next update brings along: 3 same, 1 update",
    ],
    ["outputs-only", false, "up", "the preview changes outputs: alarmName"],
    ["update", false, "up", "the preview changes something (update): 3 same, 1 update"],
    [
      "replace-or-delete-of-stateful",
      false,
      "up",
      "the preview changes something (replace-or-delete-of-stateful): 3 same, 1 update",
    ],
    ["widens-permissions", false, "up", "the preview changes something (widens-permissions): 3 same, 1 update"],
    ["unknown", false, "up", "the preview did not say what changes"],
    ["none", true, "up", "first deployment: 3 same, 1 update"],
    ["unknown", true, "up", "first deployment: 3 same, 1 update"],
  ] as const)("for the class %s (first: %j) is %s", (changeClass, first, action, because) => {
    const operations = { same: 3, update: 1 };
    const classification = { ...of(changeClass), outputs: ["alarmName"], counts: { ...operations, delete: 0 } };
    expect(decideByClass(classification, first)).toEqual({ action, because, operations });
  });

  it("asks a person only about what loses data or widens permissions", () => {
    const asked = [...CHANGE_CLASSES, "unknown" as const].filter((changeClass) => losesOrWidens(of(changeClass)));
    expect(asked).toEqual(["replace-or-delete-of-stateful", "widens-permissions"]);
  });
});

describe("the proof of a preview", () => {
  it("lists changes and permissions", () => {
    const added = { principal: "job", action: "s3:PutObject", resource: "b/*" };
    expect(previewProof(classificationOf([changed("jobs"), widening("rights", added)]), "1")).toEqual({
      class: "widens-permissions",
      changes: ["update aws:codebuild/project:Project jobs", "update aws:iam/rolePolicy:RolePolicy rights"],
      widened: ["job: s3:PutObject on b/*"],
      changeDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    });
  });

  it("is cut to what a record can hold, and says by how much", () => {
    const names = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);
    expect(cut(names(20))).toEqual(names(20));
    expect(cut(names(21))).toEqual([...names(19), "and 2 more"]);
  });
});

// Helpers

const of = (changeClass: Classification["class"]): Classification => ({ ...untold, class: changeClass });
