import { describe, expect, test } from "@jest/globals";
import { type Example } from "../../../../policy/rule";
import { releasesAndStateAreVersioned } from "../../../../policy/rules/releasesAndStateAreVersioned";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const bucket = (name: string, props: object = {}): Example => ({
  type: "aws:s3/bucket:Bucket",
  name,
  props: { ...props },
});
const versioning = (versioningConfiguration: unknown): Example => ({
  type: "aws:s3/bucketVersioning:BucketVersioning",
  name: "versioning",
  props: { bucket: UNKNOWN, versioningConfiguration },
  uses: { bucket: ["releases"] },
});
const undeclared = (name: string) =>
  `${name}: declare an aws.s3.BucketVersioning of this bucket with versioningConfiguration.status set to Enabled`;

describe("releases-and-state-are-versioned", () => {
  test("accepts a bucket of releases that keeps old versions", () => {
    expect(judged(releasesAndStateAreVersioned, [bucket("releases"), versioning({ status: "Enabled" })])).toEqual([]);
  });

  test.each([
    ["foundation-releases-bucket", {}],
    ["main", { bucket: "kiro-pipeline-prod-releases-000000000000" }],
    ["main", { bucket: "kiro.state" }],
    ["main", { bucketPrefix: "pulumi-backend-" }],
    ["pulumiState", {}],
    ["state2", {}],
  ])("holds for a bucket %s with %j", (name, props) => {
    expect(judged(releasesAndStateAreVersioned, [bucket(name, props)])).toEqual([undeclared(name)]);
  });

  test.each([
    ["reports", {}],
    ["main", { bucket: "estate-statements" }],
    ["main", { bucket: UNKNOWN }],
    ["worker-artifacts", {}],
  ])("does not hold for a bucket %s with %j", (name, props) => {
    expect(judged(releasesAndStateAreVersioned, [bucket(name, props)])).toEqual([]);
  });

  test.each([
    ["suspends them", { status: "Suspended" }],
    ["does not say", {}],
    ["says nothing", undefined],
  ])("refuses a bucket of releases whose versioning %s", (_, configuration) => {
    expect(judged(releasesAndStateAreVersioned, [bucket("releases"), versioning(configuration)])).toEqual([
      "releases: set versioningConfiguration.status in versioning to Enabled",
    ]);
  });

  test("refuses a bucket of releases whose versioning is not known before the update", () => {
    expect(judged(releasesAndStateAreVersioned, [bucket("releases"), versioning({ status: UNKNOWN })])).toEqual([
      "releases: versioningConfiguration.status in versioning is not known before the update; write Enabled itself: whether old versions stay must be seen",
    ]);
  });

  test("has nothing to say about a table of releases", () => {
    expect(
      judged(releasesAndStateAreVersioned, [{ type: "aws:dynamodb/table:Table", name: "releases", props: {} }]),
    ).toEqual([]);
  });
});
