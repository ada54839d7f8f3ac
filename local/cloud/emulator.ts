import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { emulatorPython } from "./paths";

const READY_SECONDS = 60;
/** How long the emulator may take to save its state before it is killed. */
const STOP_SECONDS = 30;

export interface EmulatorOptions {
  /** The project's root, where the virtual environment and the wrapper are. */
  readonly root: string;
  /** The emulator's home: temporary files, object data and saved state. Made if absent. */
  readonly directory: string;
  /** The port that the emulator's own URLs and its Lambdas are given: the gateway's. Its own without it. */
  readonly publicPort?: number;
  /** Opens `/_kiro/authorize` to whoever knows it. */
  readonly token?: string;
  /** Whether state is loaded at the start and saved at the stop. */
  readonly persist?: boolean;
  /** How long a minute of `rate(…)` in a scheduled rule lasts; 60 without it. */
  readonly minuteSeconds?: number;
  /** Takes each line that the emulator logs. */
  log(line: string): void;
}

export interface Emulator {
  /** `http://127.0.0.1:PORT`, answered by this very child: it reports its port through a pipe. */
  readonly endpoint: string;
  readonly pid: number;
  /** Resolves when the process is gone, with what ended it (`exit code 1`, `SIGKILL`). */
  readonly exited: Promise<string>;
  /** Asks the process to end, waits for it, and ends what it has left behind. */
  stop(): Promise<void>;
}

/**
 * Starts the emulator as a child process and resolves when it answers.
 * @throws Error with the child's last words when it ends before that.
 */
export async function startEmulatorProcess(options: EmulatorOptions): Promise<Emulator> {
  const python = emulatorPython(options.root);
  if (!existsSync(python)) {
    throw new Error(`The emulator is not installed: ${python} does not exist. Run \`node scripts/setup.mjs\`.`);
  }
  const temporary = join(options.directory, "tmp");
  await mkdir(temporary, { recursive: true });
  const script = join(options.root, "local", "emulator", "serve.py");
  const args = ["-B", script, "--parent", String(process.pid)];
  if (options.publicPort) args.push("--public-port", String(options.publicPort));
  // A process group of its own, so that the Lambdas it has started can be ended with it.
  const child = spawn(python, args, {
    cwd: options.directory,
    env: environment(options, temporary),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const lastWords: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    lastWords.push(line);
    if (lastWords.length > 20) lastWords.shift();
    options.log(line);
  });
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });

  try {
    const port = await Promise.race([reportedPort(child), exited.then(endedTooEarly)]);
    const endpoint = `http://127.0.0.1:${port}`;
    await Promise.race([untilHealthy(endpoint), exited.then(endedTooEarly)]);
    return { endpoint, pid: child.pid ?? 0, exited, stop: () => stop(child, exited) };
  } catch (error) {
    await stop(child, exited);
    const words = lastWords.length > 0 ? `\n${lastWords.join("\n")}` : "";
    throw new Error(`The emulator did not start: ${(error as Error).message}${words}`, { cause: error });
  }
}

function environment(options: EmulatorOptions, temporary: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    LANG: "C.UTF-8",
    HOME: options.directory,
    TMPDIR: temporary,
    LOG_LEVEL: "WARNING",
    MINISTACK_REGION: "us-east-1",
    STATE_DIR: join(options.directory, "state"),
    S3_DATA_DIR: join(options.directory, "s3"),
    PERSIST_STATE: options.persist ? "1" : "0",
    S3_PERSIST: options.persist ? "1" : "0",
    ...(options.minuteSeconds === undefined ? {} : { KIRO_MINUTE_SECONDS: String(options.minuteSeconds) }),
    ...(options.token === undefined ? {} : { KIRO_EMULATOR_TOKEN: options.token }),
  };
}

/** The first line of the child's standard output; what follows is not ours. */
async function reportedPort(child: ChildProcess): Promise<number> {
  if (!child.stdout) throw new Error("it has no standard output");
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, "line")) as [string];
  return (JSON.parse(line) as { port: number }).port;
}

async function untilHealthy(endpoint: string): Promise<void> {
  const deadline = AbortSignal.timeout(READY_SECONDS * 1000);
  const response = await fetch(`${endpoint}/_ministack/health`, { signal: deadline });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`its health check answers ${response.status}`);
}

function endedTooEarly(how: string): never {
  throw new Error(`it ended at once (${how})`);
}

async function stop(child: ChildProcess, exited: Promise<string>): Promise<void> {
  if (child.pid === undefined) return;
  child.kill("SIGTERM");
  const late = new AbortController();
  const ended = await Promise.race([
    exited.then(() => true),
    sleep(STOP_SECONDS * 1000, false, { signal: late.signal, ref: false }).catch(() => true),
  ]);
  late.abort();
  if (!ended) child.kill("SIGKILL");
  await exited;
  signalGroup(child.pid, "SIGKILL");
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
