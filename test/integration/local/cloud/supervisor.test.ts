import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { CodePipelineClient, ListPipelinesCommand } from "@aws-sdk/client-codepipeline";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Command } from "commander";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { registerLocal } from "../../../../local/cloud/commands";
import { projectRoot } from "../../../../local/cloud/paths";
import { commandLine } from "../../../../local/cloud/process";
import { readRecord, writeRecord, type CloudRecord } from "../../../../local/cloud/record";
import { removeTemporary, temporaryFolder } from "../../../support/temporary";

const root = projectRoot();
/** In the project, where the bundle finds the emulator's wrapper as it does from `build/`. */
const bundle = join(root, ".local", "test", "supervisor", "local.cjs");
let directory: string;

beforeAll(() => {
  // Jest cannot load the ES module that holds the bundle's options.
  const script = `
    import { build } from "esbuild";
    import { commandBundle } from "./local/cloud/bundle.mjs";
    await build({ ...commandBundle("local/cli.ts", ${JSON.stringify(bundle)}), logLevel: "error" });`;
  execFileSync(process.execPath, ["--input-type=module", "-e", script], { cwd: root });
}, 60_000);
beforeEach(() => {
  directory = join(temporaryFolder("supervisor"), "cloud");
});
afterAll(removeTemporary);

interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** One command, in this process; only the background process is another. */
async function local(...args: string[]): Promise<Outcome> {
  let output = "";
  let code = 0;
  const program = new Command("kiro-pipeline").exitOverride();
  registerLocal(program, {
    env: { ...process.env, KIRO_LOCAL_DIR: directory, AWS_PROFILE: "real" },
    self: [process.execPath, bundle],
    root,
    stop: AbortSignal.timeout(500),
    write: (text) => {
      output += text;
    },
    setExitCode: (value) => {
      code = value;
    },
  });
  await program.parseAsync(["node", "kiro-pipeline", "local", ...args]);
  return { code, output };
}

async function running(): Promise<CloudRecord & { endpoint: string; emulatorPid: number }> {
  const record = await readRecord(directory);
  if (record?.state !== "running") throw new Error(`the cloud is ${record?.state}`);
  return record as CloudRecord & { endpoint: string; emulatorPid: number };
}

const alive = async (pid: number) => (await commandLine(pid)) !== undefined;

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) if (await condition()) return;
  throw new Error("it did not happen within 20 s");
}

function s3At(endpoint: string): S3Client {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return new S3Client({ endpoint, region: "us-east-1", credentials });
}

