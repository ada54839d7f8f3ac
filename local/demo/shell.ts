import { spawn } from "node:child_process";

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Called with each line of standard error as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Runs a program to its end and keeps what it printed; a failure is a value. */
export function run(file: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args], { cwd: options.cwd, env: options.env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    let pending = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
      const lines = (pending + chunk).split("\n");
      pending = lines.pop() ?? "";
      for (const line of lines) options.onLine?.(line);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (pending !== "") options.onLine?.(pending);
      resolve({ code: code ?? 1, stdout, stderr });
    });
  });
}

/** @throws an Error with the command and the last it said when it does not end with 0. */
export async function mustRun(file: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await run(file, args, options);
  if (code === 0) return stdout;
  throw new Error(`\`${[file, ...args].join(" ")}\` ended with ${code}:\n${(stderr + stdout).trim().slice(-4_000)}`);
}
