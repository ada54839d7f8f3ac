import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const schema = z.object({
  /** Of this run; on the background process's command line, too. */
  instance: z.string(),
  pid: z.number().int().positive(),
  state: z.enum(["starting", "running", "stopping", "stopped", "failed"]),
  startedAt: z.string(),
  endpoint: z.string().optional(),
  emulatorPid: z.number().int().optional(),
  services: z.array(z.string()).default([]),
  /** Why it failed. */
  reason: z.string().optional(),
});

/** What is known of the local cloud's last run: the file `cloud.json`. */
export type CloudRecord = z.infer<typeof schema>;

function recordFile(directory: string): string {
  return join(directory, "cloud.json");
}

/** Undefined when there has been no run, or its record cannot be read: then nothing is known of it. */
export async function readRecord(directory: string): Promise<CloudRecord | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(recordFile(directory), "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

/** Replaces the record as a whole: a reader sees the old one or the new one. */
export async function writeRecord(directory: string, record: CloudRecord): Promise<void> {
  await mkdir(directory, { recursive: true });
  const draft = `${recordFile(directory)}.${randomUUID()}`;
  await writeFile(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, recordFile(directory));
}
