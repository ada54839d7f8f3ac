import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** Ends the processes of a function of this emulator again and again, for a while. @returns how many were ended. */
export async function killLambda(functionName: string, emulatorPid: number, milliseconds: number): Promise<number> {
  const until = Date.now() + milliseconds;
  let killed = 0;
  while (Date.now() < until) {
    for (const pid of await processesOf(functionName, emulatorPid)) {
      try {
        process.kill(pid, "SIGKILL");
        killed += 1;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it has ended by itself meanwhile
      }
    }
    await sleep(50);
  }
  return killed;
}

/** Node processes that this emulator started for the function; read from /proc, so on Linux only. */
async function processesOf(functionName: string, emulatorPid: number): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const [stat, environment] = await Promise.all([read(`/proc/${name}/stat`), read(`/proc/${name}/environ`)]);
    const parent = Number(
      stat
        .slice(stat.lastIndexOf(")") + 1)
        .trim()
        .split(" ")[1],
    );
    if (parent !== emulatorPid) continue;
    if (environment.split("\0").includes(`AWS_LAMBDA_FUNCTION_NAME=${functionName}`)) found.push(Number(name));
  }
  return found;
}

/** Nothing where the process has ended meanwhile, or is nobody's of ours. */
async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return "";
  }
}
