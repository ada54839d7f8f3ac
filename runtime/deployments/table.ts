import { setTimeout as delay } from "node:timers/promises";
import { type DynamoDBClient, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, QueryCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { PageError } from "../errors";
import type { Environment } from "../types";
import { type DeploymentRecord, type EnvironmentState, stateIdOf } from "./domain";
import type { Write } from "./domainWrites";
import { transactItem } from "./expressions";
import { recordOf, stateOf } from "./items";
import type { DeploymentPage, DeploymentTable, PageRequest } from "./ports";

/** Items of a start that collides with another one's transaction; DynamoDB asks the caller to try again. */
const CONFLICT_ATTEMPTS = 6;
const CONFLICT_DELAY_MS = 25;
const LARGEST_PAGE = 100;
const HISTORY_INDEX = "EnvironmentStartTimeIndex";

/** The table in DynamoDB: hash key `deploymentId`; records and the state items of the environments side by side. */
export function dynamoDeploymentTable(
  client: DynamoDBClient,
  tableName: string,
  sleep: (ms: number) => Promise<unknown> = delay,
): DeploymentTable {
  const table = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });

  async function item(deploymentId: string): Promise<unknown> {
    const found = await table.send(
      new GetCommand({ TableName: tableName, Key: { deploymentId }, ConsistentRead: true }),
    );
    return found.Item;
  }

  return {
    async state(environment: Environment): Promise<EnvironmentState> {
      return stateOf(environment, await item(stateIdOf(environment)));
    },

    async record(deploymentId: string): Promise<DeploymentRecord | undefined> {
      const found = await item(deploymentId);
      return found === undefined ? undefined : recordOf(found);
    },

    async commit(writes: readonly Write[]): Promise<"committed" | "refused"> {
      const TransactItems = writes.map((write) => transactItem(tableName, write));
      for (let attempt = 1; ; attempt++) {
        try {
          // The SDK gives each call a client request token: its own retries are the same transaction.
          await table.send(new TransactWriteCommand({ TransactItems }));
          return "committed";
        } catch (error) {
          if (!(error instanceof TransactionCanceledException)) throw error;
          const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code);
          if (codes.includes("ConditionalCheckFailed")) return "refused";
          if (!codes.includes("TransactionConflict") || attempt === CONFLICT_ATTEMPTS) throw error;
          await sleep(CONFLICT_DELAY_MS * 2 ** attempt);
        }
      }
    },

    async history(environment: Environment, { limit, cursor }: PageRequest): Promise<DeploymentPage> {
      if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE) {
        throw new PageError(`a page has 1 to ${LARGEST_PAGE} deployments, not ${limit}`);
      }
      const page = await table.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: HISTORY_INDEX,
          KeyConditionExpression: "#environment = :environment",
          ExpressionAttributeNames: { "#environment": "environment" },
          ExpressionAttributeValues: { ":environment": environment },
          ScanIndexForward: false,
          Limit: limit,
          ...(cursor !== undefined && { ExclusiveStartKey: keyIn(cursor, environment) }),
        }),
      );
      return {
        records: (page.Items ?? []).map(recordOf),
        ...(page.LastEvaluatedKey && { cursor: cursorOf(page.LastEvaluatedKey) }),
      };
    },
  };
}

const indexKey = z.strictObject({ deploymentId: z.string(), environment: z.string(), startTime: z.number() });

function cursorOf(key: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(key)).toString("base64url");
}

function keyIn(cursor: string, environment: Environment): z.infer<typeof indexKey> {
  let key: z.infer<typeof indexKey>;
  try {
    key = indexKey.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch (cause) {
    throw new PageError(`"${cursor}" is not a cursor that a page of deployments gave`, cause);
  }
  if (key.environment === environment) return key;
  throw new PageError(`the cursor belongs to the deployments of ${key.environment}, not of ${environment}`);
}
