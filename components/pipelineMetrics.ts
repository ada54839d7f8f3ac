/** The pipeline's own measurements: who may publish them, and when they are worth an alarm. */
import type * as aws from "@pulumi/aws";
import type { AlarmRole, InstallationNames } from "./naming";
import { allow, type PolicyStatement } from "./policies";

const NAMESPACE = "KiroPipeline";
const HOUR_SECONDS = 60 * 60;

/** What a `MetricAlarm` says of itself; where it tells is its owner's matter. */
type AlarmSpec = Pick<
  aws.cloudwatch.MetricAlarmArgs,
  | "alarmDescription"
  | "namespace"
  | "metricName"
  | "dimensions"
  | "statistic"
  | "period"
  | "evaluationPeriods"
  | "comparisonOperator"
  | "threshold"
  | "treatMissingData"
>;

/** To publish what the pipeline measures of itself. */
export function metricsStatement(): PolicyStatement {
  // "*": PutMetricData has no resources; the namespace, which every call names, takes their place. IfExists, because
  // the emulator does not know the key.
  return allow(["cloudwatch:PutMetricData"], ["*"], { StringEqualsIfExists: { "cloudwatch:namespace": NAMESPACE } });
}

/** No data is good news for all of them: nothing failed, nothing was taken back, nothing is left over. */
export function alarmSpecs(names: Pick<InstallationNames, "pipeline" | "rollbackQueue">): Record<AlarmRole, AlarmSpec> {
  const once = { evaluationPeriods: 1, treatMissingData: "notBreaching" };
  const inAnHour = (metricName: string, most: number, alarmDescription: string): AlarmSpec => ({
    ...once,
    alarmDescription,
    namespace: NAMESPACE,
    metricName,
    // The series without environment, level or stage: CloudWatch does not add up over dimensions.
    dimensions: { Pipeline: names.pipeline },
    statistic: "Sum",
    period: HOUR_SECONDS,
    comparisonOperator: "GreaterThanThreshold",
    threshold: most,
  });
  return {
    failures: inAnHour("PipelineFailures", 3, `More than 3 stages of ${names.pipeline} failed in an hour`),
    rollbacks: inAnHour("RollbackCount", 2, `${names.pipeline} took back more than 2 deployments in an hour`),
    "rollback-dlq-not-empty": {
      ...once,
      alarmDescription: `${names.pipeline} could not take an event: look into ${names.rollbackQueue}`,
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: names.rollbackQueue },
      statistic: "Maximum",
      period: 60,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
    },
  };
}
