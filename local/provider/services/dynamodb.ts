import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
  type BillingMode,
  type StreamViewType,
  type TableClass,
  type UpdateTableCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { TableArgs } from "@pulumi/aws/dynamodb";
import type { Clients } from "../clients";
import { canonical } from "../values";
import { errorCode } from "../failures";
import { flag, number, object, set, text } from "../fields";
import { defineType, must, tags, type Inputs } from "../resourceType";
import { fromPairs, pairs, settleTags } from "../tagging";
import * as shapes from "./dynamodbShapes";

type TableInputs = Inputs<TableArgs>;

/** Seconds that a table may take to become active or to go. */
const MAX_WAIT = 600;

async function untilActive(TableName: string, aws: Clients): Promise<void> {
  const client = aws.get(DynamoDBClient);
  await waitUntilTableExists({ client, maxWaitTime: MAX_WAIT, minDelay: 0.2, maxDelay: 5 }, { TableName });
}

/** A step of its own each, because DynamoDB takes one kind of change at a time. */
async function change(request: UpdateTableCommandInput, aws: Clients): Promise<void> {
  await aws.get(DynamoDBClient).send(new UpdateTableCommand(request));
  await untilActive(must(request.TableName, "TableName"), aws);
}

async function settleTtl(TableName: string, inputs: TableInputs, aws: Clients): Promise<void> {
  const dynamodb = aws.get(DynamoDBClient);
  const { TimeToLiveDescription: live } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
  const enabled = live?.TimeToLiveStatus === "ENABLED" || live?.TimeToLiveStatus === "ENABLING";
  const wanted = inputs.ttl !== undefined && inputs.ttl.enabled !== false;
  if (enabled === wanted) return;
  const AttributeName = wanted ? inputs.ttl?.attributeName : live?.AttributeName;
  const TimeToLiveSpecification = { AttributeName, Enabled: wanted };
  await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
}

async function settleBackups(TableName: string, inputs: TableInputs, aws: Clients): Promise<void> {
  const dynamodb = aws.get(DynamoDBClient);
  const found = await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }));
  const live = found.ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
  const wanted = inputs.pointInTimeRecovery?.enabled ?? false;
  if ((live === "ENABLED") === wanted) return;
  const PointInTimeRecoverySpecification = {
    PointInTimeRecoveryEnabled: wanted,
    RecoveryPeriodInDays: wanted ? inputs.pointInTimeRecovery?.recoveryPeriodInDays : undefined,
  };
  await dynamodb.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
}

async function settleTableTags(TableName: string, inputs: TableInputs, olds: TableInputs, aws: Clients): Promise<void> {
  const dynamodb = aws.get(DynamoDBClient);
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
  await settleTags(olds.tagsAll, inputs.tagsAll, {
    untag: (TagKeys) => dynamodb.send(new UntagResourceCommand({ ResourceArn: Table?.TableArn, TagKeys })),
    tag: (wanted) => dynamodb.send(new TagResourceCommand({ ResourceArn: Table?.TableArn, Tags: pairs(wanted) })),
  });
}

async function settleIndexes(TableName: string, inputs: TableInputs, olds: TableInputs, aws: Clients): Promise<void> {
  const before = new Map((olds.globalSecondaryIndexes ?? []).map((index) => [index.name, index]));
  const after = new Map((inputs.globalSecondaryIndexes ?? []).map((index) => [index.name, index]));
  const differs = (name: string): boolean => canonical(present(before, name)) !== canonical(present(after, name));
  for (const IndexName of before.keys()) {
    if (!differs(IndexName)) continue;
    await change({ TableName, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName } }] }, aws);
  }
  for (const [name, index] of after) {
    if (!differs(name)) continue;
    const AttributeDefinitions = shapes.attributes(inputs);
    const Create = shapes.globalIndex(index);
    await change({ TableName, AttributeDefinitions, GlobalSecondaryIndexUpdates: [{ Create }] }, aws);
  }
}

const present = (indexes: ReadonlyMap<string, unknown>, name: string): never => (indexes.get(name) ?? null) as never;

