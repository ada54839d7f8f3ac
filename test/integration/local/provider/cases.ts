/** Cases of keys, roles, logs, tables, topics and parameters. */

import { publish, type Case, type Ground } from "./case";

const trust = (service: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });

const allow = (action: string, resource: string): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: resource }] });

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
