import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  type KMSClient,
  NotFoundException,
} from "@aws-sdk/client-kms";
import {
  type BucketLocationConstraint,
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
  HeadBucketCommand,
  NotFound,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { type BackendResources } from "./backend";

export function awsBackendResources(kms: KMSClient, s3: S3Client, region: string): BackendResources {
  return {
    async findKey(alias) {
      try {
        return (await kms.send(new DescribeKeyCommand({ KeyId: alias }))).KeyMetadata?.Arn;
      } catch (error) {
        if (error instanceof NotFoundException) return undefined;
        throw error;
      }
    },
    async makeKey(alias, description) {
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: description }));
      const { Arn: arn, KeyId: id } = KeyMetadata ?? {};
      if (arn === undefined || id === undefined) throw new Error("KMS made a key and did not name it");
      await kms.send(new EnableKeyRotationCommand({ KeyId: id }));
      await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: id }));
      return arn;
    },
    async makeBucket(bucket) {
      if (await bucketExists(s3, bucket)) return false;
      try {
        await s3.send(new CreateBucketCommand({ Bucket: bucket, ...location(region) }));
        return true;
      } catch (error) {
        if (error instanceof BucketAlreadyOwnedByYou) return false;
        throw error;
      }
    },
    async secureBucket(Bucket, keyArn) {
      await s3.send(
        new PutPublicAccessBlockCommand({
          Bucket,
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
        }),
      );
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
      const rule = {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: keyArn },
        BucketKeyEnabled: true,
      } as const;
      await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: [rule] } }));
      await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(tlsOnly(Bucket)) }));
    },
  };
}

async function bucketExists(s3: S3Client, bucket: string): Promise<boolean> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucket }));
    return true;
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
}

/** S3 refuses a location constraint that names us-east-1, its default. */
const location = (region: string) =>
  region === "us-east-1"
    ? {}
    : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } };

const tlsOnly = (bucket: string) => ({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ],
});
