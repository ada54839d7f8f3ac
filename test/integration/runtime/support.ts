import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { TestEmulator } from "../../support/emulator";

/** The deployments table as the installation declares it, without what only matters on AWS. */
export async function makeTable(client: DynamoDBClient, TableName: string): Promise<void> {
  const range = (IndexName: string, AttributeName: string) => ({
    IndexName,
    KeySchema: [
      { AttributeName: "environment", KeyType: "HASH" as const },
      { AttributeName, KeyType: "RANGE" as const },
    ],
    Projection: { ProjectionType: "ALL" as const },
  });
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "deploymentId", KeyType: "HASH" }],
      AttributeDefinitions: [
        { AttributeName: "deploymentId", AttributeType: "S" },
        { AttributeName: "environment", AttributeType: "S" },
        { AttributeName: "status", AttributeType: "S" },
        { AttributeName: "startTime", AttributeType: "N" },
      ],
      GlobalSecondaryIndexes: [
        range("EnvironmentStatusIndex", "status"),
        range("EnvironmentStartTimeIndex", "startTime"),
      ],
    }),
  );
  await waitUntilTableExists({ client, minDelay: 1, maxDelay: 1, maxWaitTime: 20 }, { TableName });
}

export async function makeBucket(client: S3Client, Bucket: string): Promise<void> {
  await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
}

export function dynamoDb(emulator: TestEmulator): DynamoDBClient {
  return new DynamoDBClient({ ...rootOf(emulator) });
}

export function s3(emulator: TestEmulator): S3Client {
  return new S3Client({ ...rootOf(emulator), forcePathStyle: true });
}

export function sns(emulator: TestEmulator): SNSClient {
  return new SNSClient({ ...rootOf(emulator) });
}

export function sqs(emulator: TestEmulator): SQSClient {
  return new SQSClient({ ...rootOf(emulator) });
}

function rootOf({ endpoint, env }: TestEmulator) {
  const credentials = {
    accessKeyId: env["AWS_ACCESS_KEY_ID"] ?? "",
    secretAccessKey: env["AWS_SECRET_ACCESS_KEY"] ?? "",
  };
  return { endpoint, region: env["AWS_REGION"] ?? "", credentials, retryMode: "standard", maxAttempts: 3 };
}
