import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { bucketArn } from "./naming";
import { allow, kept, policyJson, type PolicyStatement } from "./policies";

export interface DataBucketArgs {
  readonly bucketName: string;
  /** Customer managed key of everything in the bucket. */
  readonly keyArn: pulumi.Input<string>;
  /** When objects become cheaper to keep, and when they go. Default: never; what is stored stays. */
  readonly lifecycle?: { readonly infrequentAccessAfterDays: number; readonly expireAfterDays: number };
  /** Refuse to delete the bucket and its protection; false lets `destroy` empty it, too. */
  readonly protectData: boolean;
}

/** A private bucket: versioned, encrypted with our key, reachable by TLS only. */
export class DataBucket extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  /** Made from the name, as in every component: a policy that names it is known before the bucket is there. */
  readonly bucketArn: string;

  constructor(name: string, args: DataBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:DataBucket", name, {}, opts);
    const { bucketName, keyArn, lifecycle, protectData } = args;
    this.bucketArn = bucketArn(bucketName);
    // The settings are as protected as the bucket: a bucket that stays must not lose its encryption in a `destroy`.
    const options = { parent: this, ...kept(protectData) };

    const bucket = new aws.s3.Bucket(`${name}-bucket`, { bucket: bucketName, forceDestroy: !protectData }, options);
    const versioning = new aws.s3.BucketVersioning(
      `${name}-versioning`,
      { bucket: bucket.id, versioningConfiguration: { status: "Enabled" } },
      options,
    );
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      {
        bucket: bucket.id,
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
            bucketKeyEnabled: true,
          },
        ],
      },
      options,
    );
    const accessBlock = new aws.s3.BucketPublicAccessBlock(
      `${name}-public-access`,
      {
        bucket: bucket.id,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      options,
    );
    new aws.s3.BucketPolicy(
      `${name}-policy`,
      { bucket: bucket.id, policy: policyJson([tlsOnly(this.bucketArn)]) },
      // S3 refuses two changes of a bucket's access at once ("conflicting conditional operation").
      { ...options, dependsOn: [accessBlock] },
    );
    if (lifecycle !== undefined) {
      new aws.s3.BucketLifecycleConfiguration(
        `${name}-lifecycle`,
        { bucket: bucket.id, rules: lifecycleRules(lifecycle) },
        // Rules for old versions mean something on a versioned bucket only.
        { ...options, dependsOn: [versioning] },
      );
    }

    this.bucketName = bucket.bucket;
    this.registerOutputs({ bucketName: this.bucketName, bucketArn: this.bucketArn });
  }

  /** ARN of the objects that `pattern` (a key, or a prefix with `*`) names. */
  objects(pattern: string): string {
    return `${this.bucketArn}/${pattern}`;
  }

  readerStatement(...patterns: readonly string[]): PolicyStatement {
    return allow(
      ["s3:GetObject"],
      patterns.map((pattern) => this.objects(pattern)),
    );
  }

  writerStatement(...patterns: readonly string[]): PolicyStatement {
    return allow(
      ["s3:GetObject", "s3:PutObject"],
      patterns.map((pattern) => this.objects(pattern)),
    );
  }

  /**
   * To list keys under `patterns`, and to be told 404 instead of 403 for a key that is not there.
   *
   * S3 asks for ListBucket before it says "no such key", and then there is no prefix to compare: hence ForAllValues,
   * which holds where the key is absent. It gives away names of objects, never their content.
   */
  listStatement(...patterns: readonly string[]): PolicyStatement {
    return allow(["s3:ListBucket"], [this.bucketArn], { "ForAllValues:StringLike": { "s3:prefix": [...patterns] } });
  }
}

function tlsOnly(arn: string): PolicyStatement {
  return {
    Sid: "RefusePlainHttp",
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [arn, `${arn}/*`],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}

function lifecycleRules(lifecycle: NonNullable<DataBucketArgs["lifecycle"]>) {
  const { infrequentAccessAfterDays, expireAfterDays } = lifecycle;
  return [
    {
      id: "transition-to-infrequent-access",
      status: "Enabled",
      filter: { prefix: "" },
      transitions: [{ days: infrequentAccessAfterDays, storageClass: "STANDARD_IA" }],
    },
    {
      id: "expire",
      status: "Enabled",
      filter: { prefix: "" },
      expiration: { days: expireAfterDays },
      // In a versioned bucket an expired object lives on as an old version until this.
      noncurrentVersionExpiration: { noncurrentDays: expireAfterDays },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
    },
  ];
}
