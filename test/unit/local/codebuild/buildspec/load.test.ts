import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { loadBuildspec } from "../../../../../local/codebuild/buildspec/load";

const spec = (command: string): string => `version: 0.2\nphases: {build: {commands: [${command}]}}\n`;
let source: string;
beforeEach(async () => {
  source = await mkdtemp(path.join(tmpdir(), "load-"));
});
afterEach(() => rm(source, { recursive: true, force: true }));

const commandOf = async (declared: string | undefined): Promise<string | undefined> =>
  (await loadBuildspec(declared, source)).phases.build?.commands[0];

describe("loadBuildspec", () => {
  it("takes what is inline, a named file of the source, or buildspec.yml", async () => {
    await writeFile(path.join(source, "buildspec.yml"), spec("default"));
    await writeFile(path.join(source, "other.yml"), spec("other"));
    expect(await commandOf(spec("inline"))).toBe("inline");
    expect(await commandOf("other.yml")).toBe("other");
    expect(await commandOf("")).toBe("default");
    expect(await commandOf(undefined)).toBe("default");
  });

  it.each([
    ["absent.yml", "ENOENT"],
    ["../outside.yml", "../outside.yml is not a file of the source"],
    ["version: 0.1\n", "buildspec line 1, column 10"],
  ])("refuses %j", async (declared, reason) => {
    const refused = loadBuildspec(declared, source);
    await expect(refused).rejects.toMatchObject({ statusCode: "YAML_FILE_ERROR" });
    await expect(refused).rejects.toThrow(reason);
  });
});
