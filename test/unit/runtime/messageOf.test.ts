import { describe, expect, it } from "@jest/globals";
import { messageOf } from "../../../runtime/messageOf";

describe("what was thrown is told", () => {
  it("by an error's message, without its stack", () => {
    expect(messageOf(new TypeError("no such thing"))).toBe("no such thing");
  });

  it("by its text where it is no error", () => {
    expect([messageOf("text"), messageOf(7), messageOf(undefined)]).toEqual(["text", "7", "undefined"]);
  });
});
