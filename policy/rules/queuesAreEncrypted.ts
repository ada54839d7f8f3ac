import { type Rule } from "../rule";
import { judgeEach, unlessKey } from "../settings";

const QUEUE = "aws:sqs/queue:Queue";

export const queuesAreEncrypted: Rule = {
  name: "queues-are-encrypted",
  sentence: "SQS queues have a KMS key, or encryption by SQS itself switched on in the program.",
  harm: "Messages lie in plain text until somebody takes them.",
  judge: (program) =>
    judgeEach(program.ofType(QUEUE), (queue) =>
      queue.props["sqsManagedSseEnabled"] === true
        ? []
        : unlessKey(
            program,
            queue,
            "kmsMasterKeyId",
            "SQS does not encrypt without one, unless sqsManagedSseEnabled is set to true",
          ),
    ),
  examples: {
    passing: [{ type: QUEUE, name: "jobs", props: { name: "kiro-jobs", sqsManagedSseEnabled: true } }],
    failing: [{ type: QUEUE, name: "jobs", props: { name: "kiro-jobs", sqsManagedSseEnabled: false } }],
  },
};
