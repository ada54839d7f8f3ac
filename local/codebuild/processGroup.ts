import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 25;

/** Ends every process of the group: TERM, and KILL for those that still run after `graceMs`. */
export async function endProcessGroup(pid: number, graceMs: number): Promise<void> {
  if (!signalGroup(pid, "SIGTERM")) return;
  const deadline = Date.now() + graceMs;
  while (await groupRuns(pid)) {
    if (Date.now() >= deadline) {
      signalGroup(pid, "SIGKILL");
      return;
    }
    await sleep(POLL_MS);
  }
}

/**
 * Whether any process of the group still runs. The dead that nobody has collected yet do not count: some init processes
 * take a second for that.
 */
export async function groupRuns(pid: number): Promise<boolean> {
  if (!signalGroup(pid, 0)) return false;
  const processes = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  if (processes.length === 0) return true; // no Linux: the signal's answer stands
  const stats = await Promise.all(processes.map((name) => readFile(`/proc/${name}/stat`, "utf8").catch(() => "")));
  return stats.some((stat) => {
    // `pid (name) state parent group …`; the name may hold anything, brackets and spaces too.
    const [state = "Z", , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(group) === pid && state !== "Z" && state !== "X";
  });
}

/** False when nothing of the group is left. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
