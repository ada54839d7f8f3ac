import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { COMMAND_PHASES, parseBuildspec } from "../../../local/codebuild/buildspec";

const folder = join(__dirname, "..", "..", "..", "buildspecs");
const read = (name: string): string => readFileSync(join(folder, `${name}.yml`), "utf8");
const commands = (name: string): string[] => {
  const { phases } = parseBuildspec(read(name));
  return COMMAND_PHASES.flatMap((phase) => [...(phases[phase]?.commands ?? [])]);
};
const driver = (command: string): string => `node "$HOME/.kiro/tools/kiro-pipeline.cjs" ${command}`;

describe("the buildspecs", () => {
  it("do what their project is for, and nothing else", () => {
    expect(commands("build").slice(1)).toEqual([
      "npm ci",
      "npm run lint",
      driver("gate dependencies --outputs gates.env"),
      "set -a && . ./gates.env && set +a",
      "npm run test:coverage",
      driver("gate tests coverage"),
      "npm run build",
      "test ! -d infrastructure || npm ci --prefix infrastructure",
      driver("infrastructure preview"),
      driver("release publish --outputs outputs.env"),
      "set -a && . ./outputs.env && set +a",
    ]);
    const tests = (script: string): string[] => [
      'export TEST_BUILD_ID="$CODEBUILD_BUILD_ID"',
      "npm ci",
      `npm run ${script}`,
    ];
    expect(commands("integration-test")).toEqual(tests("test:integration"));
    expect(commands("e2e-test")).toEqual(tests("test:e2e"));
    expect(commands("deploy").slice(1)).toEqual([
      driver('"$MODE" --outputs outputs.env'),
      "set -a && . ./outputs.env && set +a",
    ]);
  });

  it.each(["build", "deploy"])("%s verifies its tools before it runs them", (name) => {
    const { phases } = parseBuildspec(read(name));
    expect(phases.install?.commands).toEqual([
      'mkdir -p "$HOME/.kiro/tools" && ' +
        'aws s3 cp --only-show-errors "s3://$RELEASES_BUCKET/tools/$TOOLS_DIGEST.tar.gz" "$HOME/.kiro/tools.tar.gz" && ' +
        'echo "$TOOLS_DIGEST  $HOME/.kiro/tools.tar.gz" | sha256sum -c - && ' +
        'tar -xzf "$HOME/.kiro/tools.tar.gz" -C "$HOME/.kiro/tools"',
    ]);
  });

  it.each(["plan", "deploy", "verify", "undo"])("deploy needs no source in mode %s", (mode) => {
    const home = mkdtempSync(join(tmpdir(), "home-"));
    const empty = mkdtempSync(join(tmpdir(), "empty-"));
    try {
      mkdirSync(join(home, ".kiro", "tools"), { recursive: true });
      // Stands for the driver: it exports the mode that it was called with.
      const driverStandIn = 'require("fs").writeFileSync(process.argv[4], `DEPLOYMENT_ID=${process.argv[2]}\n`)';
      writeFileSync(join(home, ".kiro", "tools", "kiro-pipeline.cjs"), driverStandIn);
      const script = [...commands("deploy").slice(1), 'echo "$DEPLOYMENT_ID"'].join(" && ");
      const env = { PATH: process.env["PATH"], HOME: home, MODE: mode };
      expect(execFileSync("sh", ["-c", script], { cwd: empty, env, encoding: "utf8" })).toBe(`${mode}\n`);
    } finally {
      for (const folder of [home, empty]) rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each(["build", "integration-test", "e2e-test", "deploy"])("%s ends with the phase that fails", (name) => {
    const phases = Object.values(parseBuildspec(read(name)).phases).filter((phase) => phase.commands.length > 0);
    expect(phases.map((phase) => phase.onFailure)).toEqual(phases.map(() => "ABORT"));
  });
});
