import { CloudWatchClient, DescribeAlarmsCommand, type MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { cloudWatchWatchedAlarms } from "../../../../runtime/rollback/cloudWatchWatchedAlarms";

const cloudWatch = mockClient(CloudWatchClient);
const alarms = cloudWatchWatchedAlarms(new CloudWatchClient({ region: "us-east-1" }));
const ALARM: MetricAlarm = {
  AlarmName: "worker-test-failures",
  StateValue: "ALARM",
  StateReason: "3 > 1",
  StateTransitionedTimestamp: new Date(5_000),
  StateUpdatedTimestamp: new Date(9_000),
  Period: 60,
  EvaluationPeriods: 2,
};
const sighted = (alarm: MetricAlarm) => {
  cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [alarm] });
  return alarms.sightings("worker-test-");
};
beforeEach(() => {
  cloudWatch.reset();
});

describe("watched alarms in CloudWatch", () => {
  it("are metric and composite ones of the prefix, since they got into their state", async () => {
    cloudWatch.on(DescribeAlarmsCommand).resolves({
      MetricAlarms: [ALARM],
      CompositeAlarms: [
        { AlarmName: "worker-test-any", StateValue: "OK", StateTransitionedTimestamp: new Date(7_000) },
      ],
    });
    expect(await alarms.sightings("worker-test-")).toEqual([
      { name: "worker-test-failures", state: "ALARM", reason: "3 > 1", since: 5_000, evaluationMs: 120_000 },
      { name: "worker-test-any", state: "OK", reason: undefined, since: 7_000, evaluationMs: 0 },
    ]);
    expect(cloudWatch.commandCalls(DescribeAlarmsCommand)[0]?.args[0].input).toMatchObject({
      AlarmNamePrefix: "worker-test-",
      AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
    });
  });

  it("are dated by their last write where CloudWatch does not say when the state changed", async () => {
    expect(await sighted({ ...ALARM, StateTransitionedTimestamp: undefined })).toMatchObject([{ since: 9_000 }]);
  });

  it("without any time cannot be blamed on anybody", async () => {
    const undated = { ...ALARM, StateTransitionedTimestamp: undefined, StateUpdatedTimestamp: undefined };
    await expect(sighted(undated)).rejects.toThrow(
      'CloudWatch described an alarm without the time of its state: {"AlarmName":"worker-test-failures"',
    );
  });

  it("on an expression clear as slowly as the slowest metric that it is computed from", async () => {
    const Metrics = [
      { Id: "rate", Expression: "failed / started" },
      { Id: "failed", MetricStat: { Metric: { MetricName: "Failed" }, Period: 300, Stat: "Sum" } },
      { Id: "started", Expression: "SELECT SUM(Started)", Period: 60 },
    ];
    expect(await sighted({ ...ALARM, Period: undefined, EvaluationPeriods: 3, Metrics })).toMatchObject([
      { evaluationMs: 900_000 },
    ]);
  });
});
