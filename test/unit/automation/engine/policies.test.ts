import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { packDigest, policyRun } from "../../../../automation/engine/policies";
import { folderWith } from "../support/checkoutFolder";

const exemption = `
- rule: topics-are-encrypted
  resource: aws:sns/topic:Topic::news
  reason: The news are public, and a subscriber has no key.
  expires: 2027-01-31
`;

describe("the policies of a run", () => {
  it.each(["mandatory", "advisory"] as const)("are %s, for every rule", async (level) => {
    const { config, folder, run } = await policies({}, level);
    expect(config).toEqual({ all: level, "exemptions-hold": { enforcementLevel: level, exemptions: [] } });
    expect(run.policyPacks).toEqual([join(folder, "pack")]);
    expect(run.digest).toBe(await packDigest(join(folder, "pack")));
  });

  it("know the exemptions of the program, each rule its own and their own rule all of them", async () => {
    const { config, run } = await policies({ "program/policy-exemptions.yaml": exemption });
    expect(run.exemptions).toEqual([
      "aws:sns/topic:Topic::news from topics-are-encrypted until 2027-01-31: The news are public, and a subscriber has no key.",
    ]);
    const known = {
      rule: "topics-are-encrypted",
      resource: "aws:sns/topic:Topic::news",
      reason: "The news are public, and a subscriber has no key.",
      expires: "2027-01-31",
    };
    expect(config).toEqual({
      all: "mandatory",
      "topics-are-encrypted": { enforcementLevel: "mandatory", exemptions: [known] },
      "exemptions-hold": { enforcementLevel: "mandatory", exemptions: [known] },
    });
  });

  it.each([
    ["no list", "rule: x\n", "the file: "],
    ["no reason", exemption.replace(/reason: .*/, 'reason: ""'), "0.reason: must say why"],
    ["no day", exemption.replace("2027-01-31", "next year"), "0.expires: must be a day, such as 2027-01-31"],
    ["a name alone", exemption.replace("aws:sns/topic:Topic::news", "news"), "0.resource: must be TYPE::NAME"],
    ["another key", `${exemption}  forever: true\n`, "0: "],
  ])("refuse exemptions with %s, and say what is allowed", async (_what, text, value) => {
    await expect(policies({ "program/policy-exemptions.yaml": text })).rejects.toMatchObject({
      ending: "usage",
      said: {
        what: "policy-exemptions.yaml is not what it should be",
        value: expect.stringContaining(value) as unknown,
        allowed: "a list of {rule, resource: TYPE::NAME, reason, expires: YYYY-MM-DD}",
      },
    });
  });

  it("need the pack", async () => {
    await expect(packDigest("/nowhere")).rejects.toMatchObject({ ending: "usage", said: { value: "/nowhere" } });
  });
});

// Helpers

async function policies(files: Readonly<Record<string, string>>, level: "mandatory" | "advisory" = "mandatory") {
  const folder = await folderWith({ "pack/index.js": "// rules", "program/Pulumi.yaml": "name: x\n", ...files });
  const run = await policyRun({
    pack: join(folder, "pack"),
    program: join(folder, "program"),
    level,
    temporary: folder,
  });
  const config = JSON.parse(await readFile(run.policyPackConfigs[0] ?? "", "utf8")) as unknown;
  return { folder, run, config };
}
