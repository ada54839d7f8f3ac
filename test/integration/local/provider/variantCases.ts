/** Second ways to say a resource, where the first case of its type leaves some out. */

import { codeOf, type Case, type Ground } from "./case";

export const variants = (ground: Ground): readonly Case[] => [
  {
    type: "aws:kms/key:Key",
    inputs: { isEnabled: false },
    update: { isEnabled: true },
    outputs: ["arn"],
  },
  {
    type: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    inputs: {
      bucket: ground.bucket,
      rules: [
        { id: "tagged", status: "Enabled", filter: { tag: { key: "Keep", value: "no" } }, expiration: { days: 1 } },
        { id: "big", status: "Enabled", filter: { objectSizeGreaterThan: 500 }, expiration: { days: 2 } },
        { id: "marker", status: "Enabled", filter: {}, expiration: { expiredObjectDeleteMarker: true } },
      ],
    },
    update: {
      rules: [{ id: "small", status: "Enabled", filter: { objectSizeLessThan: 500 }, expiration: { days: 2 } }],
    },
    outputs: [],
  },
  {
    type: "aws:s3/bucketObjectv2:BucketObjectv2",
    inputs: {
      bucket: ground.bucket,
      key: "binary",
      contentBase64: "AAEC",
      kmsKeyId: ground.keyArn,
      forceDestroy: true,
    },
    update: { contentBase64: "AAED", cacheControl: "no-cache" },
    outputs: ["etag"],
  },
  {
    type: "aws:dynamodb/table:Table",
    inputs: {
      name: "variant-table",
      hashKey: "id",
      rangeKey: "at",
      readCapacity: 1,
      writeCapacity: 1,
      attributes: [
        { name: "id", type: "S" },
        { name: "at", type: "N" },
        { name: "kind", type: "S" },
      ],
      localSecondaryIndexes: [
        { name: "ByKind", rangeKey: "kind", projectionType: "INCLUDE", nonKeyAttributes: ["note"] },
      ],
      globalSecondaryIndexes: [
        { name: "Kinds", hashKey: "kind", projectionType: "KEYS_ONLY", readCapacity: 1, writeCapacity: 1 },
      ],
    },
    update: { readCapacity: 2, tableClass: "STANDARD_INFREQUENT_ACCESS" },
    replace: { rangeKey: "kind" },
    outputs: ["arn"],
  },
  {
    type: "aws:sns/topic:Topic",
    inputs: { name: "variant.fifo", fifoTopic: true, contentBasedDeduplication: true },
    outputs: ["arn"],
  },
  {
    type: "aws:sqs/queue:Queue",
    inputs: { name: "variant.fifo", fifoQueue: true, contentBasedDeduplication: true },
    update: { delaySeconds: 1 },
    outputs: ["url"],
  },
  {
    type: "aws:ssm/parameter:Parameter",
    inputs: { name: "/variant", type: "String", insecureValue: "seen", overwrite: true, tags: { A: "1" } },
    update: { insecureValue: "seen again" },
    outputs: ["version"],
  },
  {
    type: "aws:secretsmanager/secretVersion:SecretVersion",
    inputs: { secretId: ground.secret, secretBinary: "AAEC" },
    outputs: ["versionId"],
    stays: true,
  },
  {
    type: "aws:lambda/function:Function",
    inputs: {
      name: "variant-function",
      role: ground.roleArn,
      runtime: "nodejs22.x",
      handler: "index.handler",
      code: codeOf("exports.handler = async () => 1;"),
      architectures: ["arm64"],
      deadLetterConfig: { targetArn: ground.queueArn },
      kmsKeyArn: ground.keyArn,
      loggingConfig: { logFormat: "JSON", logGroup: "/variant/function", applicationLogLevel: "INFO" },
      environment: { variables: { A: "1" } },
      timeout: 900,
      memorySize: 512,
    },
    update: {
      loggingConfig: { logFormat: "JSON", logGroup: "/variant/other", applicationLogLevel: "WARN" },
    },
    outputs: ["arn"],
  },
  {
    type: "aws:lambda/permission:Permission",
    inputs: {
      statementId: "account",
      action: "lambda:InvokeFunction",
      function: ground.functionName,
      principal: "000000000000",
      sourceAccount: "000000000000",
    },
    outputs: [],
    importId: `${ground.functionName}/account`,
  },
];
