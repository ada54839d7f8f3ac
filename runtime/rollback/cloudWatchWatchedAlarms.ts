import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { alarmInfo, type DescribedAlarm, describeAlarms } from "../health/cloudWatchAlarms";
import type { WatchedAlarm, WatchedAlarms } from "./ports";

/** The alarms in CloudWatch with what attribution and validation must know of them. */
export function cloudWatchWatchedAlarms(client: CloudWatchClient): WatchedAlarms {
  return {
    async sightings(prefix: string): Promise<readonly WatchedAlarm[]> {
      return (await describeAlarms(client, prefix)).map((alarm) => ({
        ...alarmInfo(alarm),
        since: sinceOf(alarm),
        evaluationMs: longestPeriod(alarm) * (alarm.EvaluationPeriods ?? 1) * 1000,
      }));
    },
  };
}

/** When the state changed; where CloudWatch does not say, when it was last written, the same state again included. */
function sinceOf(alarm: DescribedAlarm): number {
  const at = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
  if (at !== undefined) return at.getTime();
  throw new Error(`CloudWatch described an alarm without the time of its state: ${JSON.stringify(alarm)}`);
}

/** In seconds. An alarm on an expression has the periods of the metrics that it is computed from. */
function longestPeriod({ Period = 0, Metrics = [] }: DescribedAlarm): number {
  return Math.max(Period, ...Metrics.map((metric) => metric.MetricStat?.Period ?? metric.Period ?? 0));
}
