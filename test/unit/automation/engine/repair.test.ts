import { describe, expect, it } from "@jest/globals";
import { undoBound } from "../../../../automation/delivery/workerStacks";
import { stateDigest } from "../../../../automation/engine/workspace";
import { planInputs } from "../support/planInputs";
import { StackDouble, urn } from "../support/stack";

describe("the stack of an update that was killed", () => {
  it("is neither refreshed nor freed where nothing was left behind", async () => {
    const { stack, undo } = await place();
    expect(await undo()).toEqual({ counts: {}, pending: [] });
    expect(stack.operations).toEqual(["preview", "up"]);
    expect(stack.options).toMatchObject({ message: "back to a", showSecrets: false });
  });

  it("is freed from a dead lock when it is in the way", async () => {
    const { stack, undo, progress } = await place();
    stack.locked = true;
    await undo();
    expect(stack.operations).toEqual(["preview", "up", "cancel", "up"]);
    expect(progress.text).toContain("another update holds the stack: created by kiro@dead (pid 7)");
  });

  it("forgets creations that never ended before anything is previewed, and names them", async () => {
    const { stack, undo, progress } = await place();
    stack.locked = true;
    stack.pending = [{ type: "creating", resource: { urn: urn("jobs") } }];
    expect((await undo()).pending).toEqual([{ kind: "creating", urn: urn("jobs") }]);
    expect(stack.operations).toEqual(["refresh", "cancel", "refresh", "preview", "up"]);
    expect(progress.text).toContain(`never ended: creating ${urn("jobs")}`);
  });

  it("is left alone as soon as somebody else may be at it", async () => {
    for (const [allowed, operations] of [
      [0, ["preview"]],
      [1, ["preview", "up"]],
      [2, ["preview", "up", "cancel"]],
    ] as const) {
      const { stack, undo } = await place(allowed);
      stack.locked = true;
      await expect(undo()).rejects.toThrow("somebody else");
      expect(stack.operations).toEqual(operations);
    }
  });

  it("that cannot be refreshed fails with what the engine says", async () => {
    const { stack, undo } = await place();
    stack.pending = [{ type: "creating", resource: { urn: urn("jobs") } }];
    stack.failure = { operation: "refresh", error: new Error("AccessDenied") };
    await expect(undo()).rejects.toThrow("refresh failed: AccessDenied");
    expect(stack.operations).toEqual(["refresh"]);
  });
});

// Helpers

/** @param allowed how often nobody else is at the stack. */
async function place(allowed = Number.POSITIVE_INFINITY) {
  const stack = new StackDouble();
  const inputs = await planInputs("advisory");
  const opened = stateDigest((await stack.exportStack()).deployment);
  let asked = 0;
  const alone = async (): Promise<void> => {
    asked += 1;
    if (asked > allowed) throw new Error("somebody else");
  };
  return { stack, progress: inputs.progress, undo: () => undoBound(stack, opened, inputs, "back to a", alone) };
}
