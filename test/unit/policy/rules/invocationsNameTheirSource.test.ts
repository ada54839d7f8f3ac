import { describe, expect, it } from "@jest/globals";
import { invocationsNameTheirSource as rule } from "../../../../policy/rules/invocationsNameTheirSource";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const WANTED = "own: set sourceArn, or sourceAccount, to whom the principal may invoke the function for";
const type = "aws:lambda/permission:Permission";

function told(props: Record<string, unknown>): string[] {
  const given = { function: "f", action: "lambda:InvokeFunction", principal: "events.amazonaws.com", ...props };
  return judged(rule, [{ type, name: "own", props: given }]);
}

describe("invocations name their source", () => {
  it.each([
    { sourceArn: "arn:aws:events:eu-west-1:111122223333:rule/tick" },
    { sourceArn: "arn:aws:s3:::reports" },
    { sourceArn: UNKNOWN },
    { sourceAccount: "111122223333" },
    { sourceAccount: UNKNOWN },
    { principal: "*", principalOrgId: "o-1" },
  ])("takes %j", (props) => {
    expect(told(props)).toEqual([]);
  });

  it.each([
    {},
    { sourceArn: "" },
    { sourceArn: "*" },
    { sourceArn: "arn:aws:events:*:*:rule/tick" },
    { sourceAccount: false },
    { principal: "*" },
    { principal: UNKNOWN },
    { principal: undefined },
  ])("refuses %j", (props) => {
    expect(told(props)).toEqual([WANTED]);
  });

  it("does not apply to accounts and roles, which are themselves the source, nor to other types", () => {
    expect(told({ principal: "111122223333" })).toEqual([]);
    expect(told({ principal: "arn:aws:iam::111122223333:role/caller" })).toEqual([]);
    expect(judged(rule, [{ type: "aws:lambda/function:Function", name: "own", props: {} }])).toEqual([]);
  });

  it("is shown by its examples", () => {
    expect(judged(rule, rule.examples.passing)).toEqual([]);
    expect(judged(rule, rule.examples.failing)).toEqual([WANTED.replace("own", "tick")]);
  });
});
