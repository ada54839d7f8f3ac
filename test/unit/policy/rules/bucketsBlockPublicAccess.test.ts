import { describe, expect, test } from "@jest/globals";
import { type Example } from "../../../../policy/rule";
import { bucketsBlockPublicAccess } from "../../../../policy/rules/bucketsBlockPublicAccess";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const blocked = { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true };
const bucket: Example = { type: "aws:s3/bucket:Bucket", name: "reports", props: { bucket: UNKNOWN } };
const block = (props: object): Example => ({
  type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  name: "block",
  props: { bucket: UNKNOWN, ...props },
  uses: { bucket: ["reports"] },
});
const undeclared =
  "reports: declare an aws.s3.BucketPublicAccessBlock of this bucket with blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets set to true";

describe("buckets-block-public-access", () => {
  test("accepts a bucket with all four blocks", () => {
    expect(judged(bucketsBlockPublicAccess, [bucket, block(blocked)])).toEqual([]);
  });

  test("refuses a bucket of which the program declares no blocks", () => {
    expect(judged(bucketsBlockPublicAccess, [bucket])).toEqual([undeclared]);
    expect(judged(bucketsBlockPublicAccess, [bucket, { ...block(blocked), uses: {} }])).toEqual([undeclared]);
  });

  test.each([
    ["blockPublicAcls", "else an object can be put with a public ACL (block)"],
    ["blockPublicPolicy", "else a policy can make the bucket public (block)"],
    ["ignorePublicAcls", "else a public ACL that is there already holds (block)"],
    ["restrictPublicBuckets", "else a public policy that is there already holds (block)"],
  ])("refuses a bucket for %s alone when it is missing, false or unknown", (property, because) => {
    const judge = (value: unknown) =>
      judged(bucketsBlockPublicAccess, [bucket, block({ ...blocked, [property]: value })]);
    expect(judge(undefined)).toEqual([`reports: set ${property} to true: ${because}`]);
    expect(judge(false)).toEqual([`reports: set ${property} to true: ${because}`]);
    expect(judge(UNKNOWN)).toEqual([
      `reports: ${property} is not known before the update; write true itself: ${because}`,
    ]);
  });

  test("tells each block that is missing", () => {
    expect(judged(bucketsBlockPublicAccess, [bucket, block({})])).toHaveLength(4);
  });

  test("has nothing to say about blocks of the account or of no bucket of the program", () => {
    expect(
      judged(bucketsBlockPublicAccess, [
        { type: "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", name: "account", props: {} },
        { ...block({}), uses: {} },
      ]),
    ).toEqual([]);
  });
});
