/**
 * Buckets and what is set for them. In `@pulumi/aws` 7 each setting is a resource of its own. The properties of the
 * bucket with the same meaning count for nothing: AWS fills them in, so they would speak for a bucket whose setting the
 * program no longer declares.
 */
import { type Declared, type Program } from "./program";

/** The second type, deprecated and still there, is the same thing. */
const BUCKETS = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"];

const SETTINGS = {
  encryption: [
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
  ],
  publicAccess: ["aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"],
  versioning: ["aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketVersioningV2:BucketVersioningV2"],
  policy: ["aws:s3/bucketPolicy:BucketPolicy"],
};

export const bucketsOf = (program: Program): readonly Declared[] => program.ofType(...BUCKETS);

/** What the program sets for a bucket. */
export const settingsOf = (program: Program, bucket: Declared, setting: keyof typeof SETTINGS): readonly Declared[] =>
  SETTINGS[setting].flatMap((type) => program.companions(bucket, type, "bucket"));
