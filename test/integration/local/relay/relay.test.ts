import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateOpsItemCommand, DescribeOpsItemsCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openCloud, type Cloud } from "../../../../local/cloud/cloud";
import { projectRoot } from "../../../../local/cloud/paths";
import { SERVICES } from "../../../../local/cloud/services";
import { type RelayRequest } from "../../../../local/relay/messages";
import { removeTemporary, temporaryFolder } from "../../../support/temporary";
import { Ground, queueArn, ruleArn } from "./ground";

const ALARM_EVENT = "CloudWatch Alarm State Change";
let directory: string;
let cloud: Cloud;
const log: string[] = [];
let ground: Ground;
let cloudwatch: CloudWatchClient;
let lambda: LambdaClient;

beforeAll(async () => {
  directory = temporaryFolder("relay");
  cloud = await openCloud({
    root: projectRoot(),
    directory,
    services: SERVICES.filter(({ name }) => name === "opscenter"),
    persist: false,
    // Nobody has to wait for a whole minute here.
    minuteSeconds: 2,
    log: (message) => log.push(message),
  });
  ground = new Ground(cloud.endpoint);
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = { endpoint: cloud.endpoint, region: "us-east-1", credentials };
  cloudwatch = new CloudWatchClient(client);
  lambda = new LambdaClient(client);
  await ground.queue("dead");
  const Arn = await ground.reporter("watcher", "dead");
  await ground.permit("watcher", "alarms");
  await ground.rule("alarms", patternOf("watched-"), { Arn, DeadLetterConfig: { Arn: queueArn("dead") } });
}, 60_000);

afterAll(async () => {
  ground.close();
  await cloud.stop();
  removeTemporary();
}, 60_000);

afterEach(() => relay({ mode: "normal" }));

/** Alarms of this prefix that go into ALARM. */
const patternOf = (prefix: string) => ({
  pattern: {
    source: ["aws.cloudwatch"],
    "detail-type": [ALARM_EVENT],
    detail: { alarmName: [{ prefix }], state: { value: ["ALARM"] } },
  },
});

async function alarm(name: string, settings: { treat?: string; color?: string } = {}): Promise<void> {
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: name,
      AlarmDescription: "jobs fail",
      Namespace: "Jobs",
      MetricName: name,
      Dimensions: [{ Name: "Color", Value: settings.color ?? "red" }],
      Statistic: "Sum",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: settings.treat ?? "notBreaching",
    }),
  );
}

const measure = (name: string, color: string, agoSeconds = 0) =>
  cloudwatch.send(
    new PutMetricDataCommand({
      Namespace: "Jobs",
      MetricData: [
        {
          MetricName: name,
          Dimensions: [{ Name: "Color", Value: color }],
          Value: 1,
          Timestamp: new Date(Date.now() - agoSeconds * 1000),
        },
      ],
    }),
  );

const set = (name: string, state: "ALARM" | "OK") =>
  cloudwatch.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: state, StateReason: "by hand" }));

async function stateOf(name: string): Promise<string | undefined> {
  const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
  return MetricAlarms?.[0]?.StateValue;
}

async function becomes(name: string, state: string): Promise<void> {
  for (const end = Date.now() + 8000; Date.now() < end; await sleep(50)) if ((await stateOf(name)) === state) return;
  throw new Error(`${name} is ${await stateOf(name)}, not ${state}`);
}

/** Asks the relay as the command does. */
async function relay(request: RelayRequest): Promise<unknown> {
  const token = await readFile(join(directory, "push-token"), "utf8");
  const response = await fetch(`${cloud.endpoint}/_kiro/relay`, {
    method: "POST",
    headers: { "x-kiro-token": token.trim() },
    body: JSON.stringify(request),
  });
  return response.json();
}

