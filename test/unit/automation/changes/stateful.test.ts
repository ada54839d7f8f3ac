import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { permissionTypes } from "../../../../automation/changes/permissions";
import { isStateful, statelessTypes } from "../../../../automation/changes/stateful";

const sdk = dirname(require.resolve("@pulumi/aws/package.json"));

/** Whether the SDK has a resource of exactly this type. */
function exists(type: string): boolean {
  const [, module = ""] = type.split(":");
  const file = join(sdk, `${module}.js`);
  return existsSync(file) && readFileSync(file, "utf8").includes(`__pulumiType = '${type}'`);
}

describe("what may be lost with a resource", () => {
  test.each([
    "aws:iam/role:Role",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:s3/bucketVersioning:BucketVersioning",
  ])("is nothing of a %s", (type) => expect(isStateful(type)).toBe(false));

  test("is nothing of a provider", () => expect(isStateful("pulumi:providers:aws")).toBe(false));

  test.each([
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketObjectv2:BucketObjectv2",
    "aws:dynamodb/table:Table",
    "aws:kms/key:Key",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:secretsmanager/secret:Secret",
    "aws:ssm/parameter:Parameter",
    "aws:sqs/queue:Queue",
    "aws:sns/topic:Topic",
    "aws:sns/topicSubscription:TopicSubscription",
    "aws:codepipeline/pipeline:Pipeline",
    "something:nobody/knows:Thing",
  ])("is something of a %s", (type) => expect(isStateful(type)).toBe(true));
});

test("the tables name only types that there are, each once", () => {
  expect(statelessTypes.filter((type) => !exists(type))).toEqual([]);
  expect(permissionTypes.filter((type) => !exists(type))).toEqual([]);
  expect(new Set(statelessTypes).size).toBe(statelessTypes.length);
  expect(exists("aws:iam/role:Rule")).toBe(false);
});
