import { describe, expect, it } from "@jest/globals";
import { infrastructureFilesSince } from "../../../../automation/changes/files";

const release = {
  version: "5",
  mainline: ["4", "3", "2", "1"],
  infrastructureChanges: [
    { version: "5", files: ["infrastructure/c", "infrastructure/a"] },
    { version: "3", files: ["infrastructure/b", "infrastructure/a"] },
    { version: "2", files: ["infrastructure/of the base"] },
  ],
};

describe("what touched infrastructure since it was applied", () => {
  it("is everything after the base, across the releases in between, and not what the base brought", () => {
    expect(infrastructureFilesSince(release, "2")).toEqual({
      kind: "known",
      commits: ["5", "3"],
      files: ["infrastructure/a", "infrastructure/b", "infrastructure/c"],
    });
  });

  it("is nothing when nothing did", () => {
    expect(infrastructureFilesSince({ ...release, version: "6", mainline: ["5", "4"] }, "5")).toEqual({
      kind: "known",
      commits: [],
      files: [],
    });
  });

  it("is nothing when the release itself was applied, whatever it says", () => {
    expect(infrastructureFilesSince({ version: "5" }, "5")).toEqual({ kind: "known", commits: [], files: [] });
  });

  it.each([
    ["no base", release, undefined, "it is not known which commit's infrastructure was applied last"],
    [
      "a base that is on no way to the release",
      release,
      "x",
      "x, whose infrastructure was applied last, is not among the first parents that 5 names",
    ],
    [
      "a release without its mainline",
      { ...release, mainline: undefined },
      "2",
      "release 5 does not say which commits touched infrastructure",
    ],
    [
      "a release without the changes",
      { ...release, infrastructureChanges: undefined },
      "2",
      "release 5 does not say which commits touched infrastructure",
    ],
  ])("is unknown with %s", (_what, of, base, because) => {
    expect(infrastructureFilesSince(of, base)).toEqual({ kind: "unknown", because });
  });
});
