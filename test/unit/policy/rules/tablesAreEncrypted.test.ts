import { describe, expect, test } from "@jest/globals";
import { tablesAreEncrypted } from "../../../../policy/rules/tablesAreEncrypted";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const table = (serverSideEncryption: unknown, type = "aws:dynamodb/table:Table") =>
  judged(tablesAreEncrypted, [{ type, name: "jobs", props: { serverSideEncryption } }]);

const refused = ["jobs: set serverSideEncryption.enabled to true: else AWS takes a key of its own"];

describe("tables-are-encrypted", () => {
  test("accepts a table with encryption switched on, whatever its key", () => {
    expect(table({ enabled: true })).toEqual([]);
    expect(table({ enabled: true, kmsKeyArn: UNKNOWN })).toEqual([]);
  });

  test.each([
    ["nothing", undefined],
    ["no switch", { kmsKeyArn: "arn:aws:kms:us-east-1:000000000000:key/1" }],
    ["the switch off", { enabled: false }],
    ["a text for the switch", { enabled: "true" }],
    ["null", null],
  ])("refuses a table with %s", (_, encryption) => {
    expect(table(encryption)).toEqual(refused);
  });

  test.each([
    ["the encryption", UNKNOWN],
    ["the switch", { enabled: UNKNOWN }],
  ])("refuses a table when %s is not known before the update", (_, encryption) => {
    expect(table(encryption)).toEqual([
      "jobs: serverSideEncryption.enabled is not known before the update; write true itself: else AWS takes a key of its own",
    ]);
  });

  test("has nothing to say about a queue", () => {
    expect(table(undefined, "aws:sqs/queue:Queue")).toEqual([]);
  });
});