describe("a local cloud in the background", () => {
  it("starts, is found by a second start, keeps its state over a stop and is gone after a reset", async () => {
    const first = await local("start", "--json");
    const { pid, emulatorPid, endpoint } = await running();
    expect(JSON.parse(first.output)).toEqual({ endpoint, pid, alreadyRunning: false });
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, "push-token")).mode & 0o777).toBe(0o600);

    expect((await local("start")).output).toBe(`The local cloud already runs at ${endpoint} (process ${pid}).\n`);
    expect((await local("status")).code).toBe(0);
    const status = JSON.parse((await local("status", "--json")).output) as object;
    const services = ["codeconnections", "opscenter", "codebuild", "codepipeline"];
    expect(status).toMatchObject({ state: "running", endpoint, pid, emulatorPid, services, directory });
    const env = JSON.parse((await local("env", "--json")).output) as Record<string, string>;
    expect(env).toMatchObject({ AWS_ENDPOINT_URL: endpoint, KIRO_LOCAL_DIR: directory, KIRO_LOCAL_CLOUD: "true" });
    expect((await local("env")).output).toContain(`export AWS_ENDPOINT_URL='${endpoint}'\n`);

    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const pipelines = new CodePipelineClient({ endpoint, region: "us-east-1", credentials });
    await expect(pipelines.send(new ListPipelinesCommand({}))).resolves.toMatchObject({ pipelines: [] });
    await s3At(endpoint).send(new CreateBucketCommand({ Bucket: "kept" }));
    await s3At(endpoint).send(new PutObjectCommand({ Bucket: "kept", Key: "k", Body: "still here" }));

    expect((await local("stop", "--json")).output).toBe('{"stopped":true}\n');
    await expect(alive(pid)).resolves.toBe(false);
    await expect(alive(emulatorPid)).resolves.toBe(false);
    expect(await local("status")).toEqual({ code: 3, output: "The local cloud is stopped\n" });
    expect((await local("env")).code).toBe(3);
    expect((await local("stop")).output).toBe("The local cloud does not run.\n");

    await local("start");
    const again = await running();
    expect(again.endpoint).toBe(endpoint);
    const read = await s3At(endpoint).send(new GetObjectCommand({ Bucket: "kept", Key: "k" }));
    await expect(read.Body?.transformToString()).resolves.toBe("still here");
    expect((await local("logs", "-n", "1")).output).toMatch(/ running at http/);

    await local("reset");
    expect(existsSync(directory)).toBe(false);
    await expect(alive(again.pid)).resolves.toBe(false);
    expect((await local("status")).output).toBe("The local cloud is absent\n");
    expect((await local("reset")).code).toBe(0);
  }, 90_000);

  it("is started once by two who start it at the same time", async () => {
    const outputs = await Promise.all([local("start", "--json"), local("start", "--json")]);
    const found = outputs.map(({ output }) => JSON.parse(output) as { pid: number; alreadyRunning: boolean });
    expect(new Set(found.map(({ pid }) => pid)).size).toBe(1);
    expect(found.map(({ alreadyRunning }) => alreadyRunning).sort()).toEqual([false, true]);
    await local("stop");
  }, 60_000);

  it("ends as a whole when its emulator crashes, says why, and starts empty afterwards", async () => {
    await local("start");
    const { pid, emulatorPid, endpoint } = await running();
    await s3At(endpoint).send(new CreateBucketCommand({ Bucket: "lost" }));
    process.kill(emulatorPid, "SIGKILL");
    await until(async () => !(await alive(pid)));
    const status = await local("status");
    expect(status.code).toBe(3);
    expect(status.output).toBe(
      `The local cloud is failed: The emulator ended by itself (SIGKILL). The log: ${join(directory, "cloud.log")}\n`,
    );

    await local("start");
    const get = s3At((await running()).endpoint).send(new GetObjectCommand({ Bucket: "lost", Key: "k" }));
    await expect(get).rejects.toMatchObject({ name: "NoSuchBucket" });
    expect(readdirSync(join(directory, "crashed")).sort()).toEqual(["emulator", "services"]);
    expect((await local("logs")).output).toContain("did not end cleanly: starting empty");
    await local("stop");
  }, 60_000);

  it("leaves no emulator behind when its own process is killed", async () => {
    await local("start");
    const { pid, emulatorPid } = await running();
    process.kill(pid, "SIGKILL");
    await until(async () => !(await alive(pid)));
    expect((await local("status")).output).toBe("The local cloud is crashed\n");
    await until(async () => !(await alive(emulatorPid)));
    expect((await local("stop")).output).toBe("The local cloud does not run.\n");
    await local("start");
    expect((await running()).pid).not.toBe(pid);
    await local("reset");
  }, 60_000);

  it("takes another port when a stranger has taken its own, and never talks to the stranger", async () => {
    let asked = 0;
    const stranger = createServer((socket) => {
      asked += 1;
      socket.destroy();
    }).listen(0, "127.0.0.1");
    await once(stranger, "listening");
    const { port } = stranger.address() as { port: number };
    const before: CloudRecord = {
      instance: "before",
      pid: process.pid,
      state: "stopped",
      startedAt: new Date(0).toISOString(),
      services: [],
      endpoint: `http://127.0.0.1:${port}`,
    };
    await writeRecord(directory, before);
    await local("start");
    expect((await running()).endpoint).not.toBe(before.endpoint);
    expect(asked).toBe(0);
    stranger.close();
    await local("reset");
  }, 60_000);

  it("does not take a process with the same id for its own", async () => {
    const other = spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)"]);
    const record: CloudRecord = {
      instance: "not on its command line",
      pid: other.pid ?? 0,
      state: "running",
      startedAt: new Date(0).toISOString(),
      services: [],
      endpoint: "http://127.0.0.1:9",
      emulatorPid: other.pid ?? 0,
    };
    await writeRecord(directory, record);
    expect((await local("status")).output).toBe("The local cloud is crashed\n");
    await local("stop");
    expect(other.exitCode).toBeNull();
    expect(other.signalCode).toBeNull();
    other.kill();
  });
});

describe("what goes wrong at the start is said", () => {
  it("with the end of the log when a service cannot start", async () => {
    mkdirSync(directory, { recursive: true });
    // A file where the services' folder has to be.
    writeFileSync(join(directory, "services"), "");
    await expect(local("start")).rejects.toThrow(/The local cloud did not start\. The end of .*EEXIST|ENOTDIR/s);
    expect((await local("status")).output).toMatch(/^The local cloud is failed: .* The log: /);
    expect(await readRecord(directory)).toMatchObject({ state: "failed" });
  }, 60_000);

  it("when the folder to delete is no local cloud's", async () => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "precious"), "");
    await expect(local("reset")).rejects.toThrow("is no folder of a local cloud");
    expect(existsSync(join(directory, "precious"))).toBe(true);
  });

  it("when an option is no number", async () => {
    await expect(local("logs", "-n", "many")).rejects.toMatchObject({ code: "commander.invalidArgument" });
  });
});

describe("the command itself", () => {
  it("is its own program: help, exit codes and errors", () => {
    const run = (...args: string[]) => {
      const env = { ...process.env, KIRO_LOCAL_DIR: directory };
      return spawnSync(process.execPath, [bundle, "local", ...args], { env, encoding: "utf8" });
    };
    const help = run("start", "--help");
    expect(help.stdout).toContain("Example: kiro-pipeline local start");
    expect(help.stdout).toContain("State survives a stop");
    expect(run("--help").stdout).not.toContain("run ");
    expect(run("status")).toMatchObject({ status: 3, stdout: "The local cloud is absent\n" });
    expect(run("repository", "../escape")).toMatchObject({ status: 1 });
  });

  it("makes repositories that tell of pushes", async () => {
    const path = (await local("repository", "owner/worker")).output.trim();
    expect(path).toBe(join(directory, "git", "owner", "worker.git"));
    expect(readFileSync(join(path, "hooks", "post-receive"), "utf8")).toContain(join(directory, "cloud.json"));
  });

  it("follows the log until it is told to stop", async () => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "cloud.log"), "one\ntwo\n");
    const following = local("logs", "--follow", "-n", "1");
    setTimeout(() => writeFileSync(join(directory, "cloud.log"), "one\ntwo\nthree\n"), 100);
    expect((await following).output).toBe("two\nthree\n");
  });
});
