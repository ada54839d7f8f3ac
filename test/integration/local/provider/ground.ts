import type { Engine } from "./engine";
import { codeOf, type Ground } from "./case";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** What the cases hang on, made by the provider itself. */
export async function layGround(engine: Engine): Promise<Ground> {
  const key = await engine.create("aws:kms/key:Key", {});
  const bucket = await engine.create("aws:s3/bucket:Bucket", { bucket: "ground", forceDestroy: true });
  const role = await engine.create("aws:iam/role:Role", { name: "ground", assumeRolePolicy: trust });
  const topic = await engine.create("aws:sns/topic:Topic", { name: "ground" });
  const queue = await engine.create("aws:sqs/queue:Queue", { name: "ground" });
  const main = await engine.create("aws:lambda/function:Function", {
    name: "ground",
    role: role.outputs["arn"] as string,
    runtime: "nodejs22.x",
    handler: "index.handler",
    code: codeOf("exports.handler = async () => 1;"),
  });
  const rule = await engine.create("aws:cloudwatch/eventRule:EventRule", {
    name: "ground",
    scheduleExpression: "rate(1 day)",
  });
  const secret = await engine.create("aws:secretsmanager/secret:Secret", { name: "ground", recoveryWindowInDays: 0 });
  return {
    keyArn: key.outputs["arn"] as string,
    bucket: bucket.id,
    role: role.id,
    roleArn: role.outputs["arn"] as string,
    topic: topic.id,
    queueUrl: queue.id,
    queueArn: queue.outputs["arn"] as string,
    functionName: main.id,
    rule: rule.id,
    secret: secret.id,
  };
}
