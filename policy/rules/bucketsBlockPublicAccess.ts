import { bucketsOf, settingsOf } from "../buckets";
import { type Rule } from "../rule";
import { judgeEach, unlessDeclared, unlessTrue } from "../settings";
import { UNKNOWN } from "../values";

/** Each closes another door, and why it must be closed. */
const BLOCKS: Readonly<Record<string, string>> = {
  blockPublicAcls: "else an object can be put with a public ACL",
  blockPublicPolicy: "else a policy can make the bucket public",
  ignorePublicAcls: "else a public ACL that is there already holds",
  restrictPublicBuckets: "else a public policy that is there already holds",
};
const NAMES = Object.keys(BLOCKS).join(", ");

const bucket = { type: "aws:s3/bucket:Bucket", name: "reports", props: { bucket: "kiro-reports-000000000000" } };
const block = {
  type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  name: "reports-public-access",
  uses: { bucket: ["reports"] },
};
const blocked = { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true };

export const bucketsBlockPublicAccess: Rule = {
  name: "buckets-block-public-access",
  sentence: "Every bucket has all four public access blocks declared in the program.",
  harm: "One wrong ACL or policy shows the bucket to the internet.",
  replaces: "s3_bucket_public_access",
  judge: (program) =>
    judgeEach(bucketsOf(program), (one) =>
      unlessDeclared(
        settingsOf(program, one, "publicAccess"),
        `an aws.s3.BucketPublicAccessBlock of this bucket with ${NAMES} set to true`,
        ({ name, props }) =>
          Object.entries(BLOCKS).flatMap(([path, because]) => unlessTrue(props, path, `${because} (${name})`)),
      ),
    ),
  examples: {
    passing: [bucket, { ...block, props: { bucket: UNKNOWN, ...blocked } }],
    failing: [bucket, { ...block, props: { bucket: UNKNOWN, ...blocked, restrictPublicBuckets: false } }],
  },
};
