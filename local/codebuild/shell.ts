import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { endProcessGroup } from "./processGroup";
import { OutputSplitter } from "./outputSplitter";

/**
 * One shell for all commands of a build, so that `cd`, `export`, functions and options last from command to command and
 * from phase to phase, as buildspec 0.2 promises. The shell reads the path of each command's file from descriptor 3,
 * sources it, and answers the exit status on descriptor 4; both are closed to the commands. What a command prints goes
 * through a real pipe (`cat`), so that `/dev/stdout` and `/dev/stderr` can be opened, which sockets do not allow.
 *
 * A command that ends the shell (`exit`, `set -e`, a syntax error) counts with the shell's exit status; the next command
 * gets a new shell in the directory and with the environment where the old one ended.
 */
export interface ShellOptions {
  readonly shell: "bash" | "sh";
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Folder for the driver's own files; must not be the source. */
  readonly scratch: string;
  /** Gets whole lines, without the line break, in order. */
  readonly onLine: (line: string) => void;
  /** Time that a process group has between TERM and KILL. */
  readonly graceMs?: number;
}

/** The build was stopped or ran out of time while a command ran. */
export class CommandAborted extends Error {}

/** In the scratch folder: id of the process group, for whoever finds it after a crash. */
export const GROUP_FILE = "group";

const DEFAULT_GRACE_MS = 3_000;
/** How long output may still come after the shell ended, while a process that it left behind holds the pipe. */
const DRAIN_MS = 200;

/** How long a shell whose input has ended may take to leave. */
const CLOSE_MS = 200;

interface Session {
  readonly pid: number;
  readonly control: Writable;
  /** Resolves with the status of the running command; a shell that ends answers `ended`. */
  nextStatus(): Promise<{ status: number; ended: boolean }>;
  readonly output: OutputSplitter;
  /** Its output is at its end. */
  readonly closed: Promise<void>;
}

export class BuildShell {
  private session: Session | undefined;
  private count = 0;
  private environment: Readonly<Record<string, string>>;
  private directory: string;

  constructor(private readonly options: ShellOptions) {
    this.environment = options.environment;
    this.directory = options.directory;
  }

  /**
   * Runs one command and returns its exit status once all its output so far was handed on.
   * @throws CommandAborted when `signal` fires first; the whole process group is gone by then.
   */
  async run(command: string, signal: AbortSignal): Promise<number> {
    if (signal.aborted) throw new CommandAborted();
    const session = (this.session ??= await this.start());
    const file = path.join(this.options.scratch, `command-${this.count++}.sh`);
    await writeFile(file, `${command}\n`);

    let abort = (): void => undefined;
    const aborted = new Promise<never>((_, reject) => (abort = () => reject(new CommandAborted())));
    signal.addEventListener("abort", abort, { once: true });
    try {
      session.control.write(`${file}\n`);
      const { status, ended } = await Promise.race([session.nextStatus(), aborted]);
      if (ended) await this.end();
      else await Promise.race([session.output.marker(), session.closed, aborted]);
      session.output.flush();
      await this.readState();
      return status;
    } catch (error) {
      await this.end();
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** The exported variables as the last command left them. */
  variables(): Readonly<Record<string, string>> {
    return this.environment;
  }

  /** Lets the next command see `name` with another value. */
  async setVariable(name: string, value: string, signal: AbortSignal): Promise<void> {
    await this.run(`export ${name}=${quote(value)}`, signal);
  }

  /** Ends the shell and everything that its commands left running. */
  async end(): Promise<void> {
    const { session } = this;
    if (session === undefined) return;
    this.session = undefined;
    session.control.end();
    // The usual end: the driver meets the end of its input and leaves by itself.
    await settled(session.closed, CLOSE_MS);
    await endProcessGroup(session.pid, this.options.graceMs ?? DEFAULT_GRACE_MS);
    await settled(session.closed, DRAIN_MS);
    session.output.flush();
  }

  private async start(): Promise<Session> {
    const { scratch, shell, onLine } = this.options;
    await mkdir(scratch, { recursive: true });
    const mark = `kiro-${randomBytes(12).toString("hex")}`;
    const driver = path.join(scratch, "driver.sh");
    await writeFile(driver, driverScript(scratch, mark));

    const child = spawn("/bin/sh", ["-c", OUTER_SCRIPT, shell, driver], {
      cwd: this.directory,
      env: this.environment,
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("spawn", () => resolve(child.pid as number));
    });
    await writeFile(path.join(scratch, GROUP_FILE), String(pid));

    const output = new OutputSplitter(mark, onLine);
    child.stdout?.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => output.push(chunk));
    const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const control = child.stdio[3] as Writable;
    control.on("error", () => output.flush()); // the shell ended while it was written to: its status says so
    const statuses = new StatusReader(child.stdio[4] as NodeJS.ReadableStream, closed);
    return { pid, control, nextStatus: () => statuses.next(), output, closed };
  }

  /** Reads where the last command left the shell; an interrupted dump leaves what was known before. */
  private async readState(): Promise<void> {
    const { scratch } = this.options;
    const [dump, directory] = await Promise.all([
      readFile(path.join(scratch, "environment"), "utf8"),
      readFile(path.join(scratch, "directory"), "utf8"),
    ]).catch(() => ["", ""] as const);
    if (dump !== "") this.environment = parseEnvironment(dump);
    if (directory.trim() !== "") this.directory = directory.replace(/\n$/, "");
  }
}

/** Collects `STATUS` and `exit STATUS` lines from descriptor 4. */
class StatusReader {
  private readonly lines: string[] = [];
  private waiting: (() => void) | undefined;
  private over = false;
  private rest = "";

