import { type DeploymentRecord, type EnvironmentState, stateIdOf } from "../../../../runtime/deployments/domain";
import { type DeploymentPage, type DeploymentTable, type Write } from "../../../../runtime/deployments/ports";
import { type Notice } from "../../../../runtime/notices/domain";
import { type Environment } from "../../../../runtime/types";

type Item = Record<string, unknown>;
type Condition = Write["when"][number];
type Path = Condition["path"];

/** The deployments table in memory: the same conditions, the same all-or-nothing. */
export class MemoryTable implements DeploymentTable {
  readonly items = new Map<string, Item>();
  /** What was queued for people, in order. */
  readonly notices: Notice[] = [];
  /** Keys whose next write is refused, as if somebody else had been faster. */
  readonly contested = new Set<string>();

  async state(environment: Environment): Promise<EnvironmentState> {
    return { environment, token: 0, ...this.items.get(stateIdOf(environment)) };
  }

  async record(deploymentId: string): Promise<DeploymentRecord | undefined> {
    return this.items.get(deploymentId) as DeploymentRecord | undefined;
  }

  async commit(writes: readonly Write[]): Promise<"committed" | "refused"> {
    const refused = ({ when, ...write }: Write): boolean => {
      const key = write.kind === "notice" ? write.notice.id : write.key;
      return this.contested.has(key) || !when.every((condition) => holds(this.items.get(key), condition));
    };
    if (writes.some(refused)) return "refused";
    for (const write of writes) this.apply(write);
    return "committed";
  }

  async history(environment: Environment): Promise<DeploymentPage> {
    const records = [...this.items.values()].filter(
      (item) => item["deploymentId"] !== undefined && item["environment"] === environment,
    );
    return { records: (records as unknown as DeploymentRecord[]).sort((a, b) => b.startTime - a.startTime) };
  }

  private apply(write: Write): void {
    if (write.kind === "check") return;
    if (write.kind === "notice") {
      this.notices.push(write.notice);
      return;
    }
    if (write.kind === "put") {
      this.items.set(write.key, { ...write.record });
      return;
    }
    const item = structuredClone(this.items.get(write.key) ?? {});
    for (const { path, value } of write.set) parentOf(item, path)[path.at(-1) ?? ""] = value;
    for (const path of write.remove) delete parentOf(item, path)[path.at(-1) ?? ""];
    this.items.set(write.key, item);
  }
}

function parentOf(item: Item, path: Path): Item {
  let parent = item;
  for (const name of path.slice(0, -1)) parent = (parent[name] ??= {}) as Item;
  return parent;
}

function valueAt(item: Item | undefined, path: Path): unknown {
  return path.reduce<unknown>((value, name) => (value as Item | undefined)?.[name], item);
}

function holds(item: Item | undefined, condition: Condition): boolean {
  const value = valueAt(item, condition.path);
  switch (condition.kind) {
    case "missing":
      return value === undefined;
    case "equals":
      return value === condition.value;
    case "one-of":
      return condition.values.includes(String(value));
    case "at-most":
      return typeof value === "number" && value <= condition.value;
  }
}
