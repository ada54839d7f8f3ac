import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { groupRuns } from "../../../../local/codebuild/processGroup";
import { BuildShell, CommandAborted, quote } from "../../../../local/codebuild/shell";

const NEVER = new AbortController().signal;
let folder: string;
let lines: string[];
let shell: BuildShell;

describe.each(["sh", "bash"] as const)("a build's %s", (program) => {
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "shell-"));
    lines = [];
    shell = new BuildShell({
      shell: program,
      directory: folder,
      environment: { PATH: process.env["PATH"] ?? "", START: "1" },
      scratch: path.join(folder, "scratch"),
      onLine: (line) => lines.push(line),
      graceMs: 300,
    });
  });
  afterEach(async () => {
    await shell.end();
    await rm(folder, { recursive: true, force: true });
  });

  const run = (command: string): Promise<number> => shell.run(command, NEVER);

  it("keeps directory, variables and functions from command to command", async () => {
    await run("cd /usr; local_variable=a; export B='b\nc'; say() { echo said; }");
    await run(`pwd; echo "$local_variable $B"; say`);
    expect(lines).toEqual(["/usr", "a b", "c", "said"]);
    expect(shell.variables()).toMatchObject({ B: "b\nc", START: "1" });
    expect(shell.variables()).not.toHaveProperty("local_variable");
  });

  it("answers the exit status, with all that was printed before it, in order", async () => {
    expect(await run("echo out; echo err >&2; printf 'no line break'; false")).toBe(1);
    expect(lines).toEqual(["out", "err", "no line break"]);
    expect(await run("(exit 7)")).toBe(7);
  });

  it.each([
    ["exit 3", 3],
    ["set -e; false; echo never", 1],
    ["if", 2],
  ])("takes %j as a failed command and goes on where it ended", async (command, status) => {
    await run("cd /usr; export KEPT=yes");
    expect(await run(command)).toBe(status);
    expect(await run("pwd; echo $KEPT")).toBe(0);
    expect(lines.slice(-2)).toEqual(["/usr", "yes"]);
  });

  it("lets commands open /dev/stdout, and survives one that closes its output", async () => {
    expect(await run("echo direct > /dev/stderr")).toBe(0);
    expect(await run("exec > /dev/null; echo unseen")).toBe(0);
    expect(await run("cat")).toBe(0); // standard input is empty, not the driver's
    expect(lines).toEqual(["direct"]);
  });

  it("sets a variable whatever is in it", async () => {
    await shell.setVariable("QUOTED", `it's "$HOME"`, NEVER);
    await run('echo "$QUOTED"');
    expect(lines).toEqual([`it's "$HOME"`]);
  });

  it("is aborted with everything that it started, the deaf too", async () => {
    const abort = new AbortController();
    const running = shell.run("trap '' TERM; echo $PPID; sleep 300 & sleep 300", abort.signal);
    while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    abort.abort();
    await expect(running).rejects.toThrow(CommandAborted);
    const deadline = Date.now() + 2_000;
    while ((await groupRuns(Number(lines[0]))) && Date.now() < deadline) await new Promise((r) => setTimeout(r, 20));
    expect(await groupRuns(Number(lines[0]))).toBe(false);
    await expect(shell.run("true", abort.signal)).rejects.toThrow(CommandAborted);
  });

  it("ends what a finished build left in the background", async () => {
    await run("sleep 300 & echo $PPID");
    await shell.end();
    expect(await groupRuns(Number(lines[0]))).toBe(false);
  });
});

describe("quote", () => {
  it("makes one word of anything", () => {
    expect(quote("it's")).toBe(`'it'\\''s'`);
  });
});
