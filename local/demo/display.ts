import { type WriteStream } from "node:tty";
import Table from "cli-table3";
import pico from "picocolors";
import { type ActionLine } from "./timeline";

/** Shows actions as they happen: redrawn in place on a terminal, one line per change elsewhere. */
export interface Display {
  say(line: string): void;
  show(lines: readonly ActionLine[]): void;
  /** Ends the redrawn block, so that what is said next stands below it. */
  settle(): void;
}

export function makeDisplay(out: NodeJS.WritableStream & Partial<Pick<WriteStream, "isTTY">>): Display {
  return out.isTTY ? liveDisplay(out) : plainDisplay(out);
}

function plainDisplay(out: NodeJS.WritableStream): Display {
  const shown = new Map<string, string>();
  return {
    say: (line) => void out.write(`${line}\n`),
    show(lines) {
      for (const line of lines) {
        const key = `${line.stage}/${line.name}`;
        if (shown.get(key) === line.status) continue;
        shown.set(key, line.status);
        out.write(`${describe(line)}\n`);
      }
    },
    settle: () => shown.clear(),
  };
}

function liveDisplay(out: NodeJS.WritableStream): Display {
  let height = 0;
  const clear = () => {
    if (height > 0) out.write(`\u001b[${height}A\u001b[0J`);
    height = 0;
  };
  let current: readonly ActionLine[] = [];
  const draw = () => {
    clear();
    for (const line of current) out.write(`${describe(line)}\n`);
    height = current.length;
  };
  return {
    say(line) {
      clear();
      out.write(`${line}\n`);
      draw();
    },
    show(lines) {
      current = lines;
      draw();
    },
    settle() {
      current = [];
      height = 0;
    },
  };
}

function describe(line: ActionLine): string {
  const seconds = line.status === "InProgress" && line.seconds === 0 ? "" : `${line.seconds.toFixed(1)} s`;
  return `  ${mark(line.status)} ${line.stage.padEnd(14)} ${line.name.padEnd(30)} ${line.status.padEnd(11)} ${seconds}`.trimEnd();
}

function mark(status: string): string {
  switch (status) {
    case "Succeeded":
      return pico.green("✔");
    case "InProgress":
      return pico.cyan("…");
    case "Failed":
      return pico.red("✘");
    default:
      return pico.yellow("■");
  }
}

export function actionTable(lines: readonly ActionLine[]): string {
  const table = new Table({ head: ["stage", "action", "state", "seconds"], style: { head: [], border: [] } });
  for (const line of lines) table.push([line.stage, line.name, line.status, line.seconds.toFixed(1)]);
  return table.toString();
}

export function stepTable(steps: readonly { step: string; seconds: number }[]): string {
  const table = new Table({ head: ["step", "seconds after the alarm"], style: { head: [], border: [] } });
  for (const { step, seconds } of steps) table.push([step, seconds.toFixed(1)]);
  return table.toString();
}

export function releaseTable(releases: readonly { version: string; environment: string; status: string }[]): string {
  const table = new Table({ head: ["environment", "release", "state"], style: { head: [], border: [] } });
  for (const release of releases) table.push([release.environment, release.version, release.status]);
  return table.toString();
}
