import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { batchesOf, BuildLog } from "../../../../local/codebuild/logs";
import { Masker } from "../../../../local/codebuild/masking";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "log-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A service that knows some groups and keeps what it is sent; `refusing` operations fail with that error's name. */
class FakeLogs {
  readonly messages: string[] = [];
  readonly operations: string[] = [];
  constructor(
    private readonly groups: Set<string>,
    private readonly refusing: Readonly<Record<string, string>> = {},
  ) {}

  async send(command: {
    constructor: { name: string };
    input: { logGroupName: string; logEvents?: { message: string }[] };
  }) {
    const name = command.constructor.name.replace("Command", "");
    this.operations.push(name);
    const refusal = this.refusing[name];
    if (refusal !== undefined) throw Object.assign(new Error("no"), { name: refusal });
    if (name === "CreateLogGroup") this.groups.add(command.input.logGroupName);
    else if (!this.groups.has(command.input.logGroupName)) {
      throw Object.assign(new Error("no group"), { name: "ResourceNotFoundException" });
    }
    this.messages.push(...(command.input.logEvents ?? []).map(({ message }) => message));
    return {};
  }

  get client(): CloudWatchLogsClient {
    return this as unknown as CloudWatchLogsClient;
  }
}

describe("a build's log", () => {
  const now = (): Date => new Date("2026-01-02T03:04:05.678Z");
  const open = (problems: string[] = []): BuildLog =>
    new BuildLog(path.join(folder, "log"), "group", "stream", now, (problem) => problems.push(problem));

  it("sends what was written before and after it was opened, masked and in order, and keeps a copy", async () => {
    const service = new FakeLogs(new Set(["group"]));
    const log = open();
    log.masker.add(["hidden"]);
    log.say("Entering phase BUILD");
    await log.open(service.client);
    log.write("a hidden word");
    log.write("");
    await log.close();
    expect(service.messages).toEqual([
      "[Container] 2026/01/02 03:04:05.678 Entering phase BUILD\n",
      "a *** word\n",
      " \n",
    ]);
    expect(await readFile(path.join(folder, "log"), "utf8")).toBe(
      "[Container] 2026/01/02 03:04:05.678 Entering phase BUILD\na *** word\n\n",
    );
  });

  it("sends by itself while the build runs", async () => {
    const service = new FakeLogs(new Set(["group"]));
    const log = open();
    await log.open(service.client);
    log.write("early");
    const deadline = Date.now() + 5_000;
    while (service.messages.length === 0 && Date.now() < deadline) await new Promise((r) => setTimeout(r, 20));
    expect(service.messages).toEqual(["early\n"]);
    await log.close();
  });

  it("makes the group where it is missing", async () => {
    const service = new FakeLogs(new Set());
    const log = open();
    await log.open(service.client);
    await log.close();
    expect(service.operations.slice(0, 3)).toEqual(["CreateLogStream", "CreateLogGroup", "CreateLogStream"]);
  });

  it("cannot be opened without the right to, but goes on when lines are refused later", async () => {
    const denied = new FakeLogs(new Set(["group"]), { CreateLogStream: "AccessDeniedException" });
    const problems: string[] = [];
    const log = open(problems);
    await expect(log.open(denied.client)).rejects.toThrow("no");
    await log.open(new FakeLogs(new Set(["group"]), { PutLogEvents: "AccessDeniedException" }).client);
    log.write("lost");
    await log.close();
    expect(problems).toEqual(["1 log lines not sent: AccessDeniedException: no"]);
  });

  it("reports a file that cannot be written", async () => {
    const problems: string[] = [];
    const log = new BuildLog(path.join(folder, "absent", "log"), "g", "s", now, (problem) => problems.push(problem));
    log.write("x");
    await log.close();
    expect(problems[0]).toContain("ENOENT");
  });
});

describe("batchesOf", () => {
  it("keeps to the limits of PutLogEvents", () => {
    const sizes = (count: number, length: number): number[] =>
      batchesOf(Array.from({ length: count }, () => ({ timestamp: 0, message: "x".repeat(length) }))).map(
        (b) => b.length,
      );
    expect(sizes(10_001, 1)).toEqual([10_000, 1]);
    expect(sizes(6, 200_000)).toEqual([4, 2]);
    expect(sizes(0, 1)).toEqual([]);
  });
});

describe("Masker", () => {
  it("masks the longest first, each line of a secret, and leaves short values alone", () => {
    const masker = new Masker();
    masker.add(["secret", "secret-longer", "line one\nline two", "ab", ""]);
    expect(masker.mask("secret-longer secret ab")).toBe("*** *** ab");
    expect(masker.mask("> line two")).toBe("> ***");
  });
});
