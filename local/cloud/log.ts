import { existsSync, renameSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A log that is longer than this is put aside at the next start. */
const LIMIT_BYTES = 10 * 1024 * 1024;

export function logFile(directory: string): string {
  return join(directory, "cloud.log");
}

/** Puts a long log aside as `cloud.log.1`, in the place of the one before. */
export function rotateLog(directory: string): void {
  const file = logFile(directory);
  if (existsSync(file) && statSync(file).size > LIMIT_BYTES) renameSync(file, `${file}.1`);
}

/** A log line: time in UTC, then the message. */
export function logLine(message: string, now: Date): string {
  return `${now.toISOString()} ${message}`;
}

/** The last `count` lines of the log; none when there is no log yet. */
export async function lastLines(directory: string, count: number): Promise<string[]> {
  if (!existsSync(logFile(directory))) return [];
  const { text } = await readFrom(logFile(directory), 0);
  return text.split("\n").slice(0, -1).slice(-count);
}

/** Hands on what is added to the log until the signal ends it. */
export async function followLog(directory: string, write: (text: string) => void, signal: AbortSignal): Promise<void> {
  const file = logFile(directory);
  let from = existsSync(file) ? statSync(file).size : 0;
  while (!signal.aborted) {
    await sleep(200, undefined, { signal }).catch(() => undefined);
    if (!existsSync(file)) continue;
    const size = statSync(file).size;
    // Another start has put the old one aside.
    if (size < from) from = 0;
    if (size === from) continue;
    const { text, end } = await readFrom(file, from);
    write(text);
    from = end;
  }
}

async function readFrom(file: string, start: number): Promise<{ text: string; end: number }> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.max(size - start, 0));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    return { text: buffer.toString("utf8", 0, bytesRead), end: start + bytesRead };
  } finally {
    await handle.close();
  }
}
