import { describe, expect, test } from "@jest/globals";
import { type Example } from "../../../../policy/rule";
import { logGroupsEndAndAreEncrypted } from "../../../../policy/rules/logGroupsEndAndAreEncrypted";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const kept = { retentionInDays: 90, kmsKeyId: "arn:aws:kms:us-east-1:000000000000:key/1" };
const group = (props: object, ...uses: readonly string[]): Example => ({
  type: "aws:cloudwatch/logGroup:LogGroup",
  name: "jobs",
  props: { ...kept, ...props },
  uses: { kmsKeyId: uses },
});
const made = (type: string): Example => ({ type, name: "made", props: {} });

describe("log-groups-end-and-are-encrypted", () => {
  test("accepts a log group with retention and key", () => {
    expect(judged(logGroupsEndAndAreEncrypted, [group({})])).toEqual([]);
  });

  test.each([
    "aws:kms/key:Key",
    "aws:kms/replicaKey:ReplicaKey",
    "aws:kms/externalKey:ExternalKey",
    "aws:kms/alias:Alias",
  ])("accepts a log group whose key will be an %s of the program", (type) => {
    expect(judged(logGroupsEndAndAreEncrypted, [made(type), group({ kmsKeyId: UNKNOWN }, "made")])).toEqual([]);
  });

  test.each([undefined, 0, -1, "90"])("refuses a log group with a retention of %s", (retentionInDays) => {
    expect(judged(logGroupsEndAndAreEncrypted, [group({ retentionInDays })])).toEqual([
      "jobs: set retentionInDays to a number of days, such as 90: without one the log is kept for ever",
    ]);
  });

  test("refuses a log group whose retention is not known before the update", () => {
    expect(judged(logGroupsEndAndAreEncrypted, [group({ retentionInDays: UNKNOWN })])).toEqual([
      "jobs: retentionInDays is not known before the update; write a number of days: 0 would keep the log for ever",
    ]);
  });

  test.each([undefined, "", null])("refuses a log group with %p for a key", (kmsKeyId) => {
    expect(judged(logGroupsEndAndAreEncrypted, [group({ kmsKeyId })])).toEqual([
      "jobs: set kmsKeyId to a KMS key: its key policy says who can read the log",
    ]);
  });

  test("refuses a log group whose key might turn out to be none", () => {
    const unknown =
      "jobs: kmsKeyId is not known before the update; take a key of this program, or the ARN of one from the config: its key policy says who can read the log";
    expect(judged(logGroupsEndAndAreEncrypted, [group({ kmsKeyId: UNKNOWN })])).toEqual([unknown]);
    expect(
      judged(logGroupsEndAndAreEncrypted, [made("aws:sns/topic:Topic"), group({ kmsKeyId: UNKNOWN }, "made")]),
    ).toEqual([unknown]);
  });

  test("tells both faults of a log group that has neither", () => {
    expect(judged(logGroupsEndAndAreEncrypted, [group({ retentionInDays: undefined, kmsKeyId: undefined })])).toEqual([
      "jobs: set retentionInDays to a number of days, such as 90: without one the log is kept for ever",
      "jobs: set kmsKeyId to a KMS key: its key policy says who can read the log",
    ]);
  });

  test("has nothing to say about a log stream", () => {
    expect(judged(logGroupsEndAndAreEncrypted, [made("aws:cloudwatch/logStream:LogStream")])).toEqual([]);
  });
});
