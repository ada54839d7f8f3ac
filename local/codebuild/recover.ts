import { readFile, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { endBuild } from "./phases";
import { endProcessGroup } from "./processGroup";
import type { Store } from "./store";
import { GROUP_FILE } from "./shell";

/**
 * What a service that starts does about the builds that ran when the last one died: they end as FAULT, what still runs
 * of them is ended, their folders go.
 */
export async function recover(store: Store, stateDir: string, now: Date, graceMs: number): Promise<void> {
  for (const [id, record] of Object.entries(store.state.builds)) {
    if (record.build.buildComplete) continue;
    const context = { statusCode: "INTERNAL_ERROR", message: "The local cloud ended while the build was running." };
    store.state.builds[id] = { ...record, build: endBuild(record.build, "FAULT", [context], now) };
    store.changed();
  }
  const builds = path.join(stateDir, "builds");
  for (const uuid of await readdir(builds).catch(() => [])) {
    const scratch = path.join(builds, uuid, "shell");
    const pid = Number(await readFile(path.join(scratch, GROUP_FILE), "utf8").catch(() => ""));
    if (pid > 1 && (await isShellOf(pid, scratch))) await endProcessGroup(pid, graceMs);
    await rm(path.join(builds, uuid), { recursive: true, force: true });
  }
}

/** A process id may long belong to a stranger: only a process that was started with this build's driver counts. */
async function isShellOf(pid: number, scratch: string): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return commandLine.includes(scratch + path.sep);
}
