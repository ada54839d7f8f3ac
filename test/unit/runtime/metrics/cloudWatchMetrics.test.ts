import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { cloudWatchMetrics } from "../../../../runtime/metrics/cloudWatchMetrics";
import type { PipelineMetrics } from "../../../../runtime/metrics/ports";

const cloudWatch = mockClient(CloudWatchClient);
const warnings: [string, unknown][] = [];
const metrics = cloudWatchMetrics(new CloudWatchClient({ region: "us-east-1" }), "kiro-pipeline-prod", {
  warn: (message, details) => void warnings.push([message, details]),
});
const PIPELINE = { Name: "Pipeline", Value: "kiro-pipeline-prod" };
beforeEach(() => {
  cloudWatch.reset();
  cloudWatch.on(PutMetricDataCommand).resolves({});
  warnings.length = 0;
});

describe("a metric", () => {
  it.each<[string, (publish: PipelineMetrics) => Promise<void>, object, Record<string, string>]>([
    [
      "DeploymentDuration",
      (to) => to.publishDeploymentDuration("production", 90),
      { Value: 90, Unit: "Seconds" },
      { Environment: "production" },
    ],
    [
      "RollbackCount",
      (to) => to.publishRollback("staging", "full"),
      { Value: 1, Unit: "Count" },
      { Environment: "staging", Level: "full" },
    ],
    [
      "RollbackDuration",
      (to) => to.publishRollbackDuration("test", "stage", 3.5),
      { Value: 3.5, Unit: "Seconds" },
      { Environment: "test", Level: "stage" },
    ],
    ["PipelineFailures", (to) => to.publishPipelineFailure("Build"), { Value: 1, Unit: "Count" }, { Stage: "Build" }],
  ])("%s is published with its dimensions and for the pipeline alone", async (MetricName, publish, value, details) => {
    await publish(metrics);
    const dimensions = Object.entries(details).map(([Name, Value]) => ({ Name, Value }));
    expect(cloudWatch.commandCalls(PutMetricDataCommand).map(({ args }) => args[0].input)).toEqual([
      {
        Namespace: "KiroPipeline",
        MetricData: [
          { MetricName, ...value, Dimensions: [...dimensions, PIPELINE] },
          { MetricName, ...value, Dimensions: [PIPELINE] },
        ],
      },
    ]);
    expect(warnings).toEqual([]);
  });

  it("that is lost is logged, and nothing else happens", async () => {
    cloudWatch.on(PutMetricDataCommand).rejects(new Error("throttled"));
    await metrics.publishRollback("production", "stage");
    expect(warnings).toEqual([
      [
        "a metric was lost",
        { metric: "RollbackCount", value: 1, Environment: "production", Level: "stage", error: "throttled" },
      ],
    ]);
  });
});