describe("an alarm", () => {
  it("reaches the function of a rule as soon as its metric is bad, and is OK again when that is over", async () => {
    await alarm("watched-jobs");
    await becomes("watched-jobs", "OK");
    await measure("watched-jobs", "green");
    await sleep(1200);
    await expect(stateOf("watched-jobs")).resolves.toBe("OK");

    const before = Date.now();
    // Its minute is over in three seconds: nobody has to wait for it here.
    await measure("watched-jobs", "red", 57);
    const [report] = await ground.reports("watcher", 1);
    expect(Date.now() - before).toBeLessThan(5000);
    expect(report?.color).toBe("blue");
    expect(report?.event).toMatchObject({
      version: "0",
      source: "aws.cloudwatch",
      "detail-type": ALARM_EVENT,
      account: "000000000000",
      region: "us-east-1",
      resources: ["arn:aws:cloudwatch:us-east-1:000000000000:alarm:watched-jobs"],
      detail: {
        alarmName: "watched-jobs",
        state: {
          value: "ALARM",
          reason: expect.stringContaining("Threshold Crossed: 1 out of the last 1 datapoint [1.0]"),
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
        },
        previousState: { value: "OK" },
        configuration: {
          description: "jobs fail",
          metrics: [
            {
              metricStat: {
                metric: { namespace: "Jobs", name: "watched-jobs", dimensions: { Color: "red" } },
                period: 60,
                stat: "Sum",
              },
            },
          ],
        },
      },
    });
    await becomes("watched-jobs", "OK");
  }, 30_000);

  it("keeps a state that was set by hand as long as nothing was measured", async () => {
    await alarm("quiet", { treat: "ignore" });
    await alarm("missing", { treat: "missing" });
    await set("quiet", "ALARM");
    await set("missing", "ALARM");
    await sleep(1300);
    await expect(stateOf("quiet")).resolves.toBe("ALARM");
    await expect(stateOf("missing")).resolves.toBe("ALARM");
  });

  it("takes back what was set by hand when the metric says otherwise", async () => {
    await alarm("judged");
    await set("judged", "ALARM");
    await becomes("judged", "OK");
  });
});

describe("an alarm on a queue", () => {
  it("goes on when a message comes", async () => {
    await ground.queue("watched");
    await cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName: "not-empty",
        Namespace: "AWS/SQS",
        MetricName: "ApproximateNumberOfMessagesVisible",
        Dimensions: [{ Name: "QueueName", Value: "watched" }],
        Statistic: "Maximum",
        Period: 10,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "notBreaching",
      }),
    );
    await ground.rule("to-queue", patternOf("queued-"), { Arn: queueArn("watched") });
    await alarm("queued-jobs", { treat: "ignore" });
    await set("queued-jobs", "ALARM");
    await becomes("not-empty", "ALARM");
    const [message] = await ground.messages("watched", 1);
    expect(JSON.parse(message?.Body ?? "")).toMatchObject({ detail: { alarmName: "queued-jobs" } });
  }, 30_000);
});

describe("a delivery", () => {
  it("goes to the dead-letter queue when the function's policy does not name the rule", async () => {
    const Arn = "arn:aws:lambda:us-east-1:000000000000:function:watcher";
    await ground.rule("stranger", patternOf("strange-"), { Arn, DeadLetterConfig: { Arn: queueArn("dead") } });
    await alarm("strange-jobs", { treat: "ignore" });
    await set("strange-jobs", "ALARM");
    const [message] = await ground.messages("dead", 1);
    const values = Object.entries(message?.MessageAttributes ?? {}).map(([key, { StringValue }]) => [key, StringValue]);
    expect(Object.fromEntries(values)).toEqual({
      RULE_ARN: ruleArn("stranger"),
      TARGET_ARN: Arn,
      ERROR_CODE: "NO_PERMISSIONS",
      ERROR_MESSAGE: expect.stringContaining("does not let events.amazonaws.com in"),
      RETRY_ATTEMPTS: "0",
    });
    expect(JSON.parse(message?.Body ?? "")).toMatchObject({ detail: { alarmName: "strange-jobs" } });
  }, 30_000);

  it("of a schedule goes the same way, with the target's own input", async () => {
    const Arn = await ground.reporter("ticked");
    await ground.permit("ticked", "tick");
    await ground.rule("tick", { schedule: "rate(1 minute)" }, { Arn, Input: JSON.stringify({ tick: true }) });
    const reports = await ground.reports("ticked", 2);
    expect(reports.map(({ event }) => event)).toEqual([{ tick: true }, { tick: true }]);
  }, 30_000);
});

