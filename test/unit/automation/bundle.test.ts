import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";

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
