import { describe, expect, it } from "@jest/globals";
import { type Globs } from "../../../../../local/codepipeline/engine/declaration";
import { startedBy } from "../../../../../local/codepipeline/engine/triggers";
import { approval, declare, source } from "./world";

interface Filter {
  readonly branches?: Globs;
  readonly filePaths?: Globs;
}

const SHIP = { name: "Ship", actions: [approval("Approve")] };

function starts(
  push: Filter[] | undefined,
  branch = "main",
  files = ["src/a.ts"],
  configuration: object = {},
): boolean {
  const action = source("Source");
  const declaration = declare({
    stages: [
      { name: "Source", actions: [{ ...action, configuration: { ...action.configuration, ...configuration } }] },
      SHIP,
    ],
    triggers: push
      ? [{ providerType: "CodeStarSourceConnection", gitConfiguration: { sourceActionName: "Source", push } }]
      : [],
  });
  return startedBy(declaration, { repository: "acme/worker", branch, commit: "c", files }).length > 0;
}

describe("a push starts a pipeline", () => {
  it.each<[string, boolean, Parameters<typeof starts>]>([
    ["by its branch", true, [[{ branches: { includes: ["main"] } }]]],
    ["not by another branch", false, [[{ branches: { includes: ["main"] } }], "dev"]],
    ["by a glob", true, [[{ branches: { includes: ["release/**"] } }], "release/1/x"]],
    ["not by a glob of one level", false, [[{ branches: { includes: ["release/*"] } }], "release/1/x"]],
    ["not when excluded too", false, [[{ branches: { includes: ["*"], excludes: ["dev"] } }], "dev"]],
    ["by what is not excluded", true, [[{ branches: { excludes: ["dev"] } }]]],
    ["by any of several filters", true, [[{ branches: { includes: ["x"] } }, { branches: { includes: ["main"] } }]]],
    ["by a file", true, [[{ branches: { includes: ["main"] }, filePaths: { includes: ["src/**"] } }]]],
    ["not by other files", false, [[{ branches: { includes: ["main"] }, filePaths: { includes: ["docs/**"] } }]]],
    [
      "not when all files are excluded",
      false,
      [[{ branches: { includes: ["main"] }, filePaths: { excludes: ["src/**"] } }]],
    ],
    ["not by a filter that names no branch", false, [[{ filePaths: { includes: ["**"] } }]]],
    ["by DetectChanges without a trigger", true, [undefined]],
    ["not of another branch by DetectChanges", false, [undefined, "dev"]],
    ["not when DetectChanges is off", false, [undefined, "main", [], { DetectChanges: "false" }]],
    ["not of another repository", false, [undefined, "main", [], { FullRepositoryId: "acme/other" }]],
  ])("%s: %s", (_, expected, args) => {
    expect(starts(...args)).toBe(expected);
  });
});