describe("a function that is invoked asynchronously", () => {
  const invoke = (behave: string) =>
    lambda.send(
      new InvokeCommand({ FunctionName: "watcher", InvocationType: "Event", Payload: JSON.stringify({ behave }) }),
    );

  it("is tried three times; then its dead-letter queue has the event itself", async () => {
    await invoke("fail");
    await ground.reports("watcher", 3);
    const [message] = await ground.messages("dead", 1);
    expect(JSON.parse(message?.Body ?? "")).toEqual({ behave: "fail" });
    expect(message?.MessageAttributes?.["ErrorMessage"]?.StringValue).toBe("as asked");
  }, 30_000);

  it("is tried again when its process was killed", async () => {
    await invoke("wait");
    const [first] = await ground.reports("watcher", 1);
    process.kill(first?.pid ?? 0, "SIGKILL");
    const [second] = await ground.reports("watcher", 1);
    expect(second?.pid).not.toBe(first?.pid);
    process.kill(second?.pid ?? 0, "SIGKILL");
    const [third] = await ground.reports("watcher", 1);
    process.kill(third?.pid ?? 0, "SIGKILL");
    await ground.messages("dead", 1);
  }, 30_000);
});

describe("the relay, asked for faults,", () => {
  const raise = async (name: string) => {
    await alarm(name, { treat: "ignore" });
    await set(name, "ALARM");
  };
  const names = async (count: number) =>
    (await ground.reports("watcher", count)).map(({ event }) => event.detail["alarmName"]);

  it("delivers each event as often as asked for", async () => {
    await relay({ mode: "duplicate", times: 10 });
    await raise("watched-often");
    await expect(names(10)).resolves.toEqual(Array(10).fill("watched-often"));
  }, 30_000);

  it("holds events and lets them go in reversed order", async () => {
    await relay({ mode: "hold", detailType: ALARM_EVENT });
    await raise("watched-1");
    await raise("watched-2");
    await sleep(500);
    await expect(relay({ mode: "normal", release: "reversed" })).resolves.toEqual({ released: 2 });
    await expect(names(2)).resolves.toEqual(["watched-2", "watched-1"]);
  }, 30_000);

  it("loses events", async () => {
    await relay({ mode: "drop" });
    await raise("watched-lost");
    await sleep(500);
    await relay({ mode: "normal" });
    await raise("watched-after");
    await expect(names(1)).resolves.toEqual(["watched-after"]);
    expect(log.join("\n")).toContain("held or dropped, as asked for");
  }, 30_000);

  it("refuses what it does not know", async () => {
    await expect(relay({ mode: "sometimes" } as never)).resolves.toMatchObject({
      message: expect.stringContaining("mode"),
    });
  });
});

describe("SSM", () => {
  const client = () =>
    new SSMClient({
      endpoint: cloud.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });

  it("has OpsItems, and everything else that the emulator has", async () => {
    const ssm = client();
    const item = new CreateOpsItemCommand({
      Title: "The rollback failed",
      Description: "look at it",
      Source: "kiro-pipeline",
      OperationalData: { "/aws/dedup": { Type: "SearchableString", Value: '{"dedupString":"one"}' } },
    });
    const { OpsItemId } = await ssm.send(item);
    await expect(ssm.send(item)).rejects.toMatchObject({ name: "OpsItemAlreadyExistsException", OpsItemId });
    const { OpsItemSummaries } = await ssm.send(
      new DescribeOpsItemsCommand({ OpsItemFilters: [{ Key: "Status", Values: ["Open"], Operator: "Equal" }] }),
    );
    expect(OpsItemSummaries).toMatchObject([
      { OpsItemId, Title: "The rollback failed", CreatedTime: expect.any(Date) },
    ]);
    await ssm.send(new PutParameterCommand({ Name: "/a", Value: "b", Type: "String" }));
    ssm.destroy();
  });
});
