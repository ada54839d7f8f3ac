import { describe as group, expect, test } from "@jest/globals";
import { HalfMade, describe, errorCode, toServiceError } from "../../../../local/provider/failures";

const coded = (name: string, message: string): Error => Object.assign(new Error(message), { name });

group("failures", () => {
  test("begin with AWS's code and end with the URN", () => {
    expect(toServiceError(coded("AccessDenied", "not you"), "urn:x").details).toBe("AccessDenied: not you (urn:x)");
    expect(toServiceError(new Error("plain"), "").details).toBe("plain");
    expect(errorCode(coded("NoSuchKey", ""))).toBe("NoSuchKey");
    expect(errorCode("text")).toBe("");
  });

  test("of a connection name every attempt", () => {
    const refused = new AggregateError([new Error("refused 4"), new Error("refused 6")], "");
    expect(describe(refused)).toBe("AggregateError: refused 4; refused 6");
    expect(describe("thrown text")).toBe("thrown text");
  });

  test("of a half-made resource carry what is known of it", () => {
    const error = new HalfMade("id", { a: 1 }, { a: 1 }, coded("Throttling", "slow down"));
    const answer = toServiceError(error, "urn:x");
    expect(answer.details).toBe("Throttling: slow down (urn:x)");
    expect(answer.metadata.get("grpc-status-details-bin")).toHaveLength(1);
  });
});
