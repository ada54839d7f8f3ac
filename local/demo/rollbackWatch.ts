import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { setTimeout as sleep } from "node:timers/promises";
import { type RollbackRecord, rollbackSteps, type RollbackStepLine } from "./rollbackTimeline";

const POLL_MS = 250;

export interface RollbackWatch {
  readonly table: string;
  /** The deployment that is to be taken back. */
  readonly deploymentId: string;
  /** Each step once, as soon as its record has it. */
  readonly onStep: (step: RollbackStepLine) => Promise<void> | void;
  readonly patienceMs: number;
}

/** Follows the record of a deployment until its rollback has ended, well or not. */
export async function watchRollback(client: DynamoDBClient, watch: RollbackWatch): Promise<RollbackRecord> {
  const table = DynamoDBDocumentClient.from(client);
  const { deploymentId } = watch;
  const deadline = Date.now() + watch.patienceMs;
  let shown = 0;
  for (;;) {
    const { Item } = await table.send(
      new GetCommand({ TableName: watch.table, Key: { deploymentId }, ConsistentRead: true }),
    );
    if (Item === undefined) throw new Error(`there is no record of ${deploymentId}`);
    const record = Item as RollbackRecord;
    for (const step of rollbackSteps(record).slice(shown)) {
      shown += 1;
      await watch.onStep(step);
    }
    if (record.rollbackStatus === "done" || record.rollbackStatus === "failed") return record;
    if (Date.now() > deadline) {
      const next = record.rollback?.next ?? "nobody has claimed it";
      throw new Error(`the rollback of ${deploymentId} did not end within ${watch.patienceMs / 1000} s: ${next}`);
    }
    await sleep(POLL_MS);
  }
}
