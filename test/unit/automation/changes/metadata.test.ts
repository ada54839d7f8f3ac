import { describe, expect, test } from "@jest/globals";
import { changedPaths, differing, isMetadata, isProvider } from "../../../../automation/changes/metadata";
import { readPreview, type Step, topLevel } from "../../../../automation/changes/steps";
import { UNKNOWN } from "../../../../policy/values";
import { preview, step, type StepOptions } from "../support/previews";

const LOG = "aws:cloudwatch/logGroup:LogGroup";

function updated(options: StepOptions): Step {
  const [only] = readPreview(preview(step("update", LOG, options))).steps;
  if (only === undefined) throw new Error("no step");
  return only;
}

describe("the paths that change", () => {
  const sides = { old: { a: 1, b: { c: 1 } }, new: { a: 1, b: { c: 2 } } };

  test("are the detailed ones, and the properties that have none", () => {
    expect(changedPaths(updated({ ...sides, detailed: ["tags.x", "b[0].c"], diffs: ["tags", "z", "b"] }))).toEqual([
      "b[0].c",
      "tags.x",
      "z",
    ]);
  });

  test("are else the properties that the engine lists", () => {
    expect(changedPaths(updated({ ...sides, diffs: ["z", "a"] }))).toEqual(["a", "z"]);
  });

  test("are else found by comparison", () => {
    expect(changedPaths(updated(sides))).toEqual(["b"]);
    expect(changedPaths(updated({ ...sides, detailed: [], diffs: [] }))).toEqual(["b"]);
  });

  test("are none where nobody knows", () => {
    expect(changedPaths(updated({ old: { a: 1 }, new: { a: 1 } }))).toEqual([]);
    expect(changedPaths(updated({ old: { a: 1 } }))).toEqual([]);
    expect(changedPaths(updated({ new: { a: 1 } }))).toEqual([]);
  });
});

describe("metadata", () => {
  test.each(["tags", "tagsAll", "description", "alarmDescription", "comment"])("is %s, and what is in it", (name) => {
    expect(isMetadata(LOG, [name])).toBe(true);
    expect(isMetadata(LOG, [`${name}.Owner`])).toBe(true);
    expect(isMetadata(LOG, [`${name}["aws:x"]`])).toBe(true);
  });

  test.each(["name", "tagsX", "policy", "description2", "rules[0].description", '["tags"]', "defaultTags", ""])(
    "is not %s",
    (path) => expect(isMetadata(LOG, [path])).toBe(false),
  );

  test("is only what is nothing else besides", () => {
    expect(isMetadata(LOG, ["tags.a", "description"])).toBe(true);
    expect(isMetadata(LOG, ["tags.a", "name"])).toBe(false);
    expect(isMetadata(LOG, [])).toBe(false);
  });

  test("of a provider are its default tags alone", () => {
    expect(isMetadata("pulumi:providers:aws", ["defaultTags.tags"])).toBe(true);
    expect(isMetadata("pulumi:providers:aws", ["tags"])).toBe(false);
    expect(isProvider("pulumi:providers:aws")).toBe(true);
    expect(isProvider("aws:pulumi:providers:aws")).toBe(false);
  });
});

describe("properties that differ", () => {
  test.each([
    [{ a: 1 }, { a: 1 }, []],
    [{ a: 1 }, { a: "1" }, ["a"]],
    [{ a: 1 }, {}, ["a"]],
    [{}, { a: 1 }, ["a"]],
    [{ b: [1, { c: null }], a: 1 }, { a: 1, b: [1, { c: null }] }, []],
    [{ b: [1, { c: null }] }, { b: [1, { c: 0 }] }, ["b"]],
    [{ b: { c: null } }, { b: { c: {} } }, ["b"]],
    [{ b: null }, { b: {} }, ["b"]],
    [{ b: {} }, { b: null }, ["b"]],
    [{ b: {} }, { b: 1 }, ["b"]],
    [{ b: [1, 2] }, { b: [2, 1] }, ["b"]],
    [{ b: [1] }, { b: [1, 2] }, ["b"]],
    [{ b: ["x"] }, { b: { 0: "x" } }, ["b"]],
    [{ z: 1, b: 1 }, { z: 2, b: 2 }, ["b", "z"]],
    [{ __defaults: [] }, { __defaults: ["a"] }, []],
  ])("between %j and %j are %j", (old, next, names) => {
    expect(differing(old, next)).toEqual(names);
  });

  test("include what is unknown on either side, or both", () => {
    expect(
      differing({ a: UNKNOWN, b: 1, c: { d: [UNKNOWN] } }, { a: UNKNOWN, b: UNKNOWN, c: { d: [UNKNOWN] } }),
    ).toEqual(["a", "b", "c"]);
    expect(differing({ a: UNKNOWN }, { a: 1 })).toEqual(["a"]);
  });
});

test("a path begins with its property", () => {
  expect(["tags.Owner", "rules[0].status", "name"].map(topLevel)).toEqual(["tags", "rules", "name"]);
});
