import { type Declared } from "../program";
import { type Rule } from "../rule";
import { judgeEach, notKnown, unlessKey } from "../settings";
import { UNKNOWN } from "../values";

const GROUP = "aws:cloudwatch/logGroup:LogGroup";
const KEY = { type: "aws:kms/key:Key", name: "key", props: { description: "Logs", enableKeyRotation: true } };
const encrypted = { name: "/kiro/jobs", kmsKeyId: UNKNOWN };
const uses = { kmsKeyId: ["key"] };

export const logGroupsEndAndAreEncrypted: Rule = {
  name: "log-groups-end-and-are-encrypted",
  sentence: "Log groups have a retention and a KMS key.",
  harm: "What is logged stays for ever, readable to whoever may read logs at all.",
  judge: (program) =>
    judgeEach(program.ofType(GROUP), (group) => [
      ...retentionFaults(group),
      ...unlessKey(program, group, "kmsKeyId", "its key policy says who can read the log"),
    ]),
  examples: {
    passing: [KEY, { type: GROUP, name: "jobs", props: { ...encrypted, retentionInDays: 90 }, uses }],
    failing: [KEY, { type: GROUP, name: "jobs", props: encrypted, uses }],
  },
};

function retentionFaults({ props: { retentionInDays: days } }: Declared): string[] {
  if (typeof days === "number" && days > 0) return [];
  return days === UNKNOWN
    ? [notKnown("retentionInDays", "write a number of days", "0 would keep the log for ever")]
    : ["set retentionInDays to a number of days, such as 90: without one the log is kept for ever"];
}
