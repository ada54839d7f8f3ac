import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { openCloud, type Cloud } from "./cloud";
import { logLine } from "./log";
import { readRecord, writeRecord, type CloudRecord } from "./record";
import { type ServiceDefinition } from "./services";

/** State that is only good together: the emulator saves its own at a clean stop, the services save theirs all the time. */
const STATE_FOLDERS = ["emulator", "services"];

export interface SupervisorOptions {
  readonly root: string;
  readonly directory: string;
  /** The identity of this run, which is on the process's command line too. */
  readonly instance: string;
  readonly services: readonly ServiceDefinition[];
  /** How long a minute of `rate(…)` in a scheduled rule lasts; 60 without it. */
  readonly minuteSeconds?: number;
  /** Ends the local cloud when it fires. */
  readonly stop: AbortSignal;
  write(line: string): void;
}

/**
 * Runs the local cloud until it is told to stop or its emulator is gone, and keeps `cloud.json` true. The background
 * process does nothing else.
 * @returns the exit code: 0 after a stop, 1 when the local cloud failed.
 */
export async function supervise(options: SupervisorOptions): Promise<number> {
  const { directory, instance } = options;
  const log = (message: string) => options.write(logLine(message, new Date()));
  const previous = await readRecord(directory);
  let record: CloudRecord = {
    instance,
    pid: process.pid,
    state: "starting",
    startedAt: new Date().toISOString(),
    services: options.services.map(({ name }) => name),
  };
  const note = async (change: Partial<CloudRecord>) => {
    record = { ...record, ...change };
    await writeRecord(directory, record);
  };
  // Whoever finds this process sees at which address its predecessor was until it has one of its own.
  await note(previous?.endpoint === undefined ? {} : { endpoint: previous.endpoint });
  try {
    if (previous && previous.state !== "stopped") await putAside(directory, log);
    const cloud = await openCloud({
      root: options.root,
      directory,
      services: options.services,
      persist: true,
      ...preferredPort(previous),
      ...(options.minuteSeconds === undefined ? {} : { minuteSeconds: options.minuteSeconds }),
      identity: { instance },
      log,
    });
    await note({ state: "running", endpoint: cloud.endpoint, emulatorPid: cloud.emulatorPid });
    log(`running at ${cloud.endpoint}`);
    return await untilTheEnd(cloud, options.stop, note, log);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log(`failed: ${error instanceof Error ? error.stack : reason}`);
    await note({ state: "failed", reason });
    return 1;
  }
}

async function untilTheEnd(
  cloud: Cloud,
  stop: AbortSignal,
  note: (change: Partial<CloudRecord>) => Promise<void>,
  log: (message: string) => void,
): Promise<number> {
  const told = new Promise<undefined>((resolve) => {
    if (stop.aborted) resolve(undefined);
    stop.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  const reason = await Promise.race([told, cloud.failed]);
  log(reason === undefined ? "stopping" : `${reason} Stopping the rest.`);
  await note(reason === undefined ? { state: "stopping" } : { state: "failed", reason });
  await cloud.stop();
  if (reason !== undefined) return 1;
  await note({ state: "stopped" });
  log("stopped");
  return 0;
}

/** The port of the run before: shells that have its address in their environment work on. */
function preferredPort(previous: CloudRecord | undefined): { preferredPort?: number } {
  return previous?.endpoint === undefined ? {} : { preferredPort: Number(new URL(previous.endpoint).port) };
}

/**
 * After a crash the emulator's state is older than that of the services, or gone. Half a truth would be worse than
 * none: the local cloud starts empty, and what is left of the old state is kept in `crashed/` to look at.
 */
async function putAside(directory: string, log: (message: string) => void): Promise<void> {
  const left = STATE_FOLDERS.filter((name) => existsSync(join(directory, name)));
  if (left.length === 0) return;
  const crashed = join(directory, "crashed");
  await rm(crashed, { recursive: true, force: true });
  await mkdir(crashed, { recursive: true });
  for (const name of left) await rename(join(directory, name), join(crashed, name));
  log(`the run before did not end cleanly: starting empty; its state is in ${crashed}`);
}
