import { describe, expect, it } from "@jest/globals";
import { beyond, describeTuple, digestOf, NOTHING, scopeOf } from "../../../../automation/changes/scope";
import { changed, classificationOf, untold, widening } from "../support/classification";

const put = { principal: "job", action: "s3:PutObject", resource: "bucket/*" };
const get = { ...put, action: "s3:GetObject" };
const tags = classificationOf([changed("jobs", { class: "metadata-only" })]);
const update = classificationOf([changed("jobs")]);
const both = classificationOf([changed("jobs"), changed("alarm")]);
const wider = classificationOf([changed("jobs"), widening("rights", put)]);

describe("the scope of a plan", () => {
  it("is nothing when nothing changes", () => {
    expect(scopeOf(classificationOf([]))).toBe(NOTHING);
  });

  it("has no value of a resource, and is short enough for a variable", () => {
    expect(scopeOf(wider)).toMatch(/^u[0-9a-f]{10},u[0-9a-f]{10},w[0-9a-f]{10}$/);
    const many = classificationOf(Array.from({ length: 500 }, (_, index) => changed(`job-${index}`)));
    expect(scopeOf(many)).toMatch(/^#[0-9a-f]{64}$/);
  });

  it("does not depend on the order in which the engine tells", () => {
    expect(scopeOf(classificationOf([changed("alarm"), changed("jobs")]))).toBe(scopeOf(both));
  });

  it.each([
    ["itself", update, update, []],
    ["a plan with more changes", update, both, []],
    ["an update, for tags alone", tags, update, []],
    ["anything, for what changes nothing", classificationOf([]), update, []],
    ["an unknown plan, for an unknown plan", untold, untold, []],
  ] as const)("lies within %s", (_what, own, approved, wanted) => {
    expect(beyond(own, scopeOf(approved))).toEqual(wanted);
  });

  it.each([
    ["another resource", both, update, ["update aws:codebuild/project:Project alarm"]],
    ["an update where tags were approved", update, tags, ["update aws:codebuild/project:Project jobs"]],
    [
      "another operation",
      classificationOf([changed("jobs", { op: "replace" })]),
      update,
      ["replace aws:codebuild/project:Project jobs"],
    ],
    ["a permission", wider, classificationOf([changed("jobs"), widening("rights")]), ["job: s3:PutObject on bucket/*"]],
    [
      "another permission",
      classificationOf([widening("rights", get, put)]),
      classificationOf([widening("rights", put)]),
      ["job: s3:GetObject on bucket/*"],
    ],
    ["an output", classificationOf([], ["alarmName"]), update, ["output alarmName"]],
    ["what is unknown", untold, update, ["what it changes is unknown"]],
    ["anything, beside an unknown plan", update, untold, ["update aws:codebuild/project:Project jobs"]],
  ] as const)("does not cover %s", (_what, own, approved, wanted) => {
    expect(beyond(own, scopeOf(approved))).toEqual(wanted);
  });

  it("with too many changes to list covers exactly the same ones", () => {
    const jobs = (count: number) =>
      classificationOf(Array.from({ length: count }, (_, index) => changed(`job-${index}`)));
    expect(beyond(jobs(200), scopeOf(jobs(200)))).toEqual([]);
    expect(beyond(jobs(199), scopeOf(jobs(200)))).toHaveLength(199);
  });
});

describe("a change's digest", () => {
  it("names the infrastructure, the class and everything that changes", () => {
    const digests = [
      digestOf(update, "1"),
      digestOf(update, "2"),
      digestOf(update, null),
      digestOf(both, "1"),
      digestOf(wider, "1"),
      digestOf(tags, "1"),
      digestOf(untold, "1"),
    ];
    expect(new Set(digests).size).toBe(digests.length);
    expect(digestOf(classificationOf([changed("alarm"), changed("jobs")]), "1")).toBe(digestOf(both, "1"));
  });
});

it("a permission is told with its condition", () => {
  expect(describeTuple({ ...put, condition: '{"Bool":{}}' })).toBe('job: s3:PutObject on bucket/* if {"Bool":{}}');
});
