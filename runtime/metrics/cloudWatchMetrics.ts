import { type CloudWatchClient, PutMetricDataCommand, type StandardUnit } from "@aws-sdk/client-cloudwatch";
import { messageOf } from "../messageOf";
import type { RollbackLog } from "../rollback/ports";
import type { Environment, RollbackLevel } from "../types";
import type { PipelineMetrics } from "./ports";

const NAMESPACE = "KiroPipeline";

/** @param pipelineName tells the installations of one account apart. */
export function cloudWatchMetrics(
  client: CloudWatchClient,
  pipelineName: string,
  log: Pick<RollbackLog, "warn">,
): PipelineMetrics {
  async function publish(
    MetricName: string,
    Value: number,
    Unit: StandardUnit,
    details: Readonly<Record<string, string>>,
  ): Promise<void> {
    const pipeline = { Name: "Pipeline", Value: pipelineName };
    const dimensions = Object.entries(details).map(([Name, value]) => ({ Name, Value: value }));
    const datum = { MetricName, Value, Unit };
    // Twice, because CloudWatch does not add up over dimensions: alarms watch the series of the pipeline alone.
    const MetricData = [
      { ...datum, Dimensions: [...dimensions, pipeline] },
      { ...datum, Dimensions: [pipeline] },
    ];
    try {
      await client.send(new PutMetricDataCommand({ Namespace: NAMESPACE, MetricData }));
    } catch (error) {
      log.warn("a metric was lost", { metric: MetricName, value: Value, ...details, error: messageOf(error) });
    }
  }

  return {
    publishDeploymentDuration: (Environment: Environment, seconds: number) =>
      publish("DeploymentDuration", seconds, "Seconds", { Environment }),
    publishRollback: (Environment: Environment, Level: RollbackLevel) =>
      publish("RollbackCount", 1, "Count", { Environment, Level }),
    publishRollbackDuration: (Environment: Environment, Level: RollbackLevel, seconds: number) =>
      publish("RollbackDuration", seconds, "Seconds", { Environment, Level }),
    publishPipelineFailure: (Stage: string) => publish("PipelineFailures", 1, "Count", { Stage }),
  };
}
