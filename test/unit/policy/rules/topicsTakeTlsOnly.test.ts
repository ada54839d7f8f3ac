import { describe, expect, test } from "@jest/globals";
import { type Example } from "../../../../policy/rule";
import { topicsTakeTlsOnly } from "../../../../policy/rules/topicsTakeTlsOnly";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const ARN = "arn:aws:sns:us-east-1:000000000000:kiro-notices";
const HOW = 'that denies sns:Publish to "*" on the topic where aws:SecureTransport is false';
const undeclared = [`notices: declare an aws.sns.TopicPolicy of this topic ${HOW}`];
const refused = [`notices: give policy a statement ${HOW}`];

const topic: Example = { type: "aws:sns/topic:Topic", name: "notices", props: { name: "kiro-notices", arn: UNKNOWN } };
const deny = {
  Effect: "Deny",
  Principal: "*",
  Action: "sns:Publish",
  Resource: ARN as unknown,
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};
const policy = (change: object, more: Partial<Example> = {}): Example => ({
  type: "aws:sns/topicPolicy:TopicPolicy",
  name: "policy",
  props: { arn: UNKNOWN, policy: JSON.stringify({ Statement: { ...deny, ...change } }) },
  uses: { arn: ["notices"] },
  ...more,
});

/** Where a component of ours declares the statement, because the text is not known. */
const declared = (resource: unknown, ...madeFrom: readonly string[]) =>
  judged(topicsTakeTlsOnly, [
    topic,
    {
      type: "kiro:pipeline:Notifications",
      name: "owner",
      props: { policyDocuments: { policy: { Statement: [{ ...deny, Resource: resource }] } } },
    },
    policy({}, { parent: "owner", props: { policy: UNKNOWN }, uses: { arn: ["notices"], policy: madeFrom } }),
  ]);

describe("topics-take-tls-only", () => {
  test.each([
    ["what is published", {}],
    ["all of SNS", { Action: "SNS:*" }],
    ["everything everywhere", { Action: "*", Resource: "*" }],
  ])("accepts a topic whose policy refuses plain HTTP for %s", (_, change) => {
    expect(judged(topicsTakeTlsOnly, [topic, policy(change)])).toEqual([]);
  });

  test("accepts a topic that exists, and is named by its ARN", () => {
    const live = { ...topic, props: { ...topic.props, arn: ARN } };
    const named = policy({}, { props: { arn: ARN, policy: JSON.stringify({ Statement: [deny] }) }, uses: {} });
    expect(judged(topicsTakeTlsOnly, [live, named])).toEqual([]);
  });

  test("refuses a topic without a topic policy in the program, whatever AWS says that it has", () => {
    const live = { ...topic, props: { ...topic.props, policy: JSON.stringify({ Statement: [deny] }) } };
    expect(judged(topicsTakeTlsOnly, [topic])).toEqual(undeclared);
    expect(judged(topicsTakeTlsOnly, [live])).toEqual(undeclared);
  });

  test.each([
    ["refuses what is not published", { Action: "sns:Subscribe" }],
    ["is about another topic", { Resource: `${ARN}-2` }],
    ["refuses TLS", { Condition: { Bool: { "aws:SecureTransport": "true" } } }],
    ["allows", { Effect: "Allow" }],
  ])("refuses a topic whose policy %s", (_, change) => {
    expect(judged(topicsTakeTlsOnly, [topic, policy(change)])).toEqual(refused);
  });

  test("believes what the policy's component declares, where the topic's ARN is all that is unknown", () => {
    expect(declared(UNKNOWN, "notices")).toEqual([]);
    expect(declared(UNKNOWN)).toEqual(refused);
  });

  test("takes no name for that of a topic which has none yet", () => {
    const unnamed = { ...topic, props: {} };
    expect(judged(topicsTakeTlsOnly, [unnamed, policy({})])).toEqual(refused);
  });

  test("leaves a document that nobody can read to documents-can-be-read", () => {
    expect(judged(topicsTakeTlsOnly, [topic, policy({}, { props: { policy: UNKNOWN } })])).toEqual([]);
  });

  test("has nothing to say about a queue", () => {
    expect(judged(topicsTakeTlsOnly, [{ type: "aws:sqs/queue:Queue", name: "jobs", props: {} }])).toEqual([]);
  });
});
