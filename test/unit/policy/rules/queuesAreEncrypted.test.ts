import { describe, expect, test } from "@jest/globals";
import { type Example } from "../../../../policy/rule";
import { queuesAreEncrypted } from "../../../../policy/rules/queuesAreEncrypted";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const queue = (props: object, ...uses: readonly string[]): Example => ({
  type: "aws:sqs/queue:Queue",
  name: "jobs",
  props: { ...props },
  uses: { kmsMasterKeyId: uses },
});
const refused = [
  "jobs: set kmsMasterKeyId to a KMS key: SQS does not encrypt without one, unless sqsManagedSseEnabled is set to true",
];

describe("queues-are-encrypted", () => {
  test.each([
    ["SQS itself", { sqsManagedSseEnabled: true }],
    ["a key", { kmsMasterKeyId: "alias/aws/sqs" }],
    ["a key, with SQS's own switched off", { kmsMasterKeyId: "alias/aws/sqs", sqsManagedSseEnabled: false }],
  ])("accepts a queue that is encrypted by %s", (_, props) => {
    expect(judged(queuesAreEncrypted, [queue(props)])).toEqual([]);
  });

  test("accepts a queue whose key will be one of the program", () => {
    const key: Example = { type: "aws:kms/key:Key", name: "key", props: {} };
    expect(judged(queuesAreEncrypted, [key, queue({ kmsMasterKeyId: UNKNOWN }, "key")])).toEqual([]);
  });

  test.each([
    ["says nothing", {}],
    ["switches it off", { sqsManagedSseEnabled: false }],
    ["leaves to AWS what it does", { sqsManagedSseEnabled: UNKNOWN }],
  ])("refuses a queue that %s", (_, props) => {
    expect(judged(queuesAreEncrypted, [queue(props)])).toEqual(refused);
  });

  test("refuses a queue whose key might turn out to be none", () => {
    expect(judged(queuesAreEncrypted, [queue({ kmsMasterKeyId: UNKNOWN })])).toEqual([
      "jobs: kmsMasterKeyId is not known before the update; take a key of this program, or the ARN of one from the config: SQS does not encrypt without one, unless sqsManagedSseEnabled is set to true",
    ]);
  });

  test("has nothing to say about a queue's policy", () => {
    expect(judged(queuesAreEncrypted, [{ ...queue({}), type: "aws:sqs/queuePolicy:QueuePolicy" }])).toEqual([]);
  });
});
