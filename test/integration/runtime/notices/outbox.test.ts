import { type DynamoDBClient, PutItemCommand, ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, type SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { UnreadableItemError } from "../../../../runtime/errors";
import { deliverNotices } from "../../../../runtime/notices/deliver";
import type { Notice } from "../../../../runtime/notices/domain";
import { dynamoNoticeOutbox } from "../../../../runtime/notices/outbox";
import { snsChannel } from "../../../../runtime/notices/snsChannel";
import { startEmulator, type TestEmulator } from "../../../support/emulator";
import { dynamoDb, makeTable, sns, sqs } from "../support";

let emulator: TestEmulator;
let client: DynamoDBClient;
let topics: SNSClient;
let queues: SQSClient;
let tables = 0;
beforeAll(async () => {
  emulator = await startEmulator();
  client = dynamoDb(emulator);
  topics = sns(emulator);
  queues = sqs(emulator);
}, 60_000);
afterAll(async () => {
  for (const each of [client, topics, queues]) each.destroy();
  await emulator.stop();
});

async function freshOutbox() {
  const tableName = `notices-${++tables}`;
  await makeTable(client, tableName);
  return { tableName, outbox: dynamoNoticeOutbox(client, tableName) };
}

async function itemOf(tableName: string, deploymentId: string) {
  const table = DynamoDBDocumentClient.from(client);
  return (await table.send(new GetCommand({ TableName: tableName, Key: { deploymentId }, ConsistentRead: true }))).Item;
}

/** A topic and a queue that is subscribed to it. */
async function subscribedTopic() {
  const { TopicArn } = await topics.send(new CreateTopicCommand({ Name: "deployments" }));
  const { QueueUrl } = await queues.send(new CreateQueueCommand({ QueueName: "subscriber" }));
  const Endpoint = "arn:aws:sqs:us-east-1:000000000000:subscriber";
  const Principal = { Service: "sns.amazonaws.com" };
  const statement = { Effect: "Allow", Principal, Action: "sqs:SendMessage", Resource: Endpoint };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await queues.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  await topics.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }));
  return { TopicArn, QueueUrl };
}

function notice(createdAt: number, over: Partial<Notice> = {}): Notice {
  return {
    id: `test#${createdAt}#deployment_started`,
    topic: "deployments",
    createdAt,
    message: { event: "deployment_started", environment: "test", timestamp: "1970-01-01T00:00:00Z" },
    ...over,
  };
}

describe("the outbox in a real table", () => {
  it("shows what is pending, the oldest first, until it is marked", async () => {
    const { outbox, tableName } = await freshOutbox();
    expect(await outbox.pending()).toEqual([]);
    const [first, second, third] = [notice(1_000), notice(2_000), notice(3_000, { topic: "rollbacks" })];
    for (const each of [third, first, second]) expect(await outbox.queue(each)).toBe("queued");
    expect(await outbox.pending()).toEqual([first, second, third]);

    await outbox.markSent(second, 4_000);
    expect(await outbox.pending()).toEqual([first, third]);
    expect(await itemOf(tableName, second.id)).toMatchObject({ status: "sent", sentAt: 4_000, startTime: 2_000 });
  });

  it("queues a notice once, even after it was sent", async () => {
    const { outbox } = await freshOutbox();
    const once = notice(1_000);
    expect([await outbox.queue(once), await outbox.queue(once)]).toEqual(["queued", "known"]);
    await outbox.markSent(once, 2_000);
    expect(await outbox.queue(once)).toBe("known");
    expect(await outbox.pending()).toEqual([]);
  });

  it("remembers a notice that something else told, without delivering it", async () => {
    const { outbox, tableName } = await freshOutbox();
    const told = notice(1_000);
    expect(await outbox.queue(told, "sent")).toBe("queued");
    expect(await outbox.pending()).toEqual([]);
    expect(await outbox.queue(told)).toBe("known");
    expect(await itemOf(tableName, told.id)).toMatchObject({ status: "sent", sentAt: 1_000 });
  });

  it("keeps the first mark, and marks nothing that is not there", async () => {
    const { outbox, tableName } = await freshOutbox();
    const [one, none] = [notice(1_000), notice(2_000)];
    await outbox.queue(one);
    await outbox.markSent(one, 3_000);
    await outbox.markSent(one, 4_000);
    await outbox.markSent(none, 4_000);
    expect(await itemOf(tableName, one.id)).toMatchObject({ sentAt: 3_000 });
    expect(await itemOf(tableName, none.id)).toBeUndefined();
  });

  it("shows more than one page of the index, but never an endless backlog", async () => {
    const { outbox } = await freshOutbox();
    const backlog = Array.from({ length: 510 }, (_, n) =>
      notice(n, { message: { ...notice(n).message, reason: "x".repeat(3_000) } }),
    );
    await Promise.all(backlog.map((each) => outbox.queue(each)));
    expect((await outbox.pending()).map(({ createdAt }) => createdAt)).toEqual(
      Array.from({ length: 500 }, (_, n) => n),
    );
  });

  it("names an item that is unreadable", async () => {
    const { outbox, tableName } = await freshOutbox();
    const Item = { deploymentId: { S: "odd" }, environment: { S: "outbox" }, startTime: { N: "1" } };
    await client.send(new PutItemCommand({ TableName: tableName, Item }));
    await expect(outbox.pending()).rejects.toThrow(UnreadableItemError);
  });

  it("does not take a missing table for a notice that is known", async () => {
    const outbox = dynamoNoticeOutbox(client, "nowhere");
    await expect(outbox.queue(notice(1))).rejects.toThrow(ResourceNotFoundException);
    await expect(outbox.markSent(notice(1), 2)).rejects.toThrow(ResourceNotFoundException);
  });
});

describe("notices through real topics", () => {
  it("arrive once each, and what a topic refuses stays", async () => {
    const { outbox } = await freshOutbox();
    const { TopicArn = "", QueueUrl = "" } = await subscribedTopic();
    const channel = snsChannel(topics, { deployments: TopicArn, rollbacks: `${TopicArn}-gone` }, "prod");
    const lost = notice(2_000, { id: "lost", topic: "rollbacks" });
    await outbox.queue(notice(1_000));
    await outbox.queue(lost);

    const warnings: string[] = [];
    const log = { warn: (message: string) => void warnings.push(message) };
    expect(await deliverNotices(outbox, channel, () => 5_000, log)).toEqual({ sent: 1, failed: 1 });
    expect(warnings).toEqual(["a notice was not delivered"]);
    expect(await outbox.pending()).toEqual([lost]);

    const { Messages = [] } = await queues.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    expect(Messages.map(({ Body = "" }) => JSON.parse(Body) as unknown)).toEqual([
      expect.objectContaining({
        Subject: "kiro-pipeline prod: test deployment started",
        Message: JSON.stringify(notice(1_000).message, null, 2),
        MessageAttributes: {
          event: { Type: "String", Value: "deployment_started" },
          environment: { Type: "String", Value: "test" },
        },
      }),
    ]);
  }, 30_000);
});
