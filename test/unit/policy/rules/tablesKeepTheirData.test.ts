import { describe, expect, test } from "@jest/globals";
import { tablesKeepTheirData } from "../../../../policy/rules/tablesKeepTheirData";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const kept = { pointInTimeRecovery: { enabled: true }, deletionProtectionEnabled: true };
const table = (props: object) =>
  judged(tablesKeepTheirData, [{ type: "aws:dynamodb/table:Table", name: "jobs", props: { ...props } }]);

const recovery = "jobs: set pointInTimeRecovery.enabled to true: without it a bad write cannot be undone";
const protection = "jobs: set deletionProtectionEnabled to true: a replacement would drop the table with its items";

describe("tables-keep-their-data", () => {
  test("accepts a table with both", () => {
    expect(table(kept)).toEqual([]);
  });

  test.each([
    ["without recovery", { pointInTimeRecovery: undefined }, recovery],
    ["with recovery switched off", { pointInTimeRecovery: { enabled: false } }, recovery],
    ["without protection", { deletionProtectionEnabled: undefined }, protection],
    ["with protection switched off", { deletionProtectionEnabled: false }, protection],
  ])("refuses a table %s for that alone", (_, change, message) => {
    expect(table({ ...kept, ...change })).toEqual([message]);
  });

  test("refuses a table with neither for both", () => {
    expect(table({})).toEqual([recovery, protection]);
  });

  test.each([
    ["recovery", { pointInTimeRecovery: UNKNOWN }],
    ["whether recovery is on", { pointInTimeRecovery: { enabled: UNKNOWN } }],
  ])("refuses a table when %s is not known before the update", (_, change) => {
    expect(table({ ...kept, ...change })).toEqual([
      "jobs: pointInTimeRecovery.enabled is not known before the update; write true itself: without it a bad write cannot be undone",
    ]);
  });

  test("has nothing to say about a global table's replica or a bucket", () => {
    const props = {};
    expect(
      judged(tablesKeepTheirData, [
        { type: "aws:dynamodb/tableReplica:TableReplica", name: "jobs", props },
        { type: "aws:s3/bucket:Bucket", name: "reports", props },
      ]),
    ).toEqual([]);
  });
});
