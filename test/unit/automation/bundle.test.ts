import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { addFiles } from "./support/checkoutFolder";

const root = join(__dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "bundle-"));
const bundle = join(folder, "kiro-pipeline.cjs");

describe("the bundled command", () => {
  beforeAll(() => {
    const script = `Promise.all([import("esbuild"), import("./automation/bundle.mjs")]).then(([{ build }, { driverBundle }]) =>
      build({ ...driverBundle(${JSON.stringify(bundle)}), absWorkingDir: process.cwd(), logLevel: "error" }))`;
    execFileSync(process.execPath, ["-e", script], { cwd: root, stdio: "inherit" });
  }, 120_000);

  it("is one file that needs nothing beside it and starts in no time", () => {
    // The best of a few: a busy machine says nothing about the bundle.
    const times = Array.from({ length: 5 }, () => {
      const began = performance.now();
      const { status, stdout } = run("--help");
      expect([status, stdout.includes("Usage: kiro-pipeline")]).toEqual([0, true]);
      return performance.now() - began;
    });
    expect(Math.min(...times)).toBeLessThan(1_000);
  }, 60_000);

  it("says what is missing before it does anything, and ends with 2", () => {
    const { status, stdout } = run("deploy", "--json");
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ ending: "usage" });
  });

  it("finds no installation outside of a checkout", () => {
    const { status, stderr } = run("up", "prod", "--yes");
    expect([status, stderr.includes("No Pulumi project kiro-pipeline was found")]).toEqual([2, true]);
  });

  it("outlives the first signal, so that what was begun can be recorded, and ends at the second", async () => {
    const engine = "#!/bin/sh\necho started > $STARTED\nexec sleep 20\n";
    await addFiles(folder, {
      "Pulumi.yaml": "name: kiro-pipeline\n",
      "Pulumi.prod.yaml": "config: {}\n",
      "bin/pulumi": engine,
    });
    chmodSync(join(folder, "bin/pulumi"), 0o755);
    const started = join(folder, "started");
    const env = {
      ...process.env,
      STARTED: started,
      KIRO_TOOLCHAIN: folder,
      AWS_REGION: "us-east-1",
      PULUMI_BACKEND_URL: "file:///nowhere",
    };
    const command = spawn(process.execPath, [bundle, "preview", "prod"], { cwd: folder, env, stdio: "ignore" });
    const ended = once(command, "exit");
    while (!existsSync(started)) await sleep(50);
    command.kill("SIGTERM");
    await sleep(500);
    expect([command.exitCode, command.signalCode]).toEqual([null, null]);
    command.kill("SIGTERM");
    expect(await ended).toEqual([143, null]);
  }, 30_000);

  it("holds no compiler", () => {
    expect(readFileSync(bundle, "utf8")).not.toContain("createLanguageService");
  });
});

// Helpers

function run(...args: string[]) {
  return spawnSync(process.execPath, [bundle, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] },
  });
}
