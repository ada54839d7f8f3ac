import { type Declared } from "../program";
import { type Rule } from "../rule";
import { judgeEach, notKnown } from "../settings";
import { UNKNOWN } from "../values";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const SAID: readonly unknown[] = ["breaching", "notBreaching", "ignore"];
const HOW = "breaching, notBreaching or ignore";

const alarm = {
  name: "kiro-failed-jobs",
  namespace: "Kiro",
  metricName: "FailedJobs",
  statistic: "Sum",
  period: 60,
  evaluationPeriods: 1,
  comparisonOperator: "GreaterThanOrEqualToThreshold",
  threshold: 1,
};

/**
 * `missing` does not count as said: the provider fills it in where the program says nothing, and a policy sees the same
 * in both. Who means it writes an exemption.
 */
export const alarmsTreatMissingData: Rule = {
  name: "alarms-treat-missing-data",
  sentence: "CloudWatch alarms say what no data means: breaching, notBreaching or ignore.",
  harm: "When data stops, the alarm falls silent with INSUFFICIENT_DATA, whether all is well or all is down.",
  judge: (program) => judgeEach(program.ofType(ALARM), faults),
  examples: {
    passing: [{ type: ALARM, name: "failed-jobs", props: { ...alarm, treatMissingData: "notBreaching" } }],
    failing: [{ type: ALARM, name: "failed-jobs", props: alarm }],
  },
};

function faults({ props: { treatMissingData: said } }: Declared): string[] {
  if (SAID.includes(said)) return [];
  return said === UNKNOWN
    ? [notKnown("treatMissingData", `write ${HOW}`, "what no data means must be seen")]
    : [`set treatMissingData to ${HOW}: missing is also what AWS takes where nothing is said`];
}
