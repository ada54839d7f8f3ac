import { describe, expect, test } from "@jest/globals";
import { type Example } from "../../../../policy/rule";
import { bucketsAreEncrypted } from "../../../../policy/rules/bucketsAreEncrypted";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const bucket: Example = { type: "aws:s3/bucket:Bucket", name: "reports", props: { bucket: "kiro-reports" } };
const encryption = (rules: unknown, more: Partial<Example> = {}): Example => ({
  type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  name: "encryption",
  props: { bucket: UNKNOWN, rules },
  uses: { bucket: ["reports"] },
  ...more,
});
const by = (sseAlgorithm: unknown) => ({ applyServerSideEncryptionByDefault: { sseAlgorithm } });

const undeclared =
  "reports: declare an aws.s3.BucketServerSideEncryptionConfiguration of this bucket with sseAlgorithm set to aws:kms or AES256";
const wrong = "reports: set rules[].applyServerSideEncryptionByDefault.sseAlgorithm in encryption to aws:kms or AES256";

describe("buckets-are-encrypted", () => {
  test.each(["AES256", "aws:kms", "aws:kms:dsse"])("accepts a bucket that is encrypted by %s", (algorithm) => {
    expect(judged(bucketsAreEncrypted, [bucket, encryption([by(algorithm)])])).toEqual([]);
  });

  test("accepts a bucket that is named where nothing is made from it", () => {
    const named = encryption([by("aws:kms")], { props: { bucket: "kiro-reports", rules: [by("aws:kms")] }, uses: {} });
    expect(judged(bucketsAreEncrypted, [bucket, named])).toEqual([]);
  });

  test("refuses a bucket of which the program declares no encryption, whatever AWS says that it has", () => {
    const live = { ...bucket.props, serverSideEncryptionConfiguration: { rule: by("AES256") } };
    expect(judged(bucketsAreEncrypted, [bucket])).toEqual([undeclared]);
    expect(judged(bucketsAreEncrypted, [{ ...bucket, props: live }])).toEqual([undeclared]);
  });

  test("refuses a bucket beside one that is encrypted", () => {
    const other = { ...bucket, name: "other", props: { bucket: UNKNOWN } };
    expect(judged(bucketsAreEncrypted, [other, bucket, encryption([by("aws:kms")])])).toEqual([
      undeclared.replace("reports", "other"),
    ]);
  });

  test.each([
    ["another algorithm", [by("aws:fsx")]],
    ["no algorithm", [{}]],
    ["no rule at all", undefined],
    ["a second rule that is wrong", [by("aws:kms"), by("none")]],
  ])("refuses a bucket with %s", (_, rules) => {
    expect(judged(bucketsAreEncrypted, [bucket, encryption(rules)])).toEqual([wrong]);
  });

  test.each([
    ["the rules are", UNKNOWN],
    ["a rule is", [UNKNOWN]],
    ["the algorithm is", [by(UNKNOWN)]],
  ])("refuses a bucket when %s not known before the update", (_, rules) => {
    expect(judged(bucketsAreEncrypted, [bucket, encryption(rules)])).toEqual([
      "reports: sseAlgorithm in encryption is not known before the update; set it to aws:kms or AES256: what encrypts the bucket must be seen",
    ]);
  });

  test("judges the deprecated kind of bucket in the same way", () => {
    const second = { ...bucket, type: "aws:s3/bucketV2:BucketV2" };
    const type = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2";
    expect(judged(bucketsAreEncrypted, [second])).toEqual([undeclared]);
    expect(judged(bucketsAreEncrypted, [second, encryption([by("AES256")], { type })])).toEqual([]);
  });

  test("has nothing to say about an object", () => {
    expect(
      judged(bucketsAreEncrypted, [{ type: "aws:s3/bucketObjectv2:BucketObjectv2", name: "file", props: {} }]),
    ).toEqual([]);
  });
});
