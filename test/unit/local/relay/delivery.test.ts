import { describe, expect, it } from "@jest/globals";
import { nextAttempt, payloadOf, refusal, type Delivery, type Target } from "../../../../local/relay/delivery";
import { event } from "./event";

const TARGET: Target = { Id: "t", Arn: "arn:aws:lambda:us-east-1:000000000000:function:f" };
const delivery = (change: Partial<Delivery> = {}): Delivery => ({
  ruleArn: "arn:aws:events:us-east-1:000000000000:rule/r",
  target: TARGET,
  exists: true,
  allowed: true,
  ...change,
});

describe("a delivery is not even tried", () => {
  it.each([
    [{ target: { ...TARGET, Arn: "arn:aws:states:us-east-1:000000000000:x" } }, "INVALID_PARAMETER", "states"],
    [{ target: { ...TARGET, InputPath: "$.detail" } }, "INVALID_PARAMETER", "InputPath"],
    [{ target: { ...TARGET, InputTransformer: {} } }, "INVALID_PARAMETER", "InputTransformer"],
    [{ exists: false, allowed: false }, "NO_RESOURCE", "does not exist"],
    [{ allowed: false }, "NO_PERMISSIONS", "rule/r"],
  ])("with %j", (change, code, words) => {
    expect(refusal(delivery(change))).toEqual({ code, message: expect.stringContaining(words) });
  });

  it("unless nothing is wrong with it", () => {
    expect(refusal(delivery())).toBeUndefined();
  });
});

describe("a target receives", () => {
  it("the whole event, or its own input", () => {
    expect(payloadOf(event("a"), TARGET)).toBe(JSON.stringify(event("a")));
    expect(payloadOf(event("a"), { ...TARGET, Input: "{}" })).toBe("{}");
  });
});

describe("the next attempt", () => {
  it("comes after longer and longer pauses, of half a minute at most", () => {
    const pauses = [0, 1, 2, 20].map((retries) => nextAttempt(TARGET, retries, 0));
    expect(pauses).toEqual([{ pauseMs: 250 }, { pauseMs: 500 }, { pauseMs: 1000 }, { pauseMs: 30_000 }]);
  });

  it("ends with the attempts that the target's policy allows, or with its age", () => {
    const target = { ...TARGET, RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 60 } };
    expect(nextAttempt(target, 1, 0)).toEqual({ pauseMs: 500 });
    expect(nextAttempt(target, 2, 0)).toEqual({ exhausted: "MaximumRetryAttempts" });
    expect(nextAttempt(target, 1, 59_800)).toEqual({ exhausted: "MaximumEventAgeInSeconds" });
    expect(nextAttempt(TARGET, 185, 0)).toEqual({ exhausted: "MaximumRetryAttempts" });
    expect(nextAttempt(TARGET, 0, 24 * 3600_000)).toEqual({ exhausted: "MaximumEventAgeInSeconds" });
  });
});
