import { type Rule } from "../rule";
import { judgeEach, unlessTrue } from "../settings";

const TABLE = "aws:dynamodb/table:Table";
const keyed = {
  name: "kiro-jobs",
  hashKey: "id",
  attributes: [{ name: "id", type: "S" }],
  billingMode: "PAY_PER_REQUEST",
};

/** A table that one update can drop is no place for history. */
export const tablesKeepTheirData: Rule = {
  name: "tables-keep-their-data",
  sentence: "DynamoDB tables have point-in-time recovery and deletion protection.",
  harm: "One bad write, or one update that replaces the table, loses what nobody can bring back.",
  judge: (program) =>
    judgeEach(program.ofType(TABLE), ({ props }) => [
      ...unlessTrue(props, "pointInTimeRecovery.enabled", "without it a bad write cannot be undone"),
      ...unlessTrue(props, "deletionProtectionEnabled", "a replacement would drop the table with its items"),
    ]),
  examples: {
    passing: [
      {
        type: TABLE,
        name: "jobs",
        props: { ...keyed, pointInTimeRecovery: { enabled: true }, deletionProtectionEnabled: true },
      },
    ],
    failing: [{ type: TABLE, name: "jobs", props: { ...keyed, pointInTimeRecovery: { enabled: true } } }],
  },
};
