import { type DeploymentRecord, type EnvironmentState, stateIdOf } from "../../../../runtime/deployments/domain";
import type { Condition, Path, Write } from "../../../../runtime/deployments/domainWrites";
import { recordOf, stateOf } from "../../../../runtime/deployments/items";
import type { DeploymentPage, DeploymentTable, PageRequest } from "../../../../runtime/deployments/ports";
import { noticeItem } from "../../../../runtime/notices/items";
import type { Environment } from "../../../../runtime/types";

type Item = Record<string, unknown>;

/** The table in memory, by the same rules: all conditions or no write; what is undefined is not stored. */
export class MemoryTable implements DeploymentTable {
  readonly items = new Map<string, Item>();
  private readonly records = new WeakMap<Item, DeploymentRecord>();
  /** Runs once before the next commit, as if somebody else had been faster. */
  beforeCommit: (() => Promise<void> | void) | undefined;
  /** The next commit goes through but answers `refused`, as if its first answer had been lost. */
  loseNextAnswer = false;

  async state(environment: Environment): Promise<EnvironmentState> {
    return stateOf(environment, this.items.get(stateIdOf(environment)));
  }

  async record(deploymentId: string): Promise<DeploymentRecord | undefined> {
    const item = this.items.get(deploymentId);
    return item && this.read(item);
  }

  async commit(writes: readonly Write[]): Promise<"committed" | "refused"> {
    const interference = this.beforeCommit;
    this.beforeCommit = undefined;
    await interference?.();
    const granted = writes.every((write) =>
      write.when.every((condition) => holds(this.items.get(keyOf(write)), condition)),
    );
    if (!granted) return "refused";
    for (const write of writes) this.apply(write);
    const answer = this.loseNextAnswer ? "refused" : "committed";
    this.loseNextAnswer = false;
    return answer;
  }

  async history(environment: Environment, { limit, cursor }: PageRequest): Promise<DeploymentPage> {
    const all = [...this.items.values()]
      .filter((item) => item["environment"] === environment)
      .map((item) => this.read(item))
      .sort((a, b) => b.startTime - a.startTime);
    const from = Number(cursor ?? 0);
    const records = all.slice(from, from + limit);
    return { records, ...(from + limit < all.length && { cursor: String(from + limit) }) };
  }

  /** Items are replaced, never changed: each is read once. */
  private read(item: Item): DeploymentRecord {
    const record = this.records.get(item) ?? recordOf(item);
    this.records.set(item, record);
    return record;
  }

  private apply(write: Write): void {
    if (write.kind === "check") return;
    if (write.kind === "notice") {
      this.items.set(write.notice.id, noticeItem(write.notice));
      return;
    }
    const item: Item =
      write.kind === "put"
        ? { ...write.record }
        : structuredClone(this.items.get(write.key) ?? { deploymentId: write.key });
    if (write.kind === "update") {
      for (const { path, value } of write.set) if (value !== undefined) parentOf(item, path)[path.at(-1) ?? ""] = value;
      for (const path of write.remove) delete parentOf(item, path)[path.at(-1) ?? ""];
    }
    this.items.set(write.key, JSON.parse(JSON.stringify(item)) as Item);
  }
}

function keyOf(write: Write): string {
  return write.kind === "notice" ? write.notice.id : write.key;
}

function holds(item: Item | undefined, condition: Condition): boolean {
  const value = item && condition.path.reduce<unknown>((part, name) => (part as Item | undefined)?.[name], item);
  switch (condition.kind) {
    case "missing":
      return value === undefined;
    case "equals":
      return value === condition.value;
    case "one-of":
      return typeof value === "string" && condition.values.includes(value);
    case "at-most":
      return typeof value === "number" && value <= condition.value;
    default:
      return condition satisfies never;
  }
}

function parentOf(item: Item, path: Path): Item {
  return path.slice(0, -1).reduce((part, name) => part[name] as Item, item);
}
