import { describe, expect, test } from "@jest/globals";
import { type Example } from "../../../../policy/rule";
import { topicsAreEncrypted } from "../../../../policy/rules/topicsAreEncrypted";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const topic = (kmsMasterKeyId: unknown, ...uses: readonly string[]): Example => ({
  type: "aws:sns/topic:Topic",
  name: "notices",
  props: { kmsMasterKeyId },
  uses: { kmsMasterKeyId: uses },
});
const key: Example = { type: "aws:kms/key:Key", name: "key", props: {} };

describe("topics-are-encrypted", () => {
  test("accepts a topic with a key, written down or made by the program", () => {
    expect(judged(topicsAreEncrypted, [topic("alias/aws/sns")])).toEqual([]);
    expect(judged(topicsAreEncrypted, [key, topic(UNKNOWN, "key")])).toEqual([]);
  });

  test.each([undefined, ""])("refuses a topic with %p for a key", (kmsMasterKeyId) => {
    expect(judged(topicsAreEncrypted, [topic(kmsMasterKeyId)])).toEqual([
      "notices: set kmsMasterKeyId to a KMS key: SNS does not encrypt without one",
    ]);
  });

  test("refuses a topic whose key might turn out to be none", () => {
    expect(judged(topicsAreEncrypted, [topic(UNKNOWN)])).toEqual([
      "notices: kmsMasterKeyId is not known before the update; take a key of this program, or the ARN of one from the config: SNS does not encrypt without one",
    ]);
  });

  test("has nothing to say about a subscription", () => {
    expect(
      judged(topicsAreEncrypted, [{ ...topic(undefined), type: "aws:sns/topicSubscription:TopicSubscription" }]),
    ).toEqual([]);
  });
});