export const table = defineType<TableArgs>({
  token: "aws:dynamodb/table:Table",
  fields: {
    attributes: set(object({ name: text({ required: true }), type: text({ required: true }) })),
    billingMode: text({ default: "PROVISIONED" }),
    deletionProtectionEnabled: flag({ default: false }),
    globalSecondaryIndexes: set(
      object({
        name: text({ required: true }),
        hashKey: text({ required: true }),
        rangeKey: text(),
        projectionType: text({ required: true }),
        nonKeyAttributes: set(text()),
        readCapacity: number({ computed: true }),
        writeCapacity: number({ computed: true }),
      }),
    ),
    hashKey: text({ required: true, replaces: true }),
    localSecondaryIndexes: set(
      object({
        name: text({ required: true }),
        rangeKey: text({ required: true }),
        projectionType: text({ required: true }),
        nonKeyAttributes: set(text()),
      }),
      { replaces: true },
    ),
    name: text({ replaces: true }),
    pointInTimeRecovery: object(
      { enabled: flag({ required: true }), recoveryPeriodInDays: number({ computed: true }) },
      { default: { enabled: false } },
    ),
    rangeKey: text({ replaces: true }),
    readCapacity: number({ computed: true }),
    serverSideEncryption: object(
      { enabled: flag({ required: true }), kmsKeyArn: text({ computed: true }) },
      { default: { enabled: false } },
    ),
    streamEnabled: flag({ default: false }),
    streamViewType: text({ computed: true }),
    tableClass: text({ default: "STANDARD" }),
    tags,
    ttl: object(
      { attributeName: text({ default: "" }), enabled: flag({ default: true }) },
      { default: { enabled: false } },
    ),
    writeCapacity: number({ computed: true }),
  },
  outputs: ["arn", "streamArn", "streamLabel"],
  volatile: ["streamArn", "streamLabel"],
  name: { property: "name", max: 255 },
  identity: ["name"],
  tagged: true,
  gone: ["ResourceNotFoundException"],
  async create(inputs, aws, made) {
    const TableName = must(inputs.name, "name");
    const indexes = inputs.globalSecondaryIndexes?.map(shapes.globalIndex);
    const locals = inputs.localSecondaryIndexes?.map((index) =>
      shapes.localIndex(must(inputs.hashKey, "hashKey"), index),
    );
    await aws.get(DynamoDBClient).send(
      new CreateTableCommand({
        TableName,
        AttributeDefinitions: shapes.attributes(inputs),
        KeySchema: shapes.keySchema(must(inputs.hashKey, "hashKey"), inputs.rangeKey),
        BillingMode: (inputs.billingMode ?? "PROVISIONED") as BillingMode,
        ProvisionedThroughput: shapes.throughput(inputs),
        ...(indexes?.length ? { GlobalSecondaryIndexes: indexes } : {}),
        ...(locals?.length ? { LocalSecondaryIndexes: locals } : {}),
        SSESpecification: shapes.encryption(inputs),
        StreamSpecification: stream(inputs),
        TableClass: inputs.tableClass as TableClass | undefined,
        DeletionProtectionEnabled: inputs.deletionProtectionEnabled,
        Tags: pairs(inputs.tagsAll),
      }),
    );
    made(TableName);
    await untilActive(TableName, aws);
    if (inputs.ttl !== undefined) await settleTtl(TableName, inputs, aws);
    if (inputs.pointInTimeRecovery !== undefined) await settleBackups(TableName, inputs, aws);
    return TableName;
  },
  async update(TableName, inputs, aws, olds) {
    const changed = (...names: (keyof TableArgs)[]): boolean =>
      names.some((name) => canonical((inputs[name] ?? null) as never) !== canonical((olds[name] ?? null) as never));
    if (changed("billingMode", "readCapacity", "writeCapacity")) {
      const BillingMode = (inputs.billingMode ?? "PROVISIONED") as BillingMode;
      await change({ TableName, BillingMode, ProvisionedThroughput: shapes.throughput(inputs) }, aws);
    }
    if (changed("streamEnabled", "streamViewType")) {
      await change({ TableName, StreamSpecification: stream(inputs) ?? { StreamEnabled: false } }, aws);
    }
    if (changed("serverSideEncryption")) {
      await change({ TableName, SSESpecification: shapes.encryption(inputs) ?? { Enabled: false } }, aws);
    }
    if (changed("tableClass")) {
      await change({ TableName, TableClass: (inputs.tableClass ?? "STANDARD") as TableClass }, aws);
    }
    if (changed("deletionProtectionEnabled")) {
      await change({ TableName, DeletionProtectionEnabled: inputs.deletionProtectionEnabled ?? false }, aws);
    }
    if (changed("globalSecondaryIndexes")) await settleIndexes(TableName, inputs, olds, aws);
    await settleTtl(TableName, inputs, aws);
    await settleBackups(TableName, inputs, aws);
    await settleTableTags(TableName, inputs, olds, aws);
  },
  async read(TableName, aws) {
    const dynamodb = aws.get(DynamoDBClient);
    const { Table: found } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    if (found === undefined || found.TableStatus === "DELETING") return undefined;
    const [{ TimeToLiveDescription }, backups, { Tags }] = await Promise.all([
      dynamodb.send(new DescribeTimeToLiveCommand({ TableName })),
      dynamodb.send(new DescribeContinuousBackupsCommand({ TableName })),
      dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: found.TableArn })),
    ]);
    return {
      inputs: {
        ...shapes.live(found, TimeToLiveDescription, backups.ContinuousBackupsDescription),
        tags: fromPairs(Tags),
      },
      outputs: {
        arn: found.TableArn,
        streamArn: found.LatestStreamArn ?? "",
        streamLabel: found.LatestStreamLabel ?? "",
      },
    };
  },
  async remove(TableName, aws) {
    const client = aws.get(DynamoDBClient);
    try {
      await client.send(new DeleteTableCommand({ TableName }));
    } catch (error) {
      // Being deleted already, or still being made: DynamoDB says the same for both; the wait below tells them apart.
      if (errorCode(error) !== "ResourceInUseException") throw error;
    }
    await waitUntilTableNotExists({ client, maxWaitTime: MAX_WAIT, minDelay: 0.2, maxDelay: 5 }, { TableName });
  },
});

function stream(inputs: TableInputs): { StreamEnabled: true; StreamViewType: StreamViewType | undefined } | undefined {
  if (!inputs.streamEnabled) return undefined;
  return { StreamEnabled: true, StreamViewType: inputs.streamViewType as StreamViewType | undefined };
}
