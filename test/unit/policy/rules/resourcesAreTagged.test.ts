import { describe, expect, test } from "@jest/globals";
import { resourcesAreTagged } from "../../../../policy/rules/resourcesAreTagged";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const tags = { Project: "KiroWorker", Environment: "test", ManagedBy: "Pulumi" };
const resource = (props: object, type = "aws:sqs/queue:Queue") =>
  judged(resourcesAreTagged, [{ type, name: "it", props: { ...props } }]);

describe("resources-are-tagged", () => {
  test.each([
    ["of its own", { tags }],
    ["of the provider", { tagsAll: { ...tags, Feature: "CDPipeline" } }],
    ["of both", { tags: { Project: "KiroWorker" }, tagsAll: { Environment: "test", ManagedBy: "Pulumi" } }],
    ["of its own, where all are not known yet", { tags, tagsAll: UNKNOWN }],
    ["with a value that is not known yet", { tags: { ...tags, Environment: UNKNOWN } }],
  ])("accepts a resource with tags %s", (_, props) => {
    expect(resource(props)).toEqual([]);
  });

  test.each(["Project", "Environment", "ManagedBy"])("refuses a resource for %s alone when it lacks that", (tag) => {
    const message = [`it: set ${tag} in tags, or in the provider's defaultTags`];
    expect(resource({ tags: { ...tags, [tag]: undefined } })).toEqual(message);
    expect(resource({ tagsAll: { ...tags, [tag]: "" } })).toEqual(message);
  });

  test.each([
    ["none", {}],
    ["nothing for them", { tags: null, tagsAll: {} }],
  ])("refuses a resource with %s, in one message", (_, props) => {
    expect(resource(props)).toEqual([
      "it: set Project, Environment, ManagedBy in tags, or in the provider's defaultTags",
    ]);
  });

  test.each([
    ["its tags are", { tags: UNKNOWN }],
    ["all tags are", { tags: { Project: "KiroWorker", ManagedBy: "Pulumi" }, tagsAll: UNKNOWN }],
  ])("refuses a resource when %s not known before the update", (_, props) => {
    expect(resource(props)).toEqual([
      expect.stringMatching(
        /^it: .*Environment.* cannot be seen before the update; write the names of the tags in the program$/,
      ),
    ]);
  });

  test("holds for a type that is not in the table where the provider tells of tags", () => {
    expect(resource({ tagsAll: {} }, "aws:ecs/cluster:Cluster")).toHaveLength(1);
  });

  test.each(["aws:s3/bucketPolicy:BucketPolicy", "aws:iam/rolePolicy:RolePolicy", "kiro:pipeline:DataBucket"])(
    "has nothing to say about %s, which has no tags",
    (type) => {
      expect(resource({}, type)).toEqual([]);
    },
  );
});
