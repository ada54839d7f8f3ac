import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DeleteDashboardsCommand,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  ListTagsForResourceCommand,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  TagResourceCommand,
  UntagResourceCommand,
  type ComparisonOperator,
  type MetricAlarm,
  type PutMetricAlarmCommandInput,
  type StandardUnit,
  type Statistic,
} from "@aws-sdk/client-cloudwatch";
import type { DashboardArgs, MetricAlarmArgs } from "@pulumi/aws/cloudwatch";
import { flag, json, map, number, object, set, text } from "../fields";
import { defineType, must, tags, type Inputs } from "../resourceType";
import { fromPairs, pairs, settleTags } from "../tagging";
import { present } from "../values";

type Dimensions = Readonly<Record<string, string>> | undefined;

const toDimensions = (dimensions: Dimensions): { Name: string; Value: string }[] | undefined =>
  dimensions && Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

const fromDimensions = (found: { Name?: string | undefined; Value?: string | undefined }[] | undefined): unknown =>
  found?.length ? Object.fromEntries(found.map(({ Name, Value }) => [Name, Value])) : undefined;

/** Programs may name actions by resources; they are ARNs by now. */
const arns = (given: readonly unknown[] | undefined): string[] | undefined => given?.map(String);

function request(inputs: Inputs<MetricAlarmArgs>): PutMetricAlarmCommandInput {
  return {
    AlarmName: inputs.name,
    AlarmDescription: inputs.alarmDescription,
    ActionsEnabled: inputs.actionsEnabled ?? true,
    AlarmActions: arns(inputs.alarmActions),
    OKActions: arns(inputs.okActions),
    InsufficientDataActions: arns(inputs.insufficientDataActions),
    ComparisonOperator: inputs.comparisonOperator as ComparisonOperator,
    DatapointsToAlarm: inputs.datapointsToAlarm,
    Dimensions: toDimensions(inputs.dimensions),
    EvaluateLowSampleCountPercentile: inputs.evaluateLowSampleCountPercentiles,
    EvaluationPeriods: inputs.evaluationPeriods,
    ExtendedStatistic: inputs.extendedStatistic,
    MetricName: inputs.metricName,
    Namespace: inputs.namespace,
    Period: inputs.period,
    Statistic: inputs.statistic as Statistic | undefined,
    Threshold: inputs.threshold ?? (inputs.thresholdMetricId === undefined ? 0 : undefined),
    ThresholdMetricId: inputs.thresholdMetricId,
    TreatMissingData: inputs.treatMissingData,
    Unit: inputs.unit as StandardUnit | undefined,
    Metrics: inputs.metricQueries?.map((query) => ({
      Id: query.id,
      AccountId: query.accountId,
      Expression: query.expression,
      Label: query.label,
      Period: query.period,
      ReturnData: query.returnData ?? false,
      MetricStat: query.metric && {
        Metric: {
          MetricName: query.metric.metricName,
          Namespace: query.metric.namespace,
          Dimensions: toDimensions(query.metric.dimensions),
        },
        Period: query.metric.period,
        Stat: query.metric.stat,
        Unit: query.metric.unit as StandardUnit | undefined,
      },
    })),
  };
}

function live(found: MetricAlarm): { readonly [K in keyof MetricAlarmArgs]?: unknown } {
  return {
    name: found.AlarmName,
    alarmDescription: found.AlarmDescription || undefined,
    actionsEnabled: found.ActionsEnabled,
    alarmActions: found.AlarmActions,
    okActions: found.OKActions,
    insufficientDataActions: found.InsufficientDataActions,
    comparisonOperator: found.ComparisonOperator,
    datapointsToAlarm: found.DatapointsToAlarm,
    dimensions: fromDimensions(found.Dimensions),
    evaluateLowSampleCountPercentiles: found.EvaluateLowSampleCountPercentile,
    evaluationPeriods: found.EvaluationPeriods,
    extendedStatistic: found.ExtendedStatistic,
    metricName: found.MetricName,
    namespace: found.Namespace,
    period: found.Period,
    statistic: found.Statistic,
    threshold: found.Threshold,
    thresholdMetricId: found.ThresholdMetricId,
    treatMissingData: found.TreatMissingData,
    unit: found.Unit,
    metricQueries: found.Metrics?.map(({ Id, AccountId, Expression, Label, Period, ReturnData, MetricStat }) =>
      present({
        id: Id,
        accountId: AccountId,
        expression: Expression,
        label: Label,
        period: Period,
        returnData: ReturnData,
        metric:
          MetricStat &&
          present({
            metricName: MetricStat.Metric?.MetricName,
            namespace: MetricStat.Metric?.Namespace,
            dimensions: fromDimensions(MetricStat.Metric?.Dimensions),
            period: MetricStat.Period,
            stat: MetricStat.Stat,
            unit: MetricStat.Unit,
          }),
      }),
    ),
  };
}

