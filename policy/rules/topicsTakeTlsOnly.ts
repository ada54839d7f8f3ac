import { documentOf } from "../declaredDocuments";
import { readDocument } from "../documents";
import { refusesPlainHttp } from "../plainHttp";
import { type Declared, type Program } from "../program";
import { type Rule } from "../rule";
import { judgeEach, unlessDeclared } from "../settings";
import { UNKNOWN } from "../values";

const TOPIC = "aws:sns/topic:Topic";
const POLICY = "aws:sns/topicPolicy:TopicPolicy";
const HOW = 'that denies sns:Publish to "*" on the topic where aws:SecureTransport is false';

const topic = { type: TOPIC, name: "notices", props: { name: "kiro-notices" } };
const policyWith = (condition: Readonly<Record<string, unknown>>) => ({
  type: POLICY,
  name: "notices-policy",
  props: {
    arn: UNKNOWN,
    policy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "RefusePlainHttp",
          Effect: "Deny",
          Principal: "*",
          Action: "sns:Publish",
          Resource: "arn:aws:sns:us-east-1:000000000000:kiro-notices",
          Condition: condition,
        },
      ],
    }),
  },
  uses: { arn: ["notices"] },
});

/** The topic's own `policy` counts for nothing: AWS fills it in, also with what the program no longer declares. */
export const topicsTakeTlsOnly: Rule = {
  name: "topics-take-tls-only",
  sentence: "Every SNS topic has a topic policy that refuses what is published over plain HTTP.",
  harm: "Over plain HTTP, messages and signatures can be read on the way.",
  judge: (program) =>
    judgeEach(program.ofType(TOPIC), (one) =>
      unlessDeclared(program.companions(one, POLICY, "arn"), `an aws.sns.TopicPolicy of this topic ${HOW}`, (policy) =>
        faults(program, one, policy),
      ),
    ),
  examples: {
    passing: [topic, policyWith({ Bool: { "aws:SecureTransport": "false" } })],
    failing: [topic, policyWith({ Bool: { "aws:SecureTransport": "true" } })],
  },
};

function faults(program: Program, topic: Declared, policy: Declared): string[] {
  const document = readDocument(documentOf(program, policy, "policy"));
  // What nobody can read is refused by documents-can-be-read.
  if (document.kind !== "read") return [];
  const refused = refusesPlainHttp(document.statements, {
    action: "sns:Publish",
    name: topic.props["name"],
    parts: [""],
    named: (resource) => resource.replace(/^arn:[^:]*:sns:[^:]*:[^:]*:/, ""),
    unknownIsOwn: policy.dependencies["policy"]?.includes(topic.urn) === true,
  });
  return refused ? [] : [`give ${policy.name} a statement ${HOW}`];
}
