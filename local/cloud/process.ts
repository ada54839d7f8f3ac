import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The command line of a running process; undefined when there is none of this id. */
export async function commandLine(pid: number): Promise<string | undefined> {
  try {
    if (existsSync("/proc/self/cmdline")) {
      const text = await readFile(`/proc/${pid}/cmdline`, "utf8");
      // A zombie has none.
      return text === "" ? undefined : text.replaceAll("\0", " ").trim();
    }
    return (await run("ps", ["-o", "command=", "-p", String(pid)])).stdout.trim();
  } catch {
    return undefined;
  }
}

/**
 * Asks a process to end (SIGTERM) and waits; kills it when it takes longer than `patienceMs`.
 * @param mark what its command line must contain, so that a process that has got the same id since is left alone.
 */
export async function endProcess(pid: number, mark: string, patienceMs: number): Promise<void> {
  if (!(await isOurs(pid, mark))) return;
  process.kill(pid, "SIGTERM");
  if (await gone(pid, mark, patienceMs)) return;
  process.kill(pid, "SIGKILL");
  await gone(pid, mark, 5000);
}

/** Whether the process of this id has `mark` in its command line. */
export async function isOurs(pid: number, mark: string): Promise<boolean> {
  return (await commandLine(pid))?.includes(mark) ?? false;
}

async function gone(pid: number, mark: string, patienceMs: number): Promise<boolean> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await sleep(50)) {
    if (!(await isOurs(pid, mark))) return true;
  }
  return false;
}
