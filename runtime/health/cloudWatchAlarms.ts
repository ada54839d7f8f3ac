import { type CloudWatchClient, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { type AlarmInfo, isAlarmState } from "../types";
import type { AlarmSource } from "./ports";

/** Alarms in CloudWatch, metric and composite: `DescribeAlarms` leaves composite ones out unless they are asked for. */
export function cloudWatchAlarms(client: CloudWatchClient): AlarmSource {
  return {
    async states(prefix: string): Promise<readonly AlarmInfo[]> {
      const alarms: AlarmInfo[] = [];
      const pages = paginateDescribeAlarms(
        { client },
        { AlarmNamePrefix: prefix, AlarmTypes: ["MetricAlarm", "CompositeAlarm"] },
      );
      for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages) {
        alarms.push(...[...MetricAlarms, ...CompositeAlarms].map(alarmInfo));
      }
      return alarms;
    },
  };
}

function alarmInfo(alarm: {
  readonly AlarmName?: string | undefined;
  readonly StateValue?: string | undefined;
  readonly StateReason?: string | undefined;
}): AlarmInfo {
  const { AlarmName: name, StateValue: state, StateReason: reason } = alarm;
  if (name === undefined || !isAlarmState(state)) {
    throw new Error(`CloudWatch described an alarm without a known state: ${JSON.stringify(alarm)}`);
  }
  return { name, state, reason };
}