  constructor(stream: NodeJS.ReadableStream, closed: Promise<void>) {
    stream.on("data", (chunk: Buffer) => {
      const parts = (this.rest + chunk.toString("utf8")).split("\n");
      this.rest = parts.pop() ?? "";
      this.lines.push(...parts);
      this.waiting?.();
    });
    void closed.then(() => {
      this.over = true;
      this.waiting?.();
    });
  }

  async next(): Promise<{ status: number; ended: boolean }> {
    while (this.lines.length === 0 && !this.over) await new Promise<void>((resolve) => (this.waiting = resolve));
    const line = this.lines.shift();
    // No line at all: something killed the whole group from outside.
    if (line === undefined) return { status: 137, ended: true };
    return line.startsWith("exit ")
      ? { status: Number(line.slice(5)), ended: true }
      : { status: Number(line), ended: false };
  }
}

/** $0 is the shell to use, $1 the driver. The status of a shell that ends follows as a line of its own. */
const OUTER_SCRIPT = `{ "$0" "$1" 2>&1; printf 'exit %s\\n' "$?" >&4; } | cat 3<&- 4>&-`;

function driverScript(scratch: string, mark: string): string {
  const environment = quote(path.join(scratch, "environment"));
  const directory = quote(path.join(scratch, "directory"));
  const dump = `/usr/bin/env -0 > ${environment}; pwd > ${directory}`;
  return [
    "exec 5>&1",
    `trap 'kiro_status=$?; ${dump.replaceAll("'", `'\\''`)}; exit $kiro_status' EXIT`,
    "while IFS= read -r kiro_command <&3; do",
    `  . "$kiro_command" 3<&- 4>&- 5>&-`,
    "  kiro_status=$?",
    `  ${dump}`,
    `  printf '%s' ${mark} >&5`,
    `  printf '%s\\n' "$kiro_status" >&4`,
    "done",
    "",
  ].join("\n");
}

/** Quotes a text for a POSIX shell. */
export function quote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/** Waits for `promise`, but no longer than `atMostMs`. */
async function settled(promise: Promise<void>, atMostMs: number): Promise<void> {
  const timer = new AbortController();
  await Promise.race([
    promise,
    sleep(atMostMs, undefined, { signal: timer.signal, ref: false }).catch(() => undefined),
  ]);
  timer.abort();
}

/** The output of `env -0`. */
function parseEnvironment(dump: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const entry of dump.split("\0")) {
    const at = entry.indexOf("=");
    if (at > 0) variables[entry.slice(0, at)] = entry.slice(at + 1);
  }
  return variables;
}
