/** One resource of every type: how it is made, how it changes, what makes a new one of it. */

import type { Properties } from "../../../../local/provider/values";

export interface Case {
  readonly type: string;
  readonly inputs: Properties;
  /** Changes that are made in place. */
  readonly update?: Properties;
  /** All that the resource must have: everything else can be taken back, and need not be given. */
  readonly bare?: Properties;
  /** A change that needs a new resource. */
  readonly replace?: Properties;
  /** Outputs after creation that programs rely on. */
  readonly outputs: readonly string[];
  readonly id?: string;
  /** By what name it is imported, where that is not its id. */
  readonly importId?: string;
  /** AWS cannot be without it: deleting brings its own default back, so that something is always read. */
  readonly stays?: true;
  /** What lets go of the resource before it can be deleted. */
  readonly beforeDelete?: Properties;
}

/** What the cases hang on. */
export interface Ground {
  readonly keyArn: string;
  readonly bucket: string;
  readonly role: string;
  readonly roleArn: string;
  readonly topic: string;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly functionName: string;
  readonly rule: string;
  readonly secret: string;
}

const trust = (service: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });

const allow = (action: string, resource: string): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: resource }] });

const publish = (resource: string, sid: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: sid,
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sns:Publish",
        Resource: resource,
      },
    ],
  });

/** An archive with one file, as the engine hands it over. */
export function codeOf(source: string): Properties {
  const asset = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text: source, hash: source };
  const assets = { "index.js": asset };
  return { "4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7", assets, hash: source };
}

export const foundations = (ground: Ground): readonly Case[] => [
  {
    type: "aws:kms/key:Key",
    inputs: { description: "one", enableKeyRotation: true, deletionWindowInDays: 7, tags: { Use: "test" } },
    update: { description: "two", enableKeyRotation: false, tags: { Owner: "me" } },
    replace: { keyUsage: "SIGN_VERIFY", customerMasterKeySpec: "ECC_NIST_P256", enableKeyRotation: false },
    bare: {},
    outputs: ["arn", "keyId"],
  },
  {
    type: "aws:kms/alias:Alias",
    inputs: { name: "alias/case", targetKeyId: ground.keyArn },
    replace: { name: "alias/other" },
    outputs: ["arn", "targetKeyArn"],
    id: "alias/case",
  },
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
  {
    type: "aws:iam/role:Role",
    inputs: {
      name: "case-role",
      assumeRolePolicy: trust("codebuild.amazonaws.com"),
      description: "one",
      tags: { A: "1" },
    },
    update: {
      assumeRolePolicy: trust("lambda.amazonaws.com"),
      description: "two",
      maxSessionDuration: 7200,
      permissionsBoundary: "arn:aws:iam::aws:policy/ReadOnlyAccess",
      tags: { B: "2" },
    },
    replace: { path: "/team/" },
    // The emulator, other than AWS, cannot take a role's description back.
    bare: {
      name: "case-role",
      assumeRolePolicy: trust("lambda.amazonaws.com"),
      description: "two",
      forceDetachPolicies: true,
    },
    outputs: ["arn", "uniqueId", "createDate"],
    id: "case-role",
  },
  {
    type: "aws:iam/rolePolicy:RolePolicy",
    inputs: { name: "rights", role: ground.role, policy: allow("s3:GetObject", "*") },
    update: { policy: allow("s3:PutObject", "*") },
    replace: { name: "other" },
    outputs: [],
    id: `${ground.role}:rights`,
  },
  {
    type: "aws:iam/policy:Policy",
    inputs: { name: "case-policy", policy: allow("s3:GetObject", "*"), tags: { A: "1" } },
    update: { policy: allow("s3:PutObject", "*"), tags: { B: "2" } },
    replace: { path: "/x/" },
    bare: { name: "case-policy", policy: allow("s3:GetObject", "*") },
    outputs: ["arn", "policyId"],
    id: "arn:aws:iam::000000000000:policy/case-policy",
  },
  {
    type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    inputs: { role: ground.role, policyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" },
    replace: { policyArn: "arn:aws:iam::aws:policy/AdministratorAccess" },
    outputs: [],
    id: `${ground.role}/arn:aws:iam::aws:policy/ReadOnlyAccess`,
  },
  {
    type: "aws:cloudwatch/logGroup:LogGroup",
    inputs: { name: "/case/logs", retentionInDays: 90, kmsKeyId: ground.keyArn, tags: { A: "1" } },
    update: { retentionInDays: 30, tags: { B: "2" } },
    replace: { name: "/case/other" },
    bare: { name: "/case/logs", kmsKeyId: ground.keyArn },
    outputs: ["arn"],
    id: "/case/logs",
  },
  {
    type: "aws:dynamodb/table:Table",
    inputs: {
      name: "case-table",
      hashKey: "id",
      billingMode: "PAY_PER_REQUEST",
      attributes: [
        { name: "id", type: "S" },
        { name: "environment", type: "S" },
        { name: "status", type: "S" },
      ],
      globalSecondaryIndexes: [{ name: "ByStatus", hashKey: "environment", rangeKey: "status", projectionType: "ALL" }],
      ttl: { attributeName: "expiresAt", enabled: true },
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true, kmsKeyArn: ground.keyArn },
      tags: { A: "1" },
    },
    update: {
      attributes: [
        { name: "id", type: "S" },
        { name: "environment", type: "S" },
        { name: "startTime", type: "N" },
      ],
      globalSecondaryIndexes: [
        { name: "ByTime", hashKey: "environment", rangeKey: "startTime", projectionType: "KEYS_ONLY" },
      ],
      streamEnabled: true,
      streamViewType: "NEW_AND_OLD_IMAGES",
      deletionProtectionEnabled: true,
      pointInTimeRecovery: { enabled: false },
      tags: { B: "2" },
    },
    replace: { hashKey: "environment" },
    bare: {
      name: "case-table",
      hashKey: "id",
      billingMode: "PAY_PER_REQUEST",
      attributes: [{ name: "id", type: "S" }],
    },
    outputs: ["arn"],
    id: "case-table",
    beforeDelete: { deletionProtectionEnabled: false },
  },
  {
    type: "aws:sns/topic:Topic",
    inputs: { name: "case-topic", kmsMasterKeyId: ground.keyArn, tags: { A: "1" } },
    update: { displayName: "Case", tags: { B: "2" } },
    replace: { name: "case-topic-2" },
    bare: { name: "case-topic" },
    outputs: ["arn", "owner"],
    id: "arn:aws:sns:us-east-1:000000000000:case-topic",
  },
  {
    type: "aws:sns/topicPolicy:TopicPolicy",
    inputs: { arn: ground.topic, policy: publish(ground.topic, "One") },
    update: { policy: publish(ground.topic, "Two") },
    stays: true,
    outputs: ["owner"],
    id: ground.topic,
  },
  {
    type: "aws:sns/topicSubscription:TopicSubscription",
    inputs: { topic: ground.topic, protocol: "sqs", endpoint: ground.queueArn },
    update: { rawMessageDelivery: true },
    replace: { protocol: "email", endpoint: "somebody@example.com" },
    bare: { topic: ground.topic, protocol: "sqs", endpoint: ground.queueArn },
    outputs: ["arn", "ownerId"],
  },
  {
    type: "aws:ssm/parameter:Parameter",
    inputs: { name: "/case/one", type: "String", value: "first", description: "one", tags: { A: "1" } },
    update: { value: "second", tags: { B: "2" } },
    replace: { name: "/case/two" },
    bare: { name: "/case/one", type: "String", value: "first" },
    outputs: ["arn", "version"],
    id: "/case/one",
  },
];
