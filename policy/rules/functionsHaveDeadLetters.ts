import { type Declared, type Program } from "../program";
import { type Rule } from "../rule";
import { at, isText, judgeEach, notKnown } from "../settings";
import { UNKNOWN } from "../values";

const FUNCTION = "aws:lambda/function:Function";
const TARGETS = ["aws:sqs/queue:Queue", "aws:sns/topic:Topic"];
const PATH = "deadLetterConfig.targetArn";
const BECAUSE = "an event that fails to the end goes there";

const code = {
  name: "kiro-cleanup",
  role: "arn:aws:iam::000000000000:role/kiro-cleanup",
  runtime: "nodejs22.x",
  handler: "index.handler",
  s3Bucket: "kiro-reports-000000000000",
  s3Key: "cleanup.zip",
};

export const functionsHaveDeadLetters: Rule = {
  name: "functions-have-dead-letters",
  sentence: "Lambda functions have a dead-letter queue or topic.",
  harm: "An event that the function cannot handle is gone, and nobody knows.",
  replaces: "lambda_dlq",
  judge: (program) => judgeEach(program.ofType(FUNCTION), (one) => faults(program, one)),
  examples: {
    passing: [
      { type: "aws:sqs/queue:Queue", name: "cleanup-dlq", props: { name: "kiro-cleanup-dlq" } },
      {
        type: FUNCTION,
        name: "cleanup",
        props: { ...code, deadLetterConfig: { targetArn: UNKNOWN } },
        uses: { deadLetterConfig: ["cleanup-dlq"] },
      },
    ],
    failing: [{ type: FUNCTION, name: "cleanup", props: code }],
  },
};

function faults(program: Program, resource: Declared): string[] {
  const target = at(resource.props, PATH);
  if (isText(target)) return [];
  if (target !== UNKNOWN) return [`set ${PATH} to the ARN of a queue or topic: ${BECAUSE}`];
  return program.madeFrom(resource, "deadLetterConfig", TARGETS)
    ? []
    : [notKnown(PATH, "take a queue or topic of this program, or write an ARN", BECAUSE)];
}
