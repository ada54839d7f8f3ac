import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Example } from "../../../policy/rule";
import { RULES } from "../../../policy/rules";
import { programOf } from "../../unit/policy/support/judge";
import { FixtureProgram } from "./fixture";

let program: FixtureProgram;

beforeAll(async () => {
  program = await FixtureProgram.make();
});
afterAll(() => program.remove());

describe("a program through the real engine", () => {
  it("that breaks every rule is refused, with one message for each fault", async () => {
    const examples = renamed("failing");
    await program.declare(examples);
    const { code, document } = await program.preview();
    expect([code, document.ending]).toEqual([1, "failed"]);
    const told = (document.failures ?? []).map(({ urn = "", message }) => faultOf(urn, message)).sort();
    expect(told).toEqual(faults(examples));
    for (const { name } of RULES) expect(told.filter((fault) => fault.startsWith(`${name}: `))).not.toEqual([]);
  }, 120_000);

  it("that keeps each rule in turn is refused for nothing of that rule, though much is unknown", async () => {
    const examples = renamed("passing");
    await program.declare(examples);
    const { document } = await program.preview();
    expect((document.failures ?? []).map(({ urn = "", message }) => faultOf(urn, message)).sort()).toEqual(
      faults(examples),
    );
  }, 120_000);

  it("is previewed when it breaks what it is exempt from, for as long as that holds", async () => {
    const [key] = RULES.find(({ name }) => name === "keys-rotate")?.examples.failing ?? [];
    if (key === undefined) throw new Error("no example");
    await program.declare([key]);
    const others = new Set(programFaults([key]).map((fault) => fault.split(": ")[0] ?? ""));
    const exemptions = [...others].map((rule) => exemption(rule, key, "2999-12-31"));
    await program.write("policy-exemptions.yaml", exemptions.join(""));
    expect(await program.preview()).toMatchObject({ code: 0, document: { ending: "ok" } });

    const expired = exemptions.join("").replaceAll("2999-12-31", "2020-01-01");
    await program.write("policy-exemptions.yaml", `${expired}${exemption("no-such-rule", key, "2999-12-31")}`);
    const { code, document } = await program.preview();
    expect(code).toBe(1);
    const what = document.error?.what ?? "";
    expect(what).toContain(`the exemption of ${key.type}::${key.name} from keys-rotate expired on 2020-01-01`);
    expect(what).toContain("from no-such-rule names a rule that does not exist");
  }, 120_000);
});

// Helpers

/** The examples of all rules in one program: a prefix for each example keeps their names apart. */
function renamed(kind: "passing" | "failing"): Example[] {
  return RULES.flatMap((rule, index) => {
    const prefix = (name: string): string => `rule${index}-${name}`;
    return rule.examples[kind].map(({ uses, parent, ...example }) => ({
      ...example,
      name: prefix(example.name),
      ...(parent === undefined ? {} : { parent: prefix(parent) }),
      ...(uses === undefined
        ? {}
        : { uses: Object.fromEntries(Object.entries(uses).map(([key, names]) => [key, names.map(prefix)])) }),
    }));
  });
}

/** What the rules say, without an engine. */
function faults(examples: readonly Example[]): string[] {
  return programFaults(examples).sort();
}

function programFaults(examples: readonly Example[]): string[] {
  const declared = programOf(examples);
  return RULES.flatMap((rule) =>
    rule.judge(declared).map(({ resource, message }) => `${rule.name}: ${resource.name}: ${message}. ${rule.harm}`),
  );
}

/** `RULE: NAME: MESSAGE` of what the engine told; it puts the rule's description on a line before the message. */
function faultOf(urn: string, message: string): string {
  const [, rule = "", said = ""] = /^policy ([\w-]+): (.*)$/s.exec(message) ?? [];
  return `${rule}: ${urn.split("::").at(-1) ?? ""}: ${said.split("\n").at(-1) ?? ""}`;
}

const exemption = (rule: string, { type, name }: Example, expires: string): string =>
  `- rule: ${rule}\n  resource: ${type}::${name}\n  reason: It is what the test is about.\n  expires: ${expires}\n`;
