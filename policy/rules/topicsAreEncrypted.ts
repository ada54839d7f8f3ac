import { type Rule } from "../rule";
import { judgeEach, unlessKey } from "../settings";
import { UNKNOWN } from "../values";

const TOPIC = "aws:sns/topic:Topic";

export const topicsAreEncrypted: Rule = {
  name: "topics-are-encrypted",
  sentence: "SNS topics have a KMS key.",
  harm: "Messages lie in plain text until they are delivered.",
  judge: (program) =>
    judgeEach(program.ofType(TOPIC), (topic) =>
      unlessKey(program, topic, "kmsMasterKeyId", "SNS does not encrypt without one"),
    ),
  examples: {
    passing: [
      { type: "aws:kms/key:Key", name: "key", props: { description: "Notices", enableKeyRotation: true } },
      {
        type: TOPIC,
        name: "notices",
        props: { name: "kiro-notices", kmsMasterKeyId: UNKNOWN },
        uses: { kmsMasterKeyId: ["key"] },
      },
    ],
    failing: [{ type: TOPIC, name: "notices", props: { name: "kiro-notices" } }],
  },
};
