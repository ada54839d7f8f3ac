import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { commandLine } from "./process";

/**
 * Runs `work` while no other process does so for the same folder. A lock whose holder is gone is taken over.
 * @throws Error when another process has held the lock for `patienceMs`.
 */
export async function withLock<T>(directory: string, patienceMs: number, work: () => Promise<T>): Promise<T> {
  const lock = join(directory, "start.lock");
  const mine = `${lock}.${randomUUID()}`;
  await writeFile(mine, String(process.pid));
  try {
    for (const end = Date.now() + patienceMs; !(await taken(mine, lock)); await sleep(100)) {
      await removeStale(lock);
      if (Date.now() > end) throw new Error(`Another process has been starting the local cloud for long: see ${lock}.`);
    }
    try {
      return await work();
    } finally {
      await rm(lock, { force: true });
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/** A hard link appears with its content, or not at all. */
async function taken(mine: string, lock: string): Promise<boolean> {
  try {
    await link(mine, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function removeStale(lock: string): Promise<void> {
  const holder = await read(lock);
  if (holder === undefined || (await commandLine(Number(holder))) !== undefined) return;
  // Between the look and the move somebody else may have taken the lock: what was moved tells, and is put back.
  const moved = `${lock}.${randomUUID()}`;
  await rename(lock, moved).catch(() => undefined);
  const found = await read(moved);
  if (found !== undefined && found !== holder) await link(moved, lock).catch(() => undefined);
  await rm(moved, { force: true });
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
