import { type CloudWatchClient, type MetricAlarm, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { type AlarmInfo, isAlarmState } from "../types";
import type { AlarmSource } from "./ports";

/** What is read of an alarm, metric or composite; a composite one has neither periods nor metrics. */
export type DescribedAlarm = Pick<
  MetricAlarm,
  | "AlarmName"
  | "StateValue"
  | "StateReason"
  | "StateTransitionedTimestamp"
  | "StateUpdatedTimestamp"
  | "Period"
  | "EvaluationPeriods"
  | "Metrics"
>;

/** Alarms in CloudWatch, metric and composite. */
export function cloudWatchAlarms(client: CloudWatchClient): AlarmSource {
  return {
    async states(prefix: string): Promise<readonly AlarmInfo[]> {
      return (await describeAlarms(client, prefix)).map(alarmInfo);
    },
  };
}

/** All whose name begins with the prefix: CloudWatch leaves composite ones out unless they are asked for. */
export async function describeAlarms(client: CloudWatchClient, prefix: string): Promise<readonly DescribedAlarm[]> {
  const alarms: DescribedAlarm[] = [];
  const pages = paginateDescribeAlarms(
    { client },
    { AlarmNamePrefix: prefix, AlarmTypes: ["MetricAlarm", "CompositeAlarm"] },
  );
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages) {
    alarms.push(...MetricAlarms, ...CompositeAlarms);
  }
  return alarms;
}

/** @throws Error that shows an alarm without name or known state. */
export function alarmInfo(alarm: DescribedAlarm): AlarmInfo {
  const { AlarmName: name, StateValue: state, StateReason: reason } = alarm;
  if (name === undefined || !isAlarmState(state)) {
    throw new Error(`CloudWatch described an alarm without a known state: ${JSON.stringify(alarm)}`);
  }
  return { name, state, reason };
}
