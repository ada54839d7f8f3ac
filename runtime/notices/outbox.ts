import { ConditionalCheckFailedException, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, paginateQuery, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Notice } from "./domain";
import { noticeItem, noticeOf, OUTBOX } from "./items";
import type { NoticeOutbox } from "./ports";

/** Ordered by time; the index by status leaves the order of what is pending open. */
const INDEX = "EnvironmentStartTimeIndex";
/** Where delivered notices go in the index, so that a look finds the pending ones alone, however many were delivered. */
const DELIVERED = "outbox-delivered";
/** More than this are not looked at together: a backlog of any size costs the same. */
const LONGEST_LOOK = 500;
const PAGE = 100;

/** The outbox in the table of the deployments, where notices are written beside what they tell. */
export function dynamoNoticeOutbox(client: DynamoDBClient, tableName: string): NoticeOutbox {
  const table = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });

  return {
    async pending(): Promise<readonly Notice[]> {
      const found: unknown[] = [];
      const pages = paginateQuery(
        { client: table },
        {
          TableName: tableName,
          IndexName: INDEX,
          KeyConditionExpression: "#environment = :outbox",
          ExpressionAttributeNames: { "#environment": "environment" },
          ExpressionAttributeValues: { ":outbox": OUTBOX },
          ScanIndexForward: true,
          Limit: PAGE,
        },
      );
      for await (const { Items = [] } of pages) {
        found.push(...Items);
        if (found.length >= LONGEST_LOOK) break;
      }
      return found.map(noticeOf);
    },

    async queue(notice: Notice, as: "pending" | "sent" = "pending"): Promise<"queued" | "known"> {
      const Item = { ...noticeItem(notice), ...(as === "sent" && delivered(notice.createdAt)) };
      const written = await unlessRefused(
        table.send(
          new PutCommand({ TableName: tableName, Item, ConditionExpression: "attribute_not_exists(deploymentId)" }),
        ),
      );
      return written ? "queued" : "known";
    },

    async markSent(notice: Notice, at: number): Promise<void> {
      const { environment, status, sentAt } = delivered(at);
      // Refused: another call delivered it too, and its mark stays.
      await unlessRefused(
        table.send(
          new UpdateCommand({
            TableName: tableName,
            Key: { deploymentId: notice.id },
            UpdateExpression: "SET #environment = :environment, #status = :status, #sentAt = :sentAt",
            ConditionExpression: "#status = :pending",
            ExpressionAttributeNames: { "#environment": "environment", "#status": "status", "#sentAt": "sentAt" },
            ExpressionAttributeValues: {
              ":environment": environment,
              ":status": status,
              ":sentAt": sentAt,
              ":pending": "pending",
            },
          }),
        ),
      );
    },
  };
}

function delivered(sentAt: number) {
  return { environment: DELIVERED, status: "sent", sentAt };
}

/** Whether a conditional write was done. */
async function unlessRefused(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
