/** Cases of buckets, their settings and objects. */

import { publish, type Case, type Ground } from "./case";

export const storage = (ground: Ground): readonly Case[] => [
  {
    type: "aws:s3/bucket:Bucket",
    inputs: { bucket: "case-bucket", forceDestroy: true, tags: { Use: "test" } },
    update: { tags: { Use: "changed", More: "yes" } },
    replace: { bucket: "case-bucket-2" },
    bare: { bucket: "case-bucket" },
    outputs: ["arn", "bucketRegionalDomainName", "bucketDomainName", "hostedZoneId", "region"],
    id: "case-bucket",
  },
  {
    type: "aws:s3/bucketVersioning:BucketVersioning",
    inputs: { bucket: ground.bucket, versioningConfiguration: { status: "Enabled" } },
    update: { versioningConfiguration: { status: "Suspended" } },
    stays: true,
    replace: { bucket: "another" },
    outputs: [],
    id: ground.bucket,
  },
  {
    type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    inputs: {
      bucket: ground.bucket,
      rules: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: ground.keyArn },
          bucketKeyEnabled: true,
        },
      ],
    },
    update: { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
    stays: true,
    outputs: [],
    id: ground.bucket,
  },
  {
    type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    inputs: { bucket: ground.bucket, blockPublicAcls: true, blockPublicPolicy: true, restrictPublicBuckets: true },
    update: { ignorePublicAcls: true },
    bare: { bucket: ground.bucket },
    outputs: [],
    id: ground.bucket,
  },
  {
    type: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    inputs: {
      bucket: ground.bucket,
      rules: [
        {
          id: "expire",
          status: "Enabled",
          filter: { prefix: "tmp/" },
          expiration: { days: 90 },
          transitions: [{ days: 30, storageClass: "STANDARD_IA" }],
          noncurrentVersionExpiration: { noncurrentDays: 30 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
        },
      ],
    },
    update: {
      rules: [
        {
          id: "expire",
          status: "Enabled",
          filter: { and: { prefix: "logs/", tags: { Keep: "no" } } },
          expiration: { days: 10 },
          noncurrentVersionTransitions: [{ noncurrentDays: 31, storageClass: "GLACIER" }],
        },
        { id: "all", status: "Disabled", filter: {}, expiration: { days: 400 } },
      ],
    },
    outputs: [],
    id: ground.bucket,
  },
  {
    type: "aws:s3/bucketPolicy:BucketPolicy",
    inputs: { bucket: ground.bucket, policy: publish(`arn:aws:s3:::${ground.bucket}/*`, "One") },
    update: { policy: publish(`arn:aws:s3:::${ground.bucket}/*`, "Two") },
    outputs: [],
    id: ground.bucket,
  },
  {
    type: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    inputs: { bucket: ground.bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
    update: { rule: { objectOwnership: "BucketOwnerPreferred" } },
    outputs: [],
    id: ground.bucket,
  },
  {
    type: "aws:s3/bucketObjectv2:BucketObjectv2",
    inputs: {
      bucket: ground.bucket,
      key: "a/b.txt",
      content: "one",
      contentType: "text/plain",
      metadata: { m: "1" },
      tags: { T: "1" },
    },
    update: { content: "two", metadata: { m: "2" } },
    replace: { key: "other" },
    // The emulator, other than AWS, keeps the tags of an object that is deleted.
    bare: { bucket: ground.bucket, key: "a/b.txt", forceDestroy: true, tags: { T: "1" } },
    outputs: ["arn", "etag"],
    id: `${ground.bucket}/a/b.txt`,
  },
];
