import { type Rule } from "../rule";
import { judgeEach, unlessTrue } from "../settings";

const TABLE = "aws:dynamodb/table:Table";
const keyed = {
  name: "kiro-jobs",
  hashKey: "id",
  attributes: [{ name: "id", type: "S" }],
  billingMode: "PAY_PER_REQUEST",
};

export const tablesAreEncrypted: Rule = {
  name: "tables-are-encrypted",
  sentence: "DynamoDB tables are encrypted with a KMS key.",
  harm: "With a key of AWS's own, nobody can say or see who may read the items.",
  replaces: "dynamodb_encryption",
  judge: (program) =>
    judgeEach(program.ofType(TABLE), ({ props }) =>
      unlessTrue(props, "serverSideEncryption.enabled", "else AWS takes a key of its own"),
    ),
  examples: {
    passing: [{ type: TABLE, name: "jobs", props: { ...keyed, serverSideEncryption: { enabled: true } } }],
    failing: [{ type: TABLE, name: "jobs", props: keyed }],
  },
};
