import { afterAll, beforeEach, describe, expect, it } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync, truncateSync } from "node:fs";
import { appendFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../../../local/cloud/lock";
import { followLog, lastLines, logFile, logLine, rotateLog } from "../../../../local/cloud/log";
import { commandLine, endProcess, isOurs } from "../../../../local/cloud/process";
import { readRecord, writeRecord, type CloudRecord } from "../../../../local/cloud/record";
import { removeTemporary, temporaryFolder } from "../../../support/temporary";

let directory: string;

beforeEach(() => {
  directory = temporaryFolder("cloud");
});
afterAll(removeTemporary);

const record: CloudRecord = {
  instance: "id",
  pid: 4711,
  state: "running",
  startedAt: "2026-01-02T03:04:05Z",
  services: [],
  endpoint: "http://127.0.0.1:1",
};

describe("cloud.json", () => {
  it("is read as it was written, for the owner only, with no draft left", async () => {
    await writeRecord(directory, record);
    await expect(readRecord(directory)).resolves.toEqual(record);
    expect(statSync(join(directory, "cloud.json")).mode & 0o777).toBe(0o600);
    await expect(readdir(directory)).resolves.toEqual(["cloud.json"]);
  });

  it.each([["no JSON"], ['{"pid": "x"}'], [""]])("says nothing when it holds %j", async (text) => {
    await writeFile(join(directory, "cloud.json"), text);
    await expect(readRecord(directory)).resolves.toBeUndefined();
  });

  it("says nothing when there is none, and fails when it cannot be looked at", async () => {
    await expect(readRecord(directory)).resolves.toBeUndefined();
    await expect(readRecord("/dev/null")).rejects.toThrow("ENOTDIR");
  });
});

describe("the log", () => {
  it("has a time before each line", () => {
    expect(logLine("hello", new Date(0))).toBe("1970-01-01T00:00:00.000Z hello");
  });

  it("shows its last lines", async () => {
    await expect(lastLines(directory, 2)).resolves.toEqual([]);
    await writeFile(logFile(directory), "1\n2\n3\n");
    await expect(lastLines(directory, 2)).resolves.toEqual(["2", "3"]);
  });

  it("is put aside when it is long", async () => {
    rotateLog(directory);
    await writeFile(logFile(directory), "short");
    rotateLog(directory);
    expect(existsSync(logFile(directory))).toBe(true);
    truncateSync(logFile(directory), 11 * 1024 * 1024);
    rotateLog(directory);
    await expect(readdir(directory)).resolves.toEqual(["cloud.log.1"]);
  });

  it("is followed over a new start until the reader has enough", async () => {
    await writeFile(logFile(directory), "before\n");
    const seen: string[] = [];
    const enough = new AbortController();
    const following = followLog(directory, (text) => seen.push(text), enough.signal);
    await appendFile(logFile(directory), "one\n");
    await eventually(() => seen.join("") === "one\n");
    await rm(logFile(directory));
    await sleep(250);
    await writeFile(logFile(directory), "two\n");
    await eventually(() => seen.join("") === "one\ntwo\n");
    enough.abort();
    await following;
  });
});

async function eventually(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !condition(); i++) await sleep(50);
  expect(condition()).toBe(true);
}

describe("processes", () => {
  const patient = ["-e", "process.stdout.write('up'); setInterval(() => undefined, 1000)", "--", "marked"];
  const deaf = [
    "-e",
    "process.on('SIGTERM', () => 0); process.stdout.write('up'); setInterval(() => 0, 1000)",
    "--",
    "marked",
  ];

  it.each([
    ["asked to end", patient, "SIGTERM"],
    ["killed when it does not listen", deaf, "SIGKILL"],
  ])("one with the mark is %s", async (_, args, signal) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
    const ended = once(child, "exit");
    await once(child.stdout, "data");
    await expect(commandLine(child.pid ?? 0)).resolves.toContain("marked");
    await endProcess(child.pid ?? 0, "marked", 300);
    expect(await ended).toEqual([null, signal]);
    await expect(isOurs(child.pid ?? 0, "marked")).resolves.toBe(false);
  });

  it("one without the mark is left alone: it has only got the same id", async () => {
    const child = spawn(process.execPath, patient, { stdio: ["ignore", "pipe", "ignore"] });
    await once(child.stdout, "data");
    await endProcess(child.pid ?? 0, "somebody else", 100);
    expect(child.exitCode).toBeNull();
    await expect(isOurs(child.pid ?? 0, "marked")).resolves.toBe(true);
    child.kill();
    await once(child, "exit");
  });
});

describe("the lock", () => {
  it("lets one in at a time", async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await sleep(20);
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => withLock(directory, 5000, work)));
    expect(most).toBe(1);
    await expect(readdir(directory)).resolves.toEqual([]);
  });

  it("is taken over from a process that is gone", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    await writeFile(join(directory, "start.lock"), String(child.pid));
    await expect(withLock(directory, 5000, () => Promise.resolve("done"))).resolves.toBe("done");
    await expect(readdir(directory)).resolves.toEqual([]);
  });

  it("is given up on in the end when its holder lives", async () => {
    await writeFile(join(directory, "start.lock"), String(process.pid));
    await expect(withLock(directory, 150, () => Promise.resolve())).rejects.toThrow("Another process");
    await expect(readFile(join(directory, "start.lock"), "utf8")).resolves.toBe(String(process.pid));
  });

  it("is freed when the work fails", async () => {
    await expect(withLock(directory, 100, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(withLock(directory, 100, () => Promise.resolve(1))).resolves.toBe(1);
    await expect(withLock("/nowhere/at/all", 100, () => Promise.resolve(1))).rejects.toThrow("ENOENT");
  });
});
