import { afterAll, beforeEach, expect, it } from "@jest/globals";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { projectRoot } from "../../../../local/cloud/paths";
import { readRecord, type CloudRecord } from "../../../../local/cloud/record";
import { type ServiceDefinition, type ServiceSurroundings } from "../../../../local/cloud/services";
import { supervise } from "../../../../local/cloud/supervisor";
import { removeTemporary, temporaryFolder } from "../../../support/temporary";

let directory: string;
let lines: string[];
let given: ServiceSurroundings | undefined;

beforeEach(() => {
  directory = temporaryFolder("supervise");
  lines = [];
  given = undefined;
});
afterAll(removeTemporary);

/** A service that does nothing but remember what it was given. */
const idle: ServiceDefinition = {
  name: "idle",
  models: [{ service: "codebuild", apiVersion: "2016-10-06" }],
  create: (surroundings) => {
    given = surroundings;
    return Promise.resolve({
      name: "codebuild",
      apiVersion: "2016-10-06",
      handle: () => Promise.resolve({}),
      stop: () => Promise.resolve(),
    });
  },
};

function supervised(services: readonly ServiceDefinition[] = [idle]): { stop: () => void; ended: Promise<number> } {
  const stop = new AbortController();
  const write = (line: string) => lines.push(line);
  const options = { root: projectRoot(), directory, instance: "me", services, stop: stop.signal, write };
  return { stop: () => stop.abort(), ended: supervise(options) };
}

async function recordWith(state: CloudRecord["state"]): Promise<CloudRecord> {
  for (let i = 0; i < 400; i++) {
    const record = await readRecord(directory);
    if (record?.state === state) return record;
    await sleep(50);
  }
  throw new Error(`not ${state}: ${lines.join("\n")}`);
}

it("notes how the local cloud is from start to stop, and gives services what they need", async () => {
  const { stop, ended } = supervised();
  const running = await recordWith("running");
  expect(running).toMatchObject({ instance: "me", pid: process.pid, services: ["idle"] });
  expect(given).toMatchObject({
    endpoint: running.endpoint,
    accountId: "000000000000",
    region: "us-east-1",
    stateDir: join(directory, "services", "idle"),
    gitDir: join(directory, "git"),
  });
  expect(existsSync(given?.stateDir ?? "")).toBe(true);
  const heard: string[] = [];
  given?.onEvent(({ detailType }) => heard.push(detailType));
  given?.publish({ source: "aws.codebuild", detailType: "a build", resources: [], detail: {}, time: new Date() });
  given?.log("hello");
  await expect(given?.assumeRole("arn:aws:iam::000000000000:role/nobody", "s")).rejects.toThrow();

  stop();
  await expect(ended).resolves.toBe(0);
  expect(heard).toEqual(["a build"]);
  expect(readFileSync(join(directory, "events.jsonl"), "utf8")).toContain('"detail-type":"a build"');
  await recordWith("stopped");
  expect(lines.map((line) => line.replace(/^\S+ /, ""))).toEqual([
    `running at ${running.endpoint}`,
    "idle: hello",
    "stopping",
    "stopped",
  ]);
}, 60_000);

it("stops the rest when the emulator is gone, and starts empty afterwards", async () => {
  const first = supervised();
  const { emulatorPid = 0, endpoint } = await recordWith("running");
  process.kill(emulatorPid, "SIGKILL");
  await expect(first.ended).resolves.toBe(1);
  expect(await recordWith("failed")).toMatchObject({ reason: "The emulator ended by itself (SIGKILL)." });
  await expect(fetch(`${endpoint}/_kiro/health`)).rejects.toThrow("fetch failed");

  const second = supervised();
  await recordWith("running");
  second.stop();
  await second.ended;
  expect(existsSync(join(directory, "crashed", "services", "idle"))).toBe(true);
}, 60_000);

it("stops what it has started when a service cannot start", async () => {
  const broken: ServiceDefinition = { ...idle, create: () => Promise.reject(new Error("no disk")) };
  const { ended } = supervised([idle, broken]);
  await expect(ended).resolves.toBe(1);
  expect(await recordWith("failed")).toMatchObject({ reason: "no disk" });
  await expect(fetch(`${given?.endpoint}/_kiro/health`)).rejects.toThrow("fetch failed");
}, 60_000);
