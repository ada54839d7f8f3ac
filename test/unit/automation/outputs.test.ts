import { execFileSync } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { shellLines, writeOutputs } from "../../../automation/outputs";

describe("exported values", () => {
  it("survive the shell whatever they hold", () => {
    const value = `it's $HOME \`id\` "x" \\ and\na second line`;
    const printed = execFileSync("sh", ["-c", `${shellLines({ VALUE: value })}printf %s "$VALUE"`], {
      encoding: "utf8",
    });
    expect(printed).toBe(value);
  });

  it("are added to the file, which exists even when there are none", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "outputs-")), "outputs.env");
    await writeOutputs(file, {});
    expect(await readFile(file, "utf8")).toBe("");
    await writeOutputs(file, { DEPLOYMENT_ID: "test#1" });
    await writeOutputs(file, { PLAN_DIGEST: "d" });
    expect(await readFile(file, "utf8")).toBe("DEPLOYMENT_ID='test#1'\nPLAN_DIGEST='d'\n");
    await writeOutputs(undefined, { IGNORED: "x" });
  });
});
