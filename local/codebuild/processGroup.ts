import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 20;

/** Whether any process of the group is still there. */
export function groupExists(pid: number): boolean {
  return signalGroup(pid, 0);
}

/** Ends every process of the group: TERM, and KILL for those that are still there after `graceMs`. */
export async function endProcessGroup(pid: number, graceMs: number): Promise<void> {
  if (!signalGroup(pid, "SIGTERM")) return;
  const deadline = Date.now() + graceMs;
  while (groupExists(pid)) {
    if (Date.now() >= deadline) {
      signalGroup(pid, "SIGKILL");
      return;
    }
    await sleep(POLL_MS);
  }
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
