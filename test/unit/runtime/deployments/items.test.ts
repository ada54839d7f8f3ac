import { describe, expect, it } from "@jest/globals";
import { start } from "../../../../runtime/deployments/domainLock";
import { recordOf, stateOf } from "../../../../runtime/deployments/items";
import { UnreadableItemError } from "../../../../runtime/errors";
import { deploymentInfo } from "../support/fixtures";

const { record } = start(deploymentInfo(), { environment: "test", token: 0 }, 1_000, 10);

describe("an item", () => {
  it("is read as what was written, whatever a later version added", () => {
    expect(recordOf({ ...record, addedLater: true })).toEqual(record);
    expect(stateOf("test", { deploymentId: "state#test", token: 4, addedLater: 1 })).toEqual({
      environment: "test",
      token: 4,
    });
  });

  it("that is not there is an environment that was never deployed to", () => {
    expect(stateOf("staging", undefined)).toEqual({ environment: "staging", token: 0 });
  });

  it("that is unreadable is named, with every mistake and the item itself", () => {
    const error = errorOf(() => recordOf({ ...record, phase: "flying", lockToken: "1" }));
    expect(error.key).toBe("test#1000");
    expect(error.issues.map((issue) => issue.split(":")[0])).toEqual(["phase", "lockToken"]);
    expect(error.message).toContain('"phase":"flying"');
  });

  it("without a key, or that is no item, is unreadable too", () => {
    expect(errorOf(() => recordOf({ phase: "locked" })).key).toBe("(without a key)");
    expect(errorOf(() => recordOf("text")).issues[0]).toContain("the item:");
    expect(errorOf(() => stateOf("test", { lock: {} })).key).toBe("state#test");
  });
});

function errorOf(read: () => unknown): UnreadableItemError {
  try {
    read();
  } catch (error) {
    if (error instanceof UnreadableItemError) return error;
  }
  throw new Error("expected an UnreadableItemError");
}
