import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type * as pulumi from "@pulumi/pulumi";
import { builtCode } from "../../../components/builtCode";
import { DataBucket } from "../../../components/dataBucket";
import { DeadLetterQueue } from "../../../components/deadLetterQueue";
import { DeploymentsTable } from "../../../components/deploymentsTable";
import { EncryptionKey } from "../../../components/encryptionKey";
import { Foundation } from "../../../components/foundation";
import { Notifications } from "../../../components/notifications";
import { installationNames } from "../../../components/naming";
import { SourceConnection } from "../../../components/sourceConnection";
import { ToolsArchive } from "../../../components/toolsArchive";
import { WorkerEnvironment } from "../../../components/workerEnvironment";
import { find, place, recordResources, registered, settled, statements, type Recorded } from "./recording";

const keyArn = "arn:aws:kms:eu-west-1:111111111111:key/main";
let resources: Recorded[];
beforeEach(async () => {
  resources = await recordResources();
});

describe("EncryptionKey", () => {
  it("rotates, is administered by its account, and serves the logs of the named groups alone", async () => {
    const key = new EncryptionKey("own", {
      place,
      alias: "alias/own",
      description: "Own data",
      logGroups: ["/aws/lambda/one"],
      protectData: true,
    });
    await settled(key.arn);

    const { policy, ...inputs } = find(resources, "aws:kms/key:Key", "own-key");
    expect(inputs).toEqual({ description: "Own data", enableKeyRotation: true, deletionWindowInDays: 30 });
    expect(statements(policy)).toEqual([
      {
        Sid: "AccountAdministersKey",
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::111111111111:root" },
        Action: [
          "kms:CancelKeyDeletion",
          "kms:CreateAlias",
          "kms:CreateGrant",
          "kms:Decrypt",
          "kms:DeleteAlias",
          "kms:DescribeKey",
          "kms:DisableKey",
          "kms:DisableKeyRotation",
          "kms:EnableKey",
          "kms:EnableKeyRotation",
          "kms:Encrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyPair",
          "kms:GenerateDataKeyPairWithoutPlaintext",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:GetKeyLastUsage",
          "kms:GetKeyPolicy",
          "kms:GetKeyRotationStatus",
          "kms:ListGrants",
          "kms:ListKeyPolicies",
          "kms:ListKeyRotations",
          "kms:ListResourceTags",
          "kms:PutKeyPolicy",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
          "kms:RetireGrant",
          "kms:RevokeGrant",
          "kms:RotateKeyOnDemand",
          "kms:ScheduleKeyDeletion",
          "kms:TagResource",
          "kms:UntagResource",
          "kms:UpdateAlias",
          "kms:UpdateKeyDescription",
        ],
        Resource: "*",
      },
      {
        Sid: "LogsEncryptsItsGroups",
        Effect: "Allow",
        Principal: { Service: "logs.eu-west-1.amazonaws.com" },
        Action: [
          "kms:Decrypt",
          "kms:DescribeKey",
          "kms:Encrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
        ],
        Resource: "*",
        Condition: {
          ArnEquals: {
            "kms:EncryptionContext:aws:logs:arn": ["arn:aws:logs:eu-west-1:111111111111:log-group:/aws/lambda/one"],
          },
        },
      },
    ]);
  });

  it("serves alarms and dead letters of its own account alone", async () => {
    const key = new EncryptionKey("own", {
      place,
      alias: "alias/own",
      description: "Own data",
      alarms: ["own-failures", "own-rollbacks"],
      deadLetterQueues: ["own-dlq"],
      protectData: true,
    });
    await settled(key.arn);
    expect(statements(find(resources, "aws:kms/key:Key", "own-key")["policy"]).slice(1)).toEqual([
      {
        Sid: "AlarmsEncryptTheirMessages",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: "*",
        Condition: {
          StringEquals: { "aws:SourceAccount": "111111111111" },
          ArnEquals: {
            "aws:SourceArn": [
              "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:own-failures",
              "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:own-rollbacks",
            ],
          },
        },
      },
      {
        Sid: "EventBridgeEncryptsDeadLetters",
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: "*",
        Condition: {
          ArnEquals: { "kms:EncryptionContext:aws:sqs:arn": ["arn:aws:sqs:eu-west-1:111111111111:own-dlq"] },
        },
      },
    ]);
  });

  it("of a throw-away installation goes as soon as KMS allows, and has no statement for services it does not serve", async () => {
    const key = new EncryptionKey("own", { place, alias: "alias/own", description: "d", protectData: false });
    await settled(key.arn);
    const { policy, deletionWindowInDays } = find(resources, "aws:kms/key:Key", "own-key");
    expect(deletionWindowInDays).toBe(7);
    expect(statements(policy)).toHaveLength(1);
  });
});

