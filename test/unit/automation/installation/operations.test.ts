import { describe, expect, it } from "@jest/globals";
import {
  destroyInstallation,
  type OpenedStack,
  previewInstallation,
  upInstallation,
} from "../../../../automation/installation/operations";
import { RecordedProgress } from "../support/progress";
import { resourceEvents, StackDouble, summaryEvent, urn } from "../support/stack";

describe("up", () => {
  it("applies the plan of the preview that it has just made", async () => {
    const stack = new StackDouble();
    stack.events = [...resourceEvents("create", "artifacts", { took: 2 }), summaryEvent({ create: 1 })];
    const progress = new RecordedProgress();
    const result = await upInstallation("prod", opened(stack), progress);
    expect(stack.operations).toEqual(["preview", "up"]);
    expect(stack.options).toMatchObject({
      plan: "/tmp/plan.json",
      configFile: "/tmp/Pulumi.prod.yaml",
      showSecrets: false,
    });
    expect(result).toMatchObject({ ending: "ok", document: { operation: "up", counts: { create: 1 } } });
    expect(progress.lines).toContain("  created aws:s3/bucket:Bucket artifacts 2 s");
  });

  it("changes nothing when the answer is no", async () => {
    const stack = new StackDouble();
    await expect(
      upInstallation("prod", { ...opened(stack), confirm: async () => false }, new RecordedProgress()),
    ).rejects.toMatchObject({
      ending: "refused",
    });
    expect(stack.operations).toEqual(["preview"]);
  });

  it("does not ask when the preview proves that nothing changes, but updates the outputs", async () => {
    const stack = new StackDouble();
    stack.counts = { same: 3 };
    await upInstallation(
      "prod",
      { ...opened(stack), confirm: () => Promise.reject(new Error("asked")) },
      new RecordedProgress(),
    );
    expect(stack.operations).toEqual(["preview", "up"]);
  });

  it("asks when the preview could not say what changes", async () => {
    const stack = new StackDouble();
    stack.counts = {};
    const asked: string[] = [];
    await upInstallation(
      "prod",
      { ...opened(stack), confirm: async (question) => asked.push(question) > 0 },
      new RecordedProgress(),
    );
    expect(asked).toEqual(["Update prod: nothing?"]);
  });
});

describe("preview", () => {
  it("lists what would change and no value of it", async () => {
    const stack = new StackDouble();
    stack.events = resourceEvents("create", "artifacts");
    const result = await previewInstallation("test", opened(stack), new RecordedProgress());
    expect(stack.operations).toEqual(["preview"]);
    expect(result.lines).toEqual(["preview of test: 1 create", "  create aws:s3/bucket:Bucket artifacts"]);
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
    const { document, lines } = await destroyInstallation("test", opened(stack), new RecordedProgress());
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
    await expect(
      destroyInstallation("prod", { ...opened(stack), confirm: async () => false }, new RecordedProgress()),
    ).rejects.toThrow("You said no: nothing was changed");
    expect(stack.operations).toEqual([]);
  });
});

// Helpers

const opened = (stack: StackDouble): OpenedStack => ({
  stack,
  configFile: "/tmp/Pulumi.prod.yaml",
  planFile: "/tmp/plan.json",
  signal: new AbortController().signal,
  confirm: async () => true,
});
