import type { Engine } from "./engine";
import type { Ground } from "./cases";

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
  return {
    keyArn: String(key.outputs["arn"]),
    bucket: bucket.id,
    role: role.id,
    roleArn: String(role.outputs["arn"]),
    topic: topic.id,
    queueUrl: "",
    queueArn: "arn:aws:sqs:us-east-1:000000000000:ground",
    functionName: "",
    rule: "",
    secret: "",
  };
}
