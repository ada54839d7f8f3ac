import { describe, expect, test } from "@jest/globals";
import { type Example } from "../../../../policy/rule";
import { functionsHaveDeadLetters } from "../../../../policy/rules/functionsHaveDeadLetters";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const other = (type: string): Example => ({ type, name: "other", props: {} });
const lambda = (deadLetterConfig: unknown, ...uses: readonly string[]): Example => ({
  type: "aws:lambda/function:Function",
  name: "cleanup",
  props: { deadLetterConfig },
  uses: { deadLetterConfig: uses },
});
const refused = [
  "cleanup: set deadLetterConfig.targetArn to the ARN of a queue or topic: an event that fails to the end goes there",
];
const unknown = [
  "cleanup: deadLetterConfig.targetArn is not known before the update; take a queue or topic of this program, or write an ARN: an event that fails to the end goes there",
];

describe("functions-have-dead-letters", () => {
  test("accepts a function whose target is written down", () => {
    expect(
      judged(functionsHaveDeadLetters, [lambda({ targetArn: "arn:aws:sqs:us-east-1:000000000000:failed" })]),
    ).toEqual([]);
  });

  test.each(["aws:sqs/queue:Queue", "aws:sns/topic:Topic"])(
    "accepts a function whose target will be an %s of the program",
    (type) => {
      expect(judged(functionsHaveDeadLetters, [other(type), lambda({ targetArn: UNKNOWN }, "other")])).toEqual([]);
      expect(judged(functionsHaveDeadLetters, [other(type), lambda(UNKNOWN, "other")])).toEqual([]);
    },
  );

  test.each([
    ["nothing", undefined],
    ["no target", {}],
    ["an empty target", { targetArn: "" }],
  ])("refuses a function with %s", (_, config) => {
    expect(judged(functionsHaveDeadLetters, [lambda(config)])).toEqual(refused);
  });

  test("refuses a function whose target might turn out to be nothing", () => {
    expect(judged(functionsHaveDeadLetters, [lambda({ targetArn: UNKNOWN })])).toEqual(unknown);
    expect(judged(functionsHaveDeadLetters, [other("aws:s3/bucket:Bucket"), lambda(UNKNOWN, "other")])).toEqual(
      unknown,
    );
  });

  test("has nothing to say about a function's alias or permission", () => {
    expect(
      judged(functionsHaveDeadLetters, [
        other("aws:lambda/alias:Alias"),
        { ...other("aws:lambda/permission:Permission"), name: "p" },
      ]),
    ).toEqual([]);
  });
});
