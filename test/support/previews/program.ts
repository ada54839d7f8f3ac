import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type PulumiFn } from "@pulumi/pulumi/automation";

/** What the fixture program can be told to do differently. */
export interface World {
  readonly defaultTags: Readonly<Record<string, string>>;
  readonly skipRegionValidation: boolean;
  readonly region: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly description: string;
  readonly retentionInDays: number;
  readonly hashKey: string;
  readonly parameter: string;
  readonly output: string;
  readonly secretOutput: boolean;
  readonly blockPublicPolicy: boolean;
  readonly trusted: readonly string[];
  readonly rights: readonly object[];
  readonly readers: readonly string[];
  readonly keyUsers: readonly string[];
  /** Rights on a bucket that is not there yet: the update alone knows its name. */
  readonly rightsOnNewBucket: boolean;
  /** A role whose name the provider makes up, anew in each preview. */
  readonly withUnnamedRole: boolean;
  /** Logical names of what the program no longer has. */
  readonly without: readonly string[];
}

const ACCOUNT = "000000000000";
const root = `arn:aws:iam::${ACCOUNT}:root`;

export const BEFORE: World = {
  defaultTags: { Project: "trial" },
  skipRegionValidation: false,
  region: "us-east-1",
  tags: { Team: "a" },
  description: "first words",
  retentionInDays: 30,
  hashKey: "id",
  parameter: "first-s3cr3t",
  output: "first",
  secretOutput: false,
  blockPublicPolicy: true,
  trusted: ["codebuild.amazonaws.com"],
  rights: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::trial-store/current.json" }],
  readers: [],
  keyUsers: [],
  rightsOnNewBucket: false,
  withUnnamedRole: false,
  without: [],
};

/** Previewed over and over: a secret output, of which nobody can say whether it changes. */
export const WITH_SECRET_OUTPUT: World = { ...BEFORE, secretOutput: true };

/** What is previewed after `BEFORE` was applied, each with the name of its recording. */
export const CHANGES: Readonly<Record<string, Partial<World>>> = {
  "no-op": {},
  "tags-only": { tags: { Team: "b" } },
  "provider-default-tags": { defaultTags: { Project: "trial", Owner: "b" } },
  "descriptions-only": { description: "other words" },
  "outputs-only": { output: "second" },
  update: { retentionInDays: 90 },
  "update-of-a-secret": { parameter: "second-s3cr3t" },
  "replacement-of-stateful": { hashKey: "key" },
  "delete-of-stateful": { without: ["records"] },
  "delete-of-stateless": { without: ["alarm"] },
  "provider-setting": { skipRegionValidation: true },
  "provider-region": { region: "eu-west-1" },
  "widened-identity-policy": {
    rights: [...BEFORE.rights, { Effect: "Allow", Action: ["s3:PutObject"], Resource: "arn:aws:s3:::trial-store/*" }],
  },
  "widened-trust-policy": { trusted: [...BEFORE.trusted, "lambda.amazonaws.com"] },
  "widened-resource-policy": { readers: [root] },
  "widened-key-policy": { keyUsers: [`arn:aws:iam::${ACCOUNT}:role/other`] },
  "unknown-policy": { rightsOnNewBucket: true },
  "unnamed-role": { withUnnamedRole: true },
  "loosened-public-access-block": { blockPublicPolicy: false },
};

/** A program with one resource of each kind that changes are told apart by. */
export const programOf =
  (world: World): PulumiFn =>
  async () => {
    const { tags, description } = world;
    const has = (name: string): boolean => !world.without.includes(name);
    const provider = new aws.Provider("main", {
      region: world.region,
      defaultTags: { tags: world.defaultTags },
      skipRegionValidation: world.skipRegionValidation,
    });
    const parts = new pulumi.ComponentResource("trial:index:Parts", "parts", { tags }, { provider });
    const options = { parent: parts };

    const store = new aws.s3.Bucket("store", { bucket: "trial-store", tags }, options);
    new aws.s3.BucketPublicAccessBlock(
      "store-closed",
      {
        bucket: "trial-store",
        blockPublicAcls: true,
        blockPublicPolicy: world.blockPublicPolicy,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      { ...options, dependsOn: store },
    );
    new aws.s3.BucketPolicy(
      "store-policy",
      {
        bucket: "trial-store",
        policy: document(
          {
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: ["arn:aws:s3:::trial-store", "arn:aws:s3:::trial-store/*"],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
          ...world.readers.map((reader) => ({
            Effect: "Allow",
            Principal: { AWS: reader },
            Action: "s3:GetObject",
            Resource: "arn:aws:s3:::trial-store/*",
          })),
        ),
      },
      { ...options, dependsOn: store },
    );
    new aws.kms.Key(
      "key",
      {
        description,
        policy: document(
          { Effect: "Allow", Principal: { AWS: root }, Action: "kms:*", Resource: "*" },
          ...world.keyUsers.map((user) => ({
            Effect: "Allow",
            Principal: { AWS: user },
            Action: "kms:Decrypt",
            Resource: "*",
          })),
        ),
      },
      options,
    );
    const role = new aws.iam.Role(
      "job",
      {
        name: "trial-job",
        description,
        assumeRolePolicy: trust(world.trusted),
        tags,
      },
      options,
    );
    const late = world.rightsOnNewBucket ? [new aws.s3.Bucket("late", { bucket: "trial-late" }, options)] : [];
    new aws.iam.RolePolicy(
      "job-rights",
      {
        name: "job",
        role: "trial-job",
        policy: pulumi
          .all(late.map(({ arn }) => arn))
          .apply((arns) =>
            document(
              ...world.rights,
              ...arns.map((arn) => ({ Effect: "Allow", Action: "s3:ListBucket", Resource: arn })),
            ),
          ),
      },
      { ...options, dependsOn: role },
    );
    if (world.withUnnamedRole) {
      const unnamed = new aws.iam.Role("unnamed", { assumeRolePolicy: trust(world.trusted) }, options);
      new aws.iam.RolePolicy(
        "unnamed-rights",
        { name: "rights", role: unnamed.name, policy: document(...world.rights) },
        options,
      );
    }
    new aws.cloudwatch.LogGroup("log", { name: "/trial", retentionInDays: world.retentionInDays }, options);
    new aws.ssm.Parameter(
      "parameter",
      { name: "/trial", type: "SecureString", value: pulumi.secret(world.parameter) },
      options,
    );
    if (has("records")) {
      new aws.dynamodb.Table(
        "records",
        {
          name: "trial-records",
          billingMode: "PAY_PER_REQUEST",
          hashKey: world.hashKey,
          attributes: [{ name: world.hashKey, type: "S" }],
        },
        options,
      );
    }
    if (has("alarm")) {
      new aws.cloudwatch.MetricAlarm(
        "alarm",
        {
          name: "trial",
          alarmDescription: description,
          namespace: "Trial",
          metricName: "Failed",
          statistic: "Sum",
          period: 60,
          evaluationPeriods: 1,
          comparisonOperator: "GreaterThanThreshold",
          threshold: 1,
          treatMissingData: "notBreaching",
        },
        options,
      );
    }
    return {
      greeting: world.output,
      constant: "never changes",
      ...(world.secretOutput ? { password: pulumi.secret("s3cr3t") } : {}),
    };
  };

const document = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

const trust = (services: readonly string[]): string =>
  document({ Effect: "Allow", Principal: { Service: services }, Action: "sts:AssumeRole" });
