/** A table between Pulumi's and DynamoDB's words. */

import type {
  AttributeDefinition,
  ContinuousBackupsDescription,
  GlobalSecondaryIndex,
  KeySchemaElement,
  LocalSecondaryIndex,
  Projection,
  ProjectionType,
  ProvisionedThroughput,
  ScalarAttributeType,
  SSESpecification,
  TableDescription,
  TimeToLiveDescription,
} from "@aws-sdk/client-dynamodb";
import type { Unwrap } from "@pulumi/pulumi";
import type { TableArgs } from "@pulumi/aws/dynamodb";
import type { input } from "@pulumi/aws/types";
import { must } from "../resourceType";
import { present } from "../values";

type Table = Unwrap<TableArgs>;

export function attributes(table: Table): AttributeDefinition[] {
  return (table.attributes ?? []).map(({ name, type }) => ({
    AttributeName: name,
    AttributeType: type as ScalarAttributeType,
  }));
}

export function keySchema(hashKey: string, rangeKey: string | undefined): KeySchemaElement[] {
  const hash: KeySchemaElement = { AttributeName: hashKey, KeyType: "HASH" };
  return rangeKey === undefined ? [hash] : [hash, { AttributeName: rangeKey, KeyType: "RANGE" }];
}

function projection(type: string, names: readonly string[] | undefined): Projection {
  const ProjectionType = type as ProjectionType;
  return names?.length ? { ProjectionType, NonKeyAttributes: [...names] } : { ProjectionType };
}

/** Undefined for a table that is billed per request. */
export function throughput(of: {
  readCapacity?: number | undefined;
  writeCapacity?: number | undefined;
}): ProvisionedThroughput | undefined {
  const { readCapacity, writeCapacity } = of;
  if (readCapacity === undefined && writeCapacity === undefined) return undefined;
  return { ReadCapacityUnits: readCapacity, WriteCapacityUnits: writeCapacity };
}

export function globalIndex(index: Unwrap<input.dynamodb.TableGlobalSecondaryIndex>): GlobalSecondaryIndex {
  return {
    IndexName: index.name,
    KeySchema: keySchema(must(index.hashKey, "hashKey"), index.rangeKey),
    Projection: projection(index.projectionType, index.nonKeyAttributes),
    ...(index.readCapacity === undefined ? {} : { ProvisionedThroughput: throughput(index) }),
  };
}

export function localIndex(
  hashKey: string,
  index: Unwrap<input.dynamodb.TableLocalSecondaryIndex>,
): LocalSecondaryIndex {
  return {
    IndexName: index.name,
    KeySchema: keySchema(hashKey, index.rangeKey),
    Projection: projection(index.projectionType, index.nonKeyAttributes),
  };
}

export function encryption({ serverSideEncryption: wanted }: Table): SSESpecification | undefined {
  if (wanted === undefined) return undefined;
  if (!wanted.enabled) return { Enabled: false };
  return { Enabled: true, SSEType: "KMS", KMSMasterKeyId: wanted.kmsKeyArn };
}

function keyOf(schema: readonly KeySchemaElement[] | undefined, type: "HASH" | "RANGE"): string | undefined {
  return schema?.find(({ KeyType }) => KeyType === type)?.AttributeName;
}

/** The live table in the words of the inputs. */
export function live(
  table: TableDescription,
  ttl: TimeToLiveDescription | undefined,
  backups: ContinuousBackupsDescription | undefined,
): Record<string, unknown> {
  const perRequest = table.BillingModeSummary?.BillingMode === "PAY_PER_REQUEST";
  const ttlOn = ttl?.TimeToLiveStatus === "ENABLED" || ttl?.TimeToLiveStatus === "ENABLING";
  const recovery = backups?.PointInTimeRecoveryDescription;
  const encrypted = table.SSEDescription?.Status === "ENABLED" || table.SSEDescription?.Status === "UPDATING";
  const capacity = (of: { ProvisionedThroughput?: ProvisionedThroughput | undefined }): object =>
    perRequest
      ? {}
      : {
          readCapacity: of.ProvisionedThroughput?.ReadCapacityUnits,
          writeCapacity: of.ProvisionedThroughput?.WriteCapacityUnits,
        };
  return {
    name: table.TableName,
    attributes: table.AttributeDefinitions?.map(({ AttributeName, AttributeType }) => ({
      name: AttributeName,
      type: AttributeType,
    })),
    billingMode: perRequest ? "PAY_PER_REQUEST" : "PROVISIONED",
    ...capacity({ ProvisionedThroughput: table.ProvisionedThroughput as ProvisionedThroughput | undefined }),
    hashKey: keyOf(table.KeySchema, "HASH"),
    rangeKey: keyOf(table.KeySchema, "RANGE"),
    globalSecondaryIndexes: table.GlobalSecondaryIndexes?.map((index) =>
      present({
        name: index.IndexName,
        hashKey: keyOf(index.KeySchema, "HASH"),
        rangeKey: keyOf(index.KeySchema, "RANGE"),
        projectionType: index.Projection?.ProjectionType,
        nonKeyAttributes: index.Projection?.NonKeyAttributes,
        ...capacity({ ProvisionedThroughput: index.ProvisionedThroughput as ProvisionedThroughput | undefined }),
      }),
    ),
    localSecondaryIndexes: table.LocalSecondaryIndexes?.map((index) =>
      present({
        name: index.IndexName,
        rangeKey: keyOf(index.KeySchema, "RANGE"),
        projectionType: index.Projection?.ProjectionType,
        nonKeyAttributes: index.Projection?.NonKeyAttributes,
      }),
    ),
    deletionProtectionEnabled: table.DeletionProtectionEnabled ?? false,
    tableClass: table.TableClassSummary?.TableClass ?? "STANDARD",
    streamEnabled: table.StreamSpecification?.StreamEnabled ?? false,
    streamViewType: table.StreamSpecification?.StreamViewType,
    serverSideEncryption: encrypted
      ? { enabled: true, kmsKeyArn: table.SSEDescription?.KMSMasterKeyArn }
      : { enabled: false },
    pointInTimeRecovery:
      recovery?.PointInTimeRecoveryStatus === "ENABLED"
        ? present({ enabled: true, recoveryPeriodInDays: recovery.RecoveryPeriodInDays })
        : { enabled: false },
    ttl: ttlOn ? { attributeName: ttl.AttributeName, enabled: true } : { enabled: false },
  };
}
