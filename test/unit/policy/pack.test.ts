import { describe, expect, test } from "@jest/globals";
import { type StackValidationArgs, type StackValidationPolicy } from "@pulumi/policy";
import { type Exemption } from "../../../policy/exemptions";
import { programOf } from "../../../policy/examples";
import { policies } from "../../../policy/pack";
import { RULES } from "../../../policy/rules";

const TODAY = new Date("2026-11-25T23:59:59Z");
const URN = "urn:pulumi:prod::kiro-pipeline::aws:kms/key:Key::legacy";

const exemption: Exemption = {
  rule: "keys-rotate",
  resource: "aws:kms/key:Key::legacy",
  reason: "It is imported, and cannot rotate.",
  expires: "2026-11-25",
};

/** What a policy of the pack reports about a key that does not rotate. */
async function reports(name: string, config: object): Promise<string[]> {
  const policy = policies(TODAY).find((one) => one.name === name) as StackValidationPolicy;
  const said: string[] = [];
  const key = { urn: URN, type: "aws:kms/key:Key", name: "legacy", props: {}, propertyDependencies: {} };
  const args = { resources: [key], getConfig: () => config } as unknown as StackValidationArgs;
  await policy.validateStack(args, (message, urn) => said.push(`${urn ?? "-"}: ${message}`));
  return said;
}

const violation = [
  `${URN}: set enableKeyRotation to true: AWS keeps the old material to decrypt with. ` +
    "A key that never changes makes one leak good for everything that was ever encrypted with it.",
];

describe("the policy pack", () => {
  test("has one mandatory policy for each rule, told by its sentence, and one for exemptions", () => {
    const told = policies(TODAY).map(({ name, description, enforcementLevel }) => [
      name,
      description,
      enforcementLevel,
    ]);
    expect(told).toEqual([
      ...RULES.map(({ name, sentence }) => [name, sentence, "mandatory"]),
      ["exemptions-hold", "Exemptions name a rule that exists, and have not expired.", "mandatory"],
    ]);
  });

  test("has rules with names of their own, in lower case with hyphens", () => {
    const names = RULES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z]+(-[a-z]+)+$/.test(name))).toEqual([]);
  });

  test("reports a fault of a resource with the harm that it does", async () => {
    expect(await reports("keys-rotate", {})).toEqual(violation);
  });

  test("keeps quiet about a resource that is exempted, up to the last day", async () => {
    expect(await reports("keys-rotate", { exemptions: [exemption] })).toEqual([]);
  });

  test.each([
    ["has expired", { expires: "2026-11-24" }],
    ["is about another resource", { resource: "aws:kms/key:Key::other" }],
    ["is from another rule", { rule: "queues-are-encrypted" }],
  ])("reports all the same when the exemption %s", async (_, change) => {
    expect(await reports("keys-rotate", { exemptions: [{ ...exemption, ...change }] })).toEqual(violation);
  });

  test("reports exemptions that do not hold, and only them", async () => {
    expect(await reports("exemptions-hold", {})).toEqual([]);
    expect(await reports("exemptions-hold", { exemptions: [exemption] })).toEqual([]);
    expect(
      await reports("exemptions-hold", { exemptions: [exemption, { ...exemption, expires: "2020-01-01" }] }),
    ).toEqual([
      "-: the exemption of aws:kms/key:Key::legacy from keys-rotate expired on 2020-01-01: mend the resource, or renew it with a reason",
    ]);
  });
});

describe("the examples of each rule", () => {
  test.each(RULES.map((rule) => [rule.name, rule] as const))("of %s keep it and break it once", (_, rule) => {
    expect(rule.judge(programOf(rule.examples.passing))).toEqual([]);
    expect(rule.judge(programOf(rule.examples.failing))).toHaveLength(1);
  });
});
