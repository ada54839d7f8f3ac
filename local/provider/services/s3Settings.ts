import {
  DeleteBucketEncryptionCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketEncryptionCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
  type BucketVersioningStatus,
  type ObjectOwnership,
  type ServerSideEncryption,
} from "@aws-sdk/client-s3";
import type {
  BucketOwnershipControlsArgs,
  BucketPolicyArgs,
  BucketPublicAccessBlockArgs,
  BucketServerSideEncryptionConfigurationArgs,
  BucketVersioningArgs,
} from "@pulumi/aws/s3";
import { flag, list, object, policy, text } from "../fields";
import { bucketSetting } from "./bucketSetting";

export const bucketVersioning = bucketSetting<BucketVersioningArgs>({
  token: "aws:s3/bucketVersioning:BucketVersioning",
  fields: {
    versioningConfiguration: object({ status: text({ required: true }), mfaDelete: text() }, { required: true }),
  },
  gone: [],
  put: (Bucket, { versioningConfiguration: { status } }, aws) =>
    aws.get(S3Client).send(
      new PutBucketVersioningCommand({
        Bucket,
        VersioningConfiguration: { Status: status as BucketVersioningStatus },
      }),
    ),
  async get(Bucket, aws) {
    const { Status } = await aws.get(S3Client).send(new GetBucketVersioningCommand({ Bucket }));
    return Status === undefined ? undefined : { versioningConfiguration: { status: Status } };
  },
  // Versioning cannot be switched off again, only suspended.
  async remove(Bucket, aws) {
    const VersioningConfiguration = { Status: "Suspended" } as const;
    await aws.get(S3Client).send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  },
});

export const bucketEncryption = bucketSetting<BucketServerSideEncryptionConfigurationArgs>({
  token: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  fields: {
    rules: list(
      object({
        applyServerSideEncryptionByDefault: object({ sseAlgorithm: text({ required: true }), kmsMasterKeyId: text() }),
        bucketKeyEnabled: flag({ default: false }),
      }),
      { required: true },
    ),
  },
  gone: ["ServerSideEncryptionConfigurationNotFoundError"],
  put: (Bucket, inputs, aws) =>
    aws.get(S3Client).send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: inputs.rules.map(({ applyServerSideEncryptionByDefault: byDefault, bucketKeyEnabled }) => ({
            ...(byDefault === undefined
              ? {}
              : {
                  ApplyServerSideEncryptionByDefault: {
                    SSEAlgorithm: byDefault.sseAlgorithm as ServerSideEncryption,
                    KMSMasterKeyID: byDefault.kmsMasterKeyId,
                  },
                }),
            BucketKeyEnabled: bucketKeyEnabled,
          })),
        },
      }),
    ),
  async get(Bucket, aws) {
    const found = await aws.get(S3Client).send(new GetBucketEncryptionCommand({ Bucket }));
    const rules = found.ServerSideEncryptionConfiguration?.Rules?.map((rule) => ({
      applyServerSideEncryptionByDefault: {
        sseAlgorithm: rule.ApplyServerSideEncryptionByDefault?.SSEAlgorithm,
        kmsMasterKeyId: rule.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID,
      },
      bucketKeyEnabled: rule.BucketKeyEnabled ?? false,
    }));
    return { rules };
  },
  async remove(Bucket, aws) {
    await aws.get(S3Client).send(new DeleteBucketEncryptionCommand({ Bucket }));
  },
});

export const bucketPublicAccessBlock = bucketSetting<BucketPublicAccessBlockArgs>({
  token: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  fields: {
    blockPublicAcls: flag({ default: false }),
    blockPublicPolicy: flag({ default: false }),
    ignorePublicAcls: flag({ default: false }),
    restrictPublicBuckets: flag({ default: false }),
  },
  gone: ["NoSuchPublicAccessBlockConfiguration"],
  put: (Bucket, inputs, aws) =>
    aws.get(S3Client).send(
      new PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: inputs.blockPublicAcls ?? false,
          BlockPublicPolicy: inputs.blockPublicPolicy ?? false,
          IgnorePublicAcls: inputs.ignorePublicAcls ?? false,
          RestrictPublicBuckets: inputs.restrictPublicBuckets ?? false,
        },
      }),
    ),
  async get(Bucket, aws) {
    const found = await aws.get(S3Client).send(new GetPublicAccessBlockCommand({ Bucket }));
    const block = found.PublicAccessBlockConfiguration;
    return {
      blockPublicAcls: block?.BlockPublicAcls,
      blockPublicPolicy: block?.BlockPublicPolicy,
      ignorePublicAcls: block?.IgnorePublicAcls,
      restrictPublicBuckets: block?.RestrictPublicBuckets,
    };
  },
  async remove(Bucket, aws) {
    await aws.get(S3Client).send(new DeletePublicAccessBlockCommand({ Bucket }));
  },
});

export const bucketPolicy = bucketSetting<BucketPolicyArgs>({
  token: "aws:s3/bucketPolicy:BucketPolicy",
  fields: { policy: policy({ required: true }) },
  gone: ["NoSuchBucketPolicy"],
  put: (Bucket, inputs, aws) =>
    aws.get(S3Client).send(new PutBucketPolicyCommand({ Bucket, Policy: inputs.policy as string })),
  async get(Bucket, aws) {
    const { Policy } = await aws.get(S3Client).send(new GetBucketPolicyCommand({ Bucket }));
    return { policy: Policy };
  },
  async remove(Bucket, aws) {
    await aws.get(S3Client).send(new DeleteBucketPolicyCommand({ Bucket }));
  },
});

export const bucketOwnershipControls = bucketSetting<BucketOwnershipControlsArgs>({
  token: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  fields: { rule: object({ objectOwnership: text({ required: true }) }, { required: true }) },
  gone: ["OwnershipControlsNotFoundError"],
  put: (Bucket, { rule }, aws) =>
    aws.get(S3Client).send(
      new PutBucketOwnershipControlsCommand({
        Bucket,
        OwnershipControls: { Rules: [{ ObjectOwnership: rule.objectOwnership as ObjectOwnership }] },
      }),
    ),
  async get(Bucket, aws) {
    const found = await aws.get(S3Client).send(new GetBucketOwnershipControlsCommand({ Bucket }));
    return { rule: { objectOwnership: found.OwnershipControls?.Rules?.[0]?.ObjectOwnership } };
  },
  async remove(Bucket, aws) {
    await aws.get(S3Client).send(new DeleteBucketOwnershipControlsCommand({ Bucket }));
  },
});