export const metricAlarm = defineType<MetricAlarmArgs>({
  token: "aws:cloudwatch/metricAlarm:MetricAlarm",
  fields: {
    actionsEnabled: flag({ default: true }),
    alarmActions: set(text()),
    alarmDescription: text(),
    comparisonOperator: text({ required: true }),
    datapointsToAlarm: number({ computed: true }),
    dimensions: map(text()),
    evaluateLowSampleCountPercentiles: text({ computed: true }),
    evaluationPeriods: number({ required: true }),
    extendedStatistic: text(),
    insufficientDataActions: set(text()),
    metricName: text(),
    metricQueries: set(
      object({
        id: text({ required: true }),
        accountId: text(),
        expression: text(),
        label: text(),
        period: number(),
        returnData: flag({ default: false }),
        metric: object({
          metricName: text({ required: true }),
          namespace: text(),
          dimensions: map(text()),
          period: number({ required: true }),
          stat: text({ required: true }),
          unit: text(),
        }),
      }),
    ),
    name: text({ replaces: true }),
    namespace: text(),
    okActions: set(text()),
    period: number(),
    statistic: text(),
    tags,
    threshold: number({ default: 0 }),
    thresholdMetricId: text(),
    treatMissingData: text({ default: "missing" }),
    unit: text(),
  },
  outputs: ["arn"],
  name: { property: "name", max: 255 },
  identity: ["name"],
  tagged: true,
  gone: ["ResourceNotFound", "ResourceNotFoundException"],
  async create(inputs, aws) {
    // Tags of an existing alarm are not touched by this call: hence the other calls on update.
    await aws
      .get(CloudWatchClient)
      .send(new PutMetricAlarmCommand({ ...request(inputs), Tags: pairs(inputs.tagsAll) }));
    return must(inputs.name, "name");
  },
  async update(name, inputs, aws, olds) {
    const cloudwatch = aws.get(CloudWatchClient);
    await cloudwatch.send(new PutMetricAlarmCommand(request(inputs)));
    const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
    const ResourceARN = MetricAlarms?.[0]?.AlarmArn;
    await settleTags(olds.tagsAll, inputs.tagsAll, {
      untag: (TagKeys) => cloudwatch.send(new UntagResourceCommand({ ResourceARN, TagKeys })),
      tag: (wanted) => cloudwatch.send(new TagResourceCommand({ ResourceARN, Tags: pairs(wanted) })),
    });
  },
  async read(name, aws) {
    const cloudwatch = aws.get(CloudWatchClient);
    const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
    const [found] = MetricAlarms ?? [];
    if (found === undefined) return undefined;
    const { Tags } = await cloudwatch.send(new ListTagsForResourceCommand({ ResourceARN: found.AlarmArn }));
    return { inputs: { ...live(found), tags: fromPairs(Tags) }, outputs: { arn: found.AlarmArn } };
  },
  async remove(name, aws) {
    await aws.get(CloudWatchClient).send(new DeleteAlarmsCommand({ AlarmNames: [name] }));
  },
});

async function putDashboard(inputs: Inputs<DashboardArgs>, client: CloudWatchClient): Promise<void> {
  const DashboardBody = inputs.dashboardBody;
  await client.send(new PutDashboardCommand({ DashboardName: inputs.dashboardName, DashboardBody }));
}

export const dashboard = defineType<DashboardArgs>({
  token: "aws:cloudwatch/dashboard:Dashboard",
  fields: {
    dashboardBody: json({ required: true }),
    dashboardName: text({ required: true, replaces: true }),
  },
  outputs: ["dashboardArn"],
  identity: ["dashboardName"],
  gone: ["ResourceNotFound", "DashboardNotFoundError"],
  async create(inputs, aws) {
    await putDashboard(inputs, aws.get(CloudWatchClient));
    return inputs.dashboardName;
  },
  async update(_id, inputs, aws) {
    await putDashboard(inputs, aws.get(CloudWatchClient));
  },
  async read(name, aws) {
    const found = await aws.get(CloudWatchClient).send(new GetDashboardCommand({ DashboardName: name }));
    return {
      inputs: { dashboardName: name, dashboardBody: found.DashboardBody },
      outputs: { dashboardArn: found.DashboardArn },
    };
  },
  async remove(name, aws) {
    await aws.get(CloudWatchClient).send(new DeleteDashboardsCommand({ DashboardNames: [name] }));
  },
});
