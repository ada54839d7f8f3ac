import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { type BoundPlan, planBound, StalePlan } from "../../../../automation/engine/boundPlan";
import { stateDigest } from "../../../../automation/engine/workspace";
import { planInputs } from "../support/planInputs";
import { errorEvent, previewEnd, policyEvent, resourceEvents, StackDouble } from "../support/stack";

describe("a preview that is bound to what it was made from", () => {
  it("is classified, judged by the policies, and applied by its plan", async () => {
    const { stack, plan, inputs } = await previewed();
    expect(plan.classification).toMatchObject({ class: "update", counts: { create: 1 } });
    expect(plan.changes).toEqual([{ op: "create", type: "aws:s3/bucket:Bucket", name: "jobs" }]);
    expect(plan.policyPack).toBe(inputs.policies.digest);
    await plan.apply("release a");
    expect(stack.operations).toEqual(["preview", "up"]);
    expect(stack.options).toMatchObject({
      message: "release a",
      showSecrets: false,
      plan: join(inputs.temporary, "plan.json"),
      configFile: inputs.configFile,
      policyPacks: inputs.policies.policyPacks,
      policyPackConfigs: inputs.policies.policyPackConfigs,
    });
  });

  it("is not judged again by its update where nothing is open after the preview", async () => {
    const stack = new StackDouble();
    const inputs = { ...(await planInputs()), judgeUpdate: false };
    const plan = await planBound(stack, stateDigest((await stack.exportStack()).deployment), inputs);
    expect(stack.options.policyPacks).toEqual(inputs.policies.policyPacks);
    await plan.apply("release a");
    expect(stack.options.policyPacks).toBeUndefined();
  });

  it("is nothing when a policy refuses it: every violation is told", async () => {
    const stack = new StackDouble();
    stack.events = [policyEvent("a-rule", "mandatory", "one"), policyEvent("b-rule", "mandatory", "two")];
    stack.failure = { operation: "preview", error: new Error("policies") };
    await expect(planBound(stack, "", await planInputs())).rejects.toMatchObject({
      ending: "failed",
      said: { what: "preview failed, 2 times:\n  - policy a-rule: one\n  - policy b-rule: two" },
    });
  });

  it.each([
    ["state", async ({ stack }: Previewed) => void (stack.resources = [{ urn: "somebody's" }])],
    [
      "policy pack",
      async ({ inputs }: Previewed) => writeFile(join(inputs.policies.policyPacks[0] ?? "", "index.js"), "// other"),
    ],
    ["config", async ({ inputs }: Previewed) => writeFile(inputs.configFile, "config: {a: b}\n")],
    ["config", async ({ inputs }: Previewed) => writeFile(inputs.policies.policyPackConfigs[0] ?? "", "{}")],
  ])("is stale when its %s moved", async (what, move) => {
    const previewedNow = await previewed();
    await move(previewedNow);
    await expect(previewedNow.plan.apply("x")).rejects.toMatchObject({
      name: "StalePlan",
      said: { what: `The plan is stale: ${what} changed since the preview` },
    });
    expect(previewedNow.stack.operations).toEqual(["preview"]);
  });

  it("is stale when the committed config moved, where the engine reads that", async () => {
    const stack = new StackDouble();
    const { configFile: stackFile, ...inputs } = await planInputs();
    const plan = await planBound(stack, stateDigest((await stack.exportStack()).deployment), { ...inputs, stackFile });
    await writeFile(stackFile, "config: {a: b}\n");
    await expect(plan.apply("x")).rejects.toThrow("The plan is stale: config changed since the preview");
  });

  it("is stale when the engine says so before it began, and a failure afterwards", async () => {
    const violates = errorEvent("resource urn::x violates plan: properties changed: ~~password[{a}!={b}]");
    const { stack, plan } = await previewed();
    stack.failure = { operation: "up", error: new Error("violates plan") };
    stack.events = [violates];
    await expect(plan.apply("x")).rejects.toBeInstanceOf(StalePlan);
    stack.events = [...resourceEvents("create", "jobs"), violates];
    await expect(plan.apply("x")).rejects.toMatchObject({
      name: "EngineProblem",
      said: { what: "up failed: the update would have differed from its plan" },
    });
    stack.events = [errorEvent("AccessDenied")];
    await expect(plan.apply("x")).rejects.toMatchObject({ name: "EngineProblem" });
  });
});

// Helpers

interface Previewed {
  readonly stack: StackDouble;
  readonly inputs: Awaited<ReturnType<typeof planInputs>>;
  readonly plan: BoundPlan;
}

async function previewed(): Promise<Previewed> {
  const stack = new StackDouble();
  stack.events = [...resourceEvents("create", "jobs"), ...previewEnd({ create: 1 })];
  const inputs = await planInputs();
  const state = stateDigest((await stack.exportStack()).deployment);
  return { stack, inputs, plan: await planBound(stack, state, inputs) };
}
