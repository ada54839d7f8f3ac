import { type CancellationReason, DynamoDBClient, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, QueryCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { start } from "../../../../runtime/deployments/domainLock";
import type { Write } from "../../../../runtime/deployments/domainWrites";
import { dynamoDeploymentTable } from "../../../../runtime/deployments/table";
import { deploymentInfo } from "../support/fixtures";

const dynamo = mockClient(DynamoDBDocumentClient);
const slept: number[] = [];
const table = dynamoDeploymentTable(new DynamoDBClient({ region: "us-east-1" }), "deployments", async (ms) => {
  slept.push(ms);
});
const { record, writes } = start(deploymentInfo(), { environment: "test", token: 0 }, 1_000, 10);
afterEach(() => {
  dynamo.reset();
  slept.length = 0;
});

describe("a transaction", () => {
  it("is rendered with placeholders for every name and value, and without what is undefined", async () => {
    dynamo.on(TransactWriteCommand).resolves({});
    const when = [
      { kind: "equals", path: ["lock", "token"], value: 3 },
      { kind: "one-of", path: ["phase"], values: ["live", "baking"] },
      { kind: "at-most", path: ["lock", "leaseUntil"], value: 9 },
    ] as const;
    const set = [
      { path: ["lock", "leaseUntil"], value: 12 },
      { path: ["endTime"], value: undefined },
    ] as const;
    const transaction: Write[] = [
      { kind: "put", key: record.deploymentId, record, when: [{ kind: "missing", path: ["deploymentId"] }] },
      { kind: "update", key: "state#test", set, remove: [["live"]], when },
      { kind: "check", key: "state#test", when: [{ kind: "missing", path: ["lock"] }] },
      { kind: "update", key: "test#1", set: [], remove: [["lock"]], when: [{ kind: "missing", path: ["lock"] }] },
    ];
    expect(await table.commit(transaction)).toBe("committed");
    expect(dynamo.commandCalls(TransactWriteCommand)[0]?.args[0].input.TransactItems).toEqual([
      {
        Put: {
          TableName: "deployments",
          Item: record,
          ConditionExpression: "attribute_not_exists(#deploymentId)",
          ExpressionAttributeNames: { "#deploymentId": "deploymentId" },
        },
      },
      {
        Update: {
          TableName: "deployments",
          Key: { deploymentId: "state#test" },
          UpdateExpression: "SET #lock.#leaseUntil = :v4 REMOVE #live",
          ConditionExpression: "#lock.#token = :v0 AND #phase IN (:v1, :v2) AND #lock.#leaseUntil <= :v3",
          ExpressionAttributeNames: {
            "#lock": "lock",
            "#token": "token",
            "#phase": "phase",
            "#leaseUntil": "leaseUntil",
            "#live": "live",
          },
          ExpressionAttributeValues: { ":v0": 3, ":v1": "live", ":v2": "baking", ":v3": 9, ":v4": 12 },
        },
      },
      {
        ConditionCheck: {
          TableName: "deployments",
          Key: { deploymentId: "state#test" },
          ConditionExpression: "attribute_not_exists(#lock)",
          ExpressionAttributeNames: { "#lock": "lock" },
        },
      },
      {
        Update: {
          TableName: "deployments",
          Key: { deploymentId: "test#1" },
          UpdateExpression: "REMOVE #lock",
          ConditionExpression: "attribute_not_exists(#lock)",
          ExpressionAttributeNames: { "#lock": "lock" },
        },
      },
    ]);
  });

  it("is refused when a condition did not hold, even beside a conflict", async () => {
    dynamo.on(TransactWriteCommand).rejects(canceled("TransactionConflict", "ConditionalCheckFailed"));
    expect(await table.commit(writes)).toBe("refused");
  });

  it("is tried again when it met another one, and not for ever", async () => {
    dynamo.on(TransactWriteCommand).rejectsOnce(canceled("None", "TransactionConflict")).resolves({});
    expect(await table.commit(writes)).toBe("committed");
    expect(slept).toEqual([50]);

    dynamo.reset();
    dynamo.on(TransactWriteCommand).rejects(canceled("TransactionConflict"));
    await expect(table.commit(writes)).rejects.toThrow(TransactionCanceledException);
    expect(slept).toEqual([50, 50, 100, 200, 400, 800]);
  });

  it("throws what is no decision of the table", async () => {
    dynamo.on(TransactWriteCommand).rejectsOnce(canceled("ValidationError")).rejectsOnce(new Error("no network"));
    await expect(table.commit(writes)).rejects.toThrow(TransactionCanceledException);
    await expect(table.commit(writes)).rejects.toThrow("no network");
    dynamo.on(TransactWriteCommand).rejects(new TransactionCanceledException({ message: "?", $metadata: {} }));
    await expect(table.commit(writes)).rejects.toThrow(TransactionCanceledException);
  });
});

describe("reading", () => {
  it("is strongly consistent, and tells what is not there", async () => {
    dynamo.on(GetCommand).resolves({});
    expect(await table.record("test#1")).toBeUndefined();
    expect(await table.state("test")).toEqual({ environment: "test", token: 0 });
    expect(dynamo.commandCalls(GetCommand).map((call) => call.args[0].input)).toEqual(
      ["test#1", "state#test"].map((deploymentId) => ({
        TableName: "deployments",
        Key: { deploymentId },
        ConsistentRead: true,
      })),
    );
  });
});

describe("history", () => {
  it("hands out a cursor that only the same environment takes back", async () => {
    const LastEvaluatedKey = { deploymentId: "test#1", environment: "test", startTime: 1 };
    dynamo.on(QueryCommand).resolvesOnce({ Items: [], LastEvaluatedKey }).resolves({});
    const { cursor } = await table.history("test", { limit: 1 });
    expect(await table.history("test", { limit: 1, cursor })).toEqual({ records: [] });
    expect(dynamo.commandCalls(QueryCommand)[1]?.args[0].input.ExclusiveStartKey).toEqual(LastEvaluatedKey);
    await expect(table.history("staging", { limit: 1, cursor })).rejects.toThrow(
      "the cursor belongs to the deployments of test, not of staging",
    );
  });

  it.each(["", "nonsense", Buffer.from("{}").toString("base64url")])("refuses the cursor %j", async (cursor) => {
    await expect(table.history("test", { limit: 1, cursor })).rejects.toThrow(
      `"${cursor}" is not a cursor that a page of deployments gave`,
    );
  });

  it.each([0, 101, 1.5])("refuses a page of %d", async (limit) => {
    await expect(table.history("test", { limit })).rejects.toThrow(`a page has 1 to 100 deployments, not ${limit}`);
  });
});

function canceled(...codes: string[]): TransactionCanceledException {
  const CancellationReasons: CancellationReason[] = codes.map((Code) => ({ Code }));
  return new TransactionCanceledException({ message: "canceled", $metadata: {}, CancellationReasons });
}
