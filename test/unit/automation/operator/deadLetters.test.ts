import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { mockClient } from "aws-sdk-client-mock";
import { describe, expect, it } from "@jest/globals";
import { listDeadLetters, redriveDeadLetters } from "../../../../automation/operator/deadLetters";
import { type DeadLetter, type DeadLetters } from "../../../../automation/operator/ports";
import { sqsDeadLetters } from "../../../../automation/operator/sqsDeadLetters";
import { Problem } from "../../../../automation/problem";

describe("the events that were left over", () => {
  it("are listed with time, source, kind and error, and stay where they are", async () => {
    const queue = new MemoryQueue([
      letter("m1", alarm, {
        RULE_ARN: "arn:aws:events:us-east-1:111122223333:rule/kiro-pipeline-prod-rollback-alarms",
        ERROR_CODE: "NO_PERMISSIONS",
        ERROR_MESSAGE: "not allowed",
      }),
      letter("m2", alarm, { ErrorCode: "200", ErrorMessage: "the table cannot be read" }),
      letter("m3", "not JSON", {}),
    ]);
    const { document, lines } = await listDeadLetters(queue);
    expect(document["letters"]).toEqual([
      {
        id: "m1",
        time,
        source: "rule kiro-pipeline-prod-rollback-alarms",
        detailType: "CloudWatch Alarm State Change",
        error: "NO_PERMISSIONS: not allowed",
      },
      {
        id: "m2",
        time,
        source: "the function",
        detailType: "CloudWatch Alarm State Change",
        error: "200: the table cannot be read",
      },
      { id: "m3", time, source: "the function", detailType: "unknown event", error: "no error was given" },
    ]);
    expect(lines[2]).toBe(`${time}  unknown event  from the function: no error was given  (m3)`);
    expect(queue.visible).toEqual(["m1", "m2", "m3"]);
  });

  it("may be none", async () => {
    expect((await listDeadLetters(new MemoryQueue([]))).lines).toEqual(["no event is left over"]);
  });

  it("are handed to the function again, and removed only when it took them", async () => {
    const queue = new MemoryQueue([letter("m1", '{"n":1}', {}), letter("m2", '{"n":2}', {}), letter("m3", "{", {})]);
    const taken: unknown[] = [];
    const invoke = async (event: unknown) => {
      taken.push(event);
      if ((event as { n: number }).n === 2) throw new Problem("failed", { what: "the table cannot be read" });
      return null;
    };
    const result = await redriveDeadLetters(queue, { invoke });
    expect(taken).toEqual([{ n: 1 }, { n: 2 }]);
    expect(result).toEqual({
      ending: "failed",
      document: {
        taken: ["m1"],
        left: [
          { id: "m2", because: "the table cannot be read." },
          { id: "m3", because: "its body is not JSON" },
        ],
      },
      lines: ["1 events were taken, 2 are left", "  m2: the table cannot be read.", "  m3: its body is not JSON"],
    });
    expect(queue.visible).toEqual(["m2", "m3"]);
    const again = await redriveDeadLetters(new MemoryQueue([letter("m1", "{}", {})]), { invoke: async () => null });
    expect(again.ending).toBe("ok");
  });

  it("stay when the function cannot be reached", async () => {
    const queue = new MemoryQueue([letter("m1", "{}", {})]);
    const invoke = () => Promise.reject(new Error("the network is gone"));
    await expect(redriveDeadLetters(queue, { invoke })).rejects.toThrow("the network is gone");
    expect(queue.letters.map(({ id }) => id)).toEqual(["m1"]);
  });
});

describe("a queue of dead letters in SQS", () => {
  it("is read with attributes, and each delivery is given back or removed by its own handle", async () => {
    const sqs = mockClient(SQSClient);
    sqs.on(GetQueueUrlCommand, { QueueName: "dlq" }).resolves({ QueueUrl: "https://dlq" });
    sqs
      .on(ReceiveMessageCommand, {
        QueueUrl: "https://dlq",
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 30,
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ["SentTimestamp"],
        MessageAttributeNames: ["All"],
      })
      .resolvesOnce({
        Messages: [
          {
            MessageId: "m1",
            ReceiptHandle: "r1",
            Body: "{}",
            Attributes: { SentTimestamp: String(Date.parse(time)) },
            MessageAttributes: { ERROR_CODE: { DataType: "String", StringValue: "NO_PERMISSIONS" } },
          },
        ],
      })
      .resolves({});
    const queue = await sqsDeadLetters(new SQSClient({ region: "us-east-1" }), "dlq");
    const found = await queue.receive(10, 30);
    expect(found).toEqual([
      { id: "m1", receipt: "r1", body: "{}", sentAt: new Date(time), attributes: { ERROR_CODE: "NO_PERMISSIONS" } },
    ]);
    expect(await queue.receive(10, 30)).toEqual([]);
    await queue.giveBack(found);
    expect(sqs.commandCalls(ChangeMessageVisibilityCommand).map(({ args }) => args[0].input)).toEqual([
      { QueueUrl: "https://dlq", ReceiptHandle: "r1", VisibilityTimeout: 0 },
    ]);
    for (const one of found) await queue.remove(one);
    expect(sqs.commandCalls(DeleteMessageCommand).map(({ args }) => args[0].input)).toEqual([
      { QueueUrl: "https://dlq", ReceiptHandle: "r1" },
    ]);
  });
});

// Helpers

const time = "2026-11-25T10:00:00.000Z";
const alarm = JSON.stringify({ source: "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change" });

function letter(id: string, body: string, attributes: DeadLetter["attributes"]): DeadLetter {
  return { id, receipt: `of ${id}`, body, sentAt: new Date(time), attributes };
}

/** A queue whose hidden letters come back only when they are given back. */
class MemoryQueue implements DeadLetters {
  private readonly hidden = new Set<string>();

  constructor(public letters: readonly DeadLetter[]) {}

  get visible(): string[] {
    return this.letters.map(({ id }) => id).filter((id) => !this.hidden.has(id));
  }

  async receive(most: number): Promise<readonly DeadLetter[]> {
    const found = this.letters.filter(({ id }) => !this.hidden.has(id)).slice(0, most);
    for (const { id } of found) this.hidden.add(id);
    return found;
  }

  async giveBack(letters: readonly DeadLetter[]): Promise<void> {
    for (const { id } of letters) this.hidden.delete(id);
  }

  async remove({ receipt }: DeadLetter): Promise<void> {
    this.letters = this.letters.filter((one) => one.receipt !== receipt);
  }
}
