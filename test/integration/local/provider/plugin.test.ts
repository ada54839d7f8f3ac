import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { projectRoot } from "../../../../local/cloud/paths";

let directory: string;
let plugin: string;

/** The bundle is made by a process of its own: its options are an ES module, which the tests cannot load. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "plugin-"));
  plugin = join(directory, "pulumi-resource-aws");
  const script = `
    import { build } from "esbuild";
    import { providerBundle } from "./local/provider/bundle.mjs";
    await build(providerBundle(${JSON.stringify(plugin)}));`;
  const bundling = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: projectRoot(),
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = (await once(bundling, "exit")) as [number];
  expect(code).toBe(0);
  await chmod(plugin, 0o755);
}, 60_000);

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error("the process has no standard output");
  const [chunk] = (await once(stdout, "data")) as [Buffer];
  return chunk.toString().trim();
}

describe("the plugin's executable", () => {
  test("prints its port and nothing else, and ends when the engine interrupts it", async () => {
    const running = spawn(plugin, ["127.0.0.1:1"], { stdio: ["ignore", "pipe", "pipe"] });
    expect(await firstLine(running)).toMatch(/^\d+$/);
    running.kill("SIGINT");
    expect(await once(running, "exit")).toEqual([0, null]);
  }, 30_000);

  test("ends by itself when its engine is killed", async () => {
    // The shell stands for the engine; it tells the plugin's process id beside the plugin's port.
    const engine = spawn("sh", ["-c", `"${plugin}" x & echo "pid $!"; wait`], { stdio: ["ignore", "pipe", "inherit"] });
    let told = "";
    engine.stdout.on("data", (chunk: Buffer) => (told += chunk.toString()));
    while (!/^\d+$/m.test(told)) await once(engine.stdout, "data");
    const pid = Number(/pid (\d+)/.exec(told)?.[1]);
    engine.kill("SIGKILL");
    const alive = (): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    const deadline = Date.now() + 10_000;
    while (alive() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(alive()).toBe(false);
  }, 30_000);
});
