import type { TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { noticeItem } from "../notices/items";
import type { Condition, Path, Write } from "./domainWrites";

type TransactItem = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/** Renders one write of a transaction. Every name is a placeholder: `lock`, `token` and others are reserved words. */
export function transactItem(TableName: string, write: Write): TransactItem {
  const words = new Words();
  const ConditionExpression = write.when.map((condition) => rendered(condition, words)).join(" AND ");
  switch (write.kind) {
    case "put":
      return { Put: { TableName, Item: { ...write.record }, ConditionExpression, ...words.attributes() } };
    case "notice": {
      const condition = ConditionExpression === "" ? {} : { ConditionExpression, ...words.attributes() };
      return { Put: { TableName, Item: noticeItem(write.notice), ...condition } };
    }
    case "check": {
      const Key = { deploymentId: write.key };
      return { ConditionCheck: { TableName, Key, ConditionExpression, ...words.attributes() } };
    }
    case "update": {
      const set = write.set.flatMap(({ path, value }) =>
        value === undefined ? [] : [`${words.name(path)} = ${words.value(value)}`],
      );
      const remove = write.remove.map((path) => words.name(path));
      const UpdateExpression = [clause("SET", set), clause("REMOVE", remove)].join(" ").trim();
      const Key = { deploymentId: write.key };
      return { Update: { TableName, Key, UpdateExpression, ConditionExpression, ...words.attributes() } };
    }
    default:
      return write satisfies never;
  }
}

function rendered(condition: Condition, words: Words): string {
  const name = words.name(condition.path);
  switch (condition.kind) {
    case "missing":
      return `attribute_not_exists(${name})`;
    case "equals":
      return `${name} = ${words.value(condition.value)}`;
    case "one-of":
      return `${name} IN (${condition.values.map((value) => words.value(value)).join(", ")})`;
    case "at-most":
      return `${name} <= ${words.value(condition.value)}`;
    default:
      return condition satisfies never;
  }
}

function clause(word: string, parts: readonly string[]): string {
  return parts.length === 0 ? "" : `${word} ${parts.join(", ")}`;
}

/** Placeholders of one expression. */
class Words {
  private readonly names: Record<string, string> = {};
  private readonly values: Record<string, unknown> = {};

  name(path: Path): string {
    for (const part of path) this.names[`#${part}`] = part;
    return path.map((part) => `#${part}`).join(".");
  }

  value(value: unknown): string {
    const placeholder = `:v${Object.keys(this.values).length}`;
    this.values[placeholder] = value;
    return placeholder;
  }

  /** AWS refuses an empty map of values. */
  attributes(): {
    ExpressionAttributeNames: Record<string, string>;
    ExpressionAttributeValues?: Record<string, unknown>;
  } {
    const ExpressionAttributeNames = this.names;
    if (Object.keys(this.values).length === 0) return { ExpressionAttributeNames };
    return { ExpressionAttributeNames, ExpressionAttributeValues: this.values };
  }
}