describe("DataBucket", () => {
  it("of a throw-away installation may be emptied by destroy", async () => {
    const bucket = new DataBucket("own", { bucketName: "own-1", keyArn, protectData: false });
    await settled(bucket.bucketName);
    expect(find(resources, "aws:s3/bucket:Bucket", "own-bucket")).toEqual({ bucket: "own-1", forceDestroy: true });
  });
});

describe("DeploymentsTable", () => {
  it("is recoverable, encrypted, protected, and indexed for people", async () => {
    const table = new DeploymentsTable("own", { place, tableName: "own", keyArn, protectData: true });
    await settled(table.tableName);
    expect(find(resources, "aws:dynamodb/table:Table", "own-table")).toEqual({
      name: "own",
      billingMode: "PAY_PER_REQUEST",
      hashKey: "deploymentId",
      attributes: [
        { name: "deploymentId", type: "S" },
        { name: "environment", type: "S" },
        { name: "startTime", type: "N" },
        { name: "status", type: "S" },
      ],
      globalSecondaryIndexes: [
        { name: "EnvironmentStartTimeIndex", hashKey: "environment", rangeKey: "startTime", projectionType: "ALL" },
        { name: "EnvironmentStatusIndex", hashKey: "environment", rangeKey: "status", projectionType: "ALL" },
      ],
      ttl: { attributeName: "expiresAt", enabled: true },
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true, kmsKeyArn: keyArn },
      streamEnabled: true,
      streamViewType: "NEW_AND_OLD_IMAGES",
      deletionProtectionEnabled: true,
    });
  });
});

describe("Notifications", () => {
  it("subscribe every address to every topic", async () => {
    const names = installationNames(place);
    const notifications = new Notifications("own", {
      place,
      names,
      keyArn,
      emails: ["a@example.com", "b@example.com"],
    });
    await Promise.all(Object.values(notifications.topicArns).map((topicArn) => settled(topicArn)));
    await registered();
    const subscriptions = resources.filter(({ type }) => type === "aws:sns/topicSubscription:TopicSubscription");
    const seen = subscriptions.map(({ name, inputs }) => [name, inputs["protocol"], inputs["endpoint"]]);
    expect(seen.sort()).toEqual([
      ["own-approvals-a@example.com", "email", "a@example.com"],
      ["own-approvals-b@example.com", "email", "b@example.com"],
      ["own-deployments-a@example.com", "email", "a@example.com"],
      ["own-deployments-b@example.com", "email", "b@example.com"],
      ["own-rollbacks-a@example.com", "email", "a@example.com"],
      ["own-rollbacks-b@example.com", "email", "b@example.com"],
    ]);
  });
});

