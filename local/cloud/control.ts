import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, openSync, closeSync, readdirSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { lastLines, logFile, rotateLog } from "./log";
import { withLock } from "./lock";
import { endProcess, isOurs } from "./process";
import { readRecord, type CloudRecord } from "./record";

const START_MS = 90_000;
/** Above what services and emulator may take to end together. */
const STOP_MS = 150_000;

/** `crashed`: the background process is gone without a word. */
type CloudState = "absent" | "starting" | "running" | "stopping" | "stopped" | "failed" | "crashed";

export interface CloudStatus {
  readonly state: CloudState;
  /** Undefined when the local cloud has never been started. */
  readonly record: CloudRecord | undefined;
}

export interface Started {
  readonly record: CloudRecord & { readonly endpoint: string };
  /** It ran before. */
  readonly found: boolean;
}

/** What the local cloud of a folder does now: its record, held against the process that it names. */
export async function statusOf(directory: string): Promise<CloudStatus> {
  const record = await readRecord(directory);
  if (!record) return { state: "absent", record };
  if (record.state === "stopped") return { state: "stopped", record };
  if (await isOurs(record.pid, record.instance)) return { state: record.state, record };
  // It may have ended between the two looks.
  const again = await readRecord(directory);
  if (again && (again.state === "stopped" || again.state === "failed")) return { state: again.state, record: again };
  return { state: "crashed", record };
}

/**
 * Starts the local cloud as a background process, or finds the one that runs. Resolves when it answers.
 * @param command the program and arguments of the background process; it is given `--directory` and `--instance`.
 * @param env its environment, which builds get their PATH from.
 * @throws Error with the end of its log when it does not come up.
 */
export async function start(directory: string, command: readonly string[], env: NodeJS.ProcessEnv): Promise<Started> {
  // State holds the secrets of the local account.
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return withLock(directory, START_MS + STOP_MS, async () => {
    const { state, record } = await settled(directory);
    if (state === "running" && record?.endpoint !== undefined) {
      return { record: { ...record, endpoint: record.endpoint }, found: true };
    }
    if (record && state === "crashed") await endOrphan(record);
    return { record: await untilUp(directory, launch(directory, command, env)), found: false };
  });
}

/**
 * Ends the local cloud and waits until it is gone; false when it did not run. No process is touched but the background
 * process and the emulator that it has started.
 */
export async function stop(directory: string): Promise<boolean> {
  const { state, record } = await statusOf(directory);
  if (!record || state === "absent" || state === "stopped") return false;
  const ran = await isOurs(record.pid, record.instance);
  await endProcess(record.pid, record.instance, STOP_MS);
  await endOrphan(record);
  return ran;
}

/**
 * Stops the local cloud and deletes its folder: state, logs and repositories.
 * @throws Error when the folder holds something else: then nothing is deleted.
 */
export async function reset(directory: string): Promise<void> {
  if (!existsSync(directory)) return;
  if (readdirSync(directory).length > 0 && !(await readRecord(directory))) {
    throw new Error(`${directory} is no folder of a local cloud (it has no readable cloud.json); delete it by hand.`);
  }
  await stop(directory);
  await rm(directory, { recursive: true, force: true });
}

/** The status when the local cloud is neither on its way up nor on its way down. */
async function settled(directory: string): Promise<CloudStatus> {
  for (const end = Date.now() + STOP_MS; ; await sleep(100)) {
    const status = await statusOf(directory);
    const alive = status.record !== undefined && (await isOurs(status.record.pid, status.record.instance));
    if (status.state !== "starting" && status.state !== "stopping" && (status.state === "running" || !alive))
      return status;
    if (Date.now() > end)
      throw new Error(`The local cloud has been ${status.state} for too long; see ${logFile(directory)}.`);
  }
}

interface Launched {
  readonly instance: string;
  readonly child: ChildProcess;
}

function launch(directory: string, [program = "", ...args]: readonly string[], env: NodeJS.ProcessEnv): Launched {
  const instance = randomUUID();
  rotateLog(directory);
  const log = openSync(logFile(directory), "a", 0o600);
  try {
    const child = spawn(program, [...args, "--directory", directory, "--instance", instance], {
      detached: true,
      stdio: ["ignore", log, log],
      cwd: directory,
      env,
    });
    // Without a listener a failed spawn would end this process; that there is no process is seen below.
    child.once("error", () => undefined);
    child.unref();
    return { instance, child };
  } finally {
    closeSync(log);
  }
}

async function untilUp(directory: string, { instance, child }: Launched): Promise<CloudRecord & { endpoint: string }> {
  for (const end = Date.now() + START_MS; Date.now() < end; await sleep(50)) {
    const ended = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    const { state, record } = await statusOf(directory);
    if (record?.instance === instance && state === "running" && record.endpoint !== undefined) {
      return { ...record, endpoint: record.endpoint };
    }
    if (ended) break;
  }
  child.kill("SIGTERM");
  const log = await lastLines(directory, 15);
  throw new Error(`The local cloud did not start. The end of ${logFile(directory)}:\n${log.join("\n")}`);
}

/** An emulator whose parent was killed saves its state and ends by itself, but that takes a moment. */
async function endOrphan(record: CloudRecord): Promise<void> {
  if (record.emulatorPid === undefined) return;
  await endProcess(record.emulatorPid, `serve.py --parent ${record.pid}`, 30_000);
}
