import { describe, expect, it } from "@jest/globals";
import { messageOf } from "../../../automation/problem";

describe("messageOf", () => {
  it("begins a refusal of AWS with its code", () => {
    const denied = Object.assign(new Error("User: u is not authorized to perform: s3:PutObject"), {
      name: "AccessDenied",
      $metadata: { httpStatusCode: 403 },
    });
    expect(messageOf(denied)).toBe("AccessDenied: User: u is not authorized to perform: s3:PutObject");
  });

  it.each([
    [new Error("plain"), "plain"],
    [new TypeError(""), "TypeError"],
    ["thrown text", "thrown text"],
  ])("says what %s says", (thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });
});