describe("SourceConnection", () => {
  const id = "11111111-2222-3333-4444-555555555555";

  it("uses the connection that is named, under the name of its service", async () => {
    const connectionArn = `arn:aws:codestar-connections:eu-west-1:111111111111:connection/${id}`;
    const connection = new SourceConnection("own", { place, connectionName: "own", connectionArn });
    expect(await settled(connection.arn)).toBe(connectionArn);
    expect(connection.userStatement()).toMatchObject({ Action: ["codestar-connections:UseConnection"] });
    expect(resources.map(({ type }) => type)).not.toContain("aws:codeconnections/connection:Connection");
  });

  it.each([
    `arn:aws:codeconnections:us-east-1:111111111111:connection/${id}`,
    `arn:aws:codeconnections:eu-west-1:222222222222:connection/${id}`,
  ])("refuses %s: an installation lives in one place", (connectionArn) => {
    expect(() => new SourceConnection("own", { place, connectionName: "own", connectionArn })).toThrow(
      /one account and one region/,
    );
  });
});

describe("ToolsArchive", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tools-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const archive = (): ToolsArchive => new ToolsArchive("tools", { bucketName: "releases", folder });

  it("is published under the hash of its content", async () => {
    writeFileSync(join(folder, "tools.tar.gz"), "tools");
    const sha256 = createHash("sha256").update("tools").digest("hex");
    writeFileSync(join(folder, "tools.json"), JSON.stringify({ sha256 }));
    const { digest, published } = archive();
    await settled(published.urn);
    expect(digest).toBe(sha256);
    const inputs = find(resources, "aws:s3/bucketObjectv2:BucketObjectv2", `tools-${sha256.slice(0, 12)}`);
    expect(inputs).toMatchObject({ bucket: "releases", key: `tools/${sha256}.tar.gz` });
  });

  it("says what to run when it was not built", () => {
    expect(archive).toThrow(/tools\.tar\.gz is missing: run "npm run build" first/);
    writeFileSync(join(folder, "tools.tar.gz"), "tools");
    expect(archive).toThrow(/tools\.json is missing: run "npm run build" first/);
  });

  it.each([JSON.stringify({ sha256: "0".repeat(64) }), "{}"])(
    "refuses an archive that %s does not describe",
    (text) => {
      writeFileSync(join(folder, "tools.tar.gz"), "tools");
      writeFileSync(join(folder, "tools.json"), text);
      expect(archive).toThrow(/does not describe .* run "npm run build" again/);
    },
  );
});

describe("the code of a function", () => {
  it("says what to run when it was not built", async () => {
    const folder = mkdtempSync(join(tmpdir(), "code-"));
    try {
      const owner = new DeadLetterQueue("own", { place, queueName: "own", keyArn, ruleArns: [] });
      await settled(owner.queueUrl);
      const code = () => builtCode(folder, owner);
      expect(code).toThrow(/index\.js is missing: run "npm run build" first/);
      writeFileSync(join(folder, "index.js"), "");
      expect(code).toThrow(/index\.js\.map is missing: run "npm run build" first/);
      writeFileSync(join(folder, "index.js.map"), "");
      expect(await code().path).toBe(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("what must outlive a destroy", () => {
  it.each([true, false])("is protected and retained when data is protected: %s", async (protectData) => {
    const options = new Map<string, readonly [boolean | undefined, boolean | undefined]>();
    const record: pulumi.ResourceTransformation = ({ type, name, opts }) => {
      const { retainOnDelete } = opts as pulumi.CustomResourceOptions;
      if (!type.startsWith("kiro:")) options.set(name, [opts.protect, retainOnDelete]);
      return undefined;
    };
    const names = installationNames(place);
    const foundation = new Foundation("f", { place, names, protectData }, { transformations: [record] });
    const worker = new WorkerEnvironment(
      "w",
      { place, environment: "test", foundation, protectData },
      { transformations: [record] },
    );
    await settled(worker.artifacts.bucketName);
    await registered();

    const free = ["f-pipeline-logs", "f-rollback-logs"];
    for (const [name, seen] of options) {
      const kept = free.includes(name) ? [undefined, undefined] : [protectData, protectData];
      expect([name, ...seen]).toEqual([name, ...kept]);
    }
    expect(options.size).toBe(2 + 3 * 5 + 1 + 1 + 2 + (2 + 5 + 1));
  });
});
