import type { GetOpsItemResponse, OpsItemSummary } from "@aws-sdk/client-ssm";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AwsError } from "../services/contract";

/** An OpsItem of this service: what the model leaves open is always there. */
export type StoredItem = NonNullable<GetOpsItemResponse["OpsItem"]> & {
  OpsItemId: string;
  Status: NonNullable<OpsItemSummary["Status"]>;
  CreatedTime: Date;
  LastModifiedTime: Date;
};

const DATES = new Set([
  "CreatedTime",
  "LastModifiedTime",
  "ActualStartTime",
  "ActualEndTime",
  "PlannedStartTime",
  "PlannedEndTime",
]);
/** With these an OpsItem is closed, and another one with the same dedupString may be made. */
const CLOSED = new Set<string>(["Resolved", "Closed"]);
/** The key of OperationalData that keeps OpsCenter from making the same OpsItem twice. */
const DEDUP_KEY = "/aws/dedup";

/** The OpsItems, in memory and in one file that is always whole. */
export class OpsItems {
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly file: string,
    private readonly items: Map<string, StoredItem>,
  ) {}

  static async open(stateDir: string): Promise<OpsItems> {
    const file = join(stateDir, "opsitems.json");
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "[]";
      throw error;
    });
    const stored = JSON.parse(text, (key, value: unknown) =>
      DATES.has(key) && typeof value === "string" ? new Date(value) : value,
    ) as readonly StoredItem[];
    return new OpsItems(file, new Map(stored.map((item) => [item.OpsItemId, item])));
  }

  /** @throws AwsError OpsItemNotFoundException */
  get(id: string): StoredItem {
    const item = this.items.get(id);
    if (item === undefined) throw new AwsError("OpsItemNotFoundException", `OpsItem ${id} does not exist.`);
    return item;
  }

  /** The newest first. */
  list(): readonly StoredItem[] {
    return [...this.items.values()].reverse();
  }

  /** The open item that carries this item's dedupString. */
  duplicateOf(operationalData: StoredItem["OperationalData"]): StoredItem | undefined {
    const dedup = dedupString(operationalData);
    if (dedup === undefined) return undefined;
    return this.list().find((item) => !CLOSED.has(item.Status) && dedupString(item.OperationalData) === dedup);
  }

  /** Resolves when the item is on disk. */
  async put(item: StoredItem): Promise<void> {
    this.items.set(item.OpsItemId, item);
    const written = this.writing.then(async () => {
      await writeFile(`${this.file}.new`, JSON.stringify([...this.items.values()], null, 2));
      await rename(`${this.file}.new`, this.file);
    });
    // The next write must not fail because this one did; its caller hears of it.
    this.writing = written.catch(() => undefined);
    await written;
  }

  /** Resolves when every change so far is on disk. */
  async flush(): Promise<void> {
    await this.writing;
  }
}

/** @throws AwsError OpsItemInvalidParameterException when `/aws/dedup` is there and not `{"dedupString": "…"}`. */
function dedupString(operationalData: StoredItem["OperationalData"]): string | undefined {
  const text = operationalData?.[DEDUP_KEY]?.Value;
  if (text === undefined) return undefined;
  const dedup: unknown = parsed(text);
  const value = typeof dedup === "object" && dedup !== null && "dedupString" in dedup ? dedup.dedupString : undefined;
  if (typeof value === "string") return value;
  const message = `OperationalData ${DEDUP_KEY} must be a JSON object {"dedupString": "…"}; it is ${text}.`;
  throw new AwsError("OpsItemInvalidParameterException", message, 400, { ParameterNames: ["OperationalData"] });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
