import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RollbackSummary } from "./rollbackTimeline";
import type { StageSummary } from "./timeline";

export interface ReleaseLine {
  readonly version: string;
  readonly environment: string;
  readonly status: string;
}

/** What `.local/summary.json` says of the last demo. */
export interface DemoSummary {
  /** Of the first release's way to production. */
  readonly stages: readonly StageSummary[];
  readonly releases: readonly ReleaseLine[];
  readonly rollbacks: readonly RollbackSummary[];
  /** From the start of the command. */
  readonly seconds: number;
}

export async function writeSummary(root: string, summary: DemoSummary): Promise<void> {
  await mkdir(join(root, ".local"), { recursive: true });
  await writeFile(join(root, ".local/summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
}
