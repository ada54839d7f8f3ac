import { describe, expect, it } from "@jest/globals";
import {
  destroyInstallation,
  type OpenedStack,
  previewInstallation,
  upInstallation,
} from "../../../../automation/installation/operations";
import { stateDigest } from "../../../../automation/engine/workspace";
import { planInputs } from "../support/planInputs";
import { type RecordedProgress } from "../support/progress";
import { previewEnd, resourceEvents, StackDouble, summaryEvent, urn } from "../support/stack";

describe("up", () => {
  it("applies the plan of the preview that it has just made, under the same policies", async () => {
    const stack = new StackDouble();
    stack.events = [...resourceEvents("create", "artifacts", { took: 2 }), ...previewEnd({ create: 1 })];
    const there = await opened(stack);
    const result = await upInstallation("prod", there);
    expect(stack.operations).toEqual(["preview", "up"]);
    const { configFile, policies, temporary } = there.inputs;
    expect(stack.options).toMatchObject({
      plan: `${temporary}/plan.json`,
      configFile,
      policyPacks: policies.policyPacks,
      showSecrets: false,
    });
    expect(result).toMatchObject({ ending: "ok", document: { operation: "up", counts: { create: 1 } } });
    expect((there.inputs.progress as RecordedProgress).lines).toContain("  created aws:s3/bucket:Bucket artifacts 2 s");
  });

  it("changes nothing when the answer is no", async () => {
    const stack = new StackDouble();
    stack.events = [...resourceEvents("create", "artifacts"), ...previewEnd({ create: 1 })];
    await expect(
      upInstallation("prod", { ...(await opened(stack)), confirm: async () => false }),
    ).rejects.toMatchObject({
      ending: "refused",
    });
    expect(stack.operations).toEqual(["preview"]);
  });

  it("does not ask when the preview proves that nothing changes but what the stack tells about itself", async () => {
    const stack = new StackDouble();
    stack.events = [...resourceEvents("same", "artifacts"), ...previewEnd({ same: 1 })];
    const confirm = () => Promise.reject(new Error("asked"));
    await upInstallation("prod", { ...(await opened(stack)), confirm });
    expect(stack.operations).toEqual(["preview", "up"]);
  });

  it("asks when the preview could not say what changes", async () => {
    const stack = new StackDouble();
    const asked: string[] = [];
    await upInstallation("prod", { ...(await opened(stack)), confirm: async (question) => asked.push(question) > 0 });
    expect(asked).toEqual(["Update prod: nothing (unknown)?"]);
  });

  it("previews again when somebody else updated the stack while it asked", async () => {
    const stack = new StackDouble();
    stack.events = [...resourceEvents("create", "artifacts"), ...previewEnd({ create: 1 })];
    const confirm = async () => {
      stack.resources = [{ urn: "somebody's" }];
      return true;
    };
    await upInstallation("prod", { ...(await opened(stack)), confirm });
    expect(stack.operations).toEqual(["preview", "preview", "up"]);
  });
});

describe("preview", () => {
  it("lists what would change and no value of it", async () => {
    const stack = new StackDouble();
    stack.events = [...resourceEvents("create", "artifacts"), ...previewEnd({ create: 1 })];
    const result = await previewInstallation("test", await opened(stack));
    expect(stack.operations).toEqual(["preview"]);
    expect(result.lines).toEqual(["preview of test: 1 create (update)", "  create aws:s3/bucket:Bucket artifacts"]);
    expect(JSON.stringify(result)).not.toContain("hidden");
  });
});

describe("destroy", () => {
  it("names what was left on purpose", async () => {
    const stack = new StackDouble();
    stack.events = [summaryEvent({ delete: 2 })];
    stack.resources = [
      { urn: urn("releases"), type: "aws:s3/bucket:Bucket", id: "kiro-releases", protect: true },
      { urn: urn("key"), type: "aws:kms/key:Key", id: "1234", retainOnDelete: true },
      { urn: urn("topic"), type: "aws:sns/topic:Topic", id: "topic" },
    ];
    const { document, lines } = await destroyInstallation("test", await opened(stack));
    expect(document["left"]).toEqual([
      { type: "aws:s3/bucket:Bucket", id: "kiro-releases", because: "protected" },
      { type: "aws:kms/key:Key", id: "1234", because: "retained" },
    ]);
    expect(lines).toEqual([
      "destroy of test: 2 delete",
      "left on purpose:",
      "  aws:s3/bucket:Bucket kiro-releases (protected)",
      "  aws:kms/key:Key 1234 (retained)",
    ]);
  });

  it("asks first", async () => {
    const stack = new StackDouble();
    await expect(destroyInstallation("prod", { ...(await opened(stack)), confirm: async () => false })).rejects.toThrow(
      "You said no: nothing was changed",
    );
    expect(stack.operations).toEqual([]);
  });
});

// Helpers

const opened = async (stack: StackDouble): Promise<OpenedStack> => ({
  stack,
  state: stateDigest((await stack.exportStack()).deployment),
  inputs: await planInputs(),
  confirm: async () => true,
});
