import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { AttachRolePolicyCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { startEmulator, type TestEmulator } from "../../../support/emulator";
import { Engine } from "./engine";

const before = { ...process.env };
let emulator: TestEmulator;
let engine: Engine;

beforeAll(async () => {
  emulator = await startEmulator();
  Object.assign(process.env, emulator.env);
  engine = await Engine.start({ region: "us-east-1" });
}, 60_000);

afterAll(async () => {
  await engine.stop();
  await emulator.stop();
  process.env = before;
});

describe("a bucket that holds something", () => {
  const versioned = async (bucket: string, forceDestroy: boolean): Promise<Awaited<ReturnType<Engine["create"]>>> => {
    const made = await engine.create("aws:s3/bucket:Bucket", { bucket, forceDestroy });
    await engine.create("aws:s3/bucketVersioning:BucketVersioning", {
      bucket,
      versioningConfiguration: { status: "Enabled" },
    });
    const s3 = new S3Client({ forcePathStyle: true });
    for (const Body of ["one", "two"]) await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "k", Body }));
    s3.destroy();
    return made;
  };

  test("is emptied of all versions with forceDestroy", async () => {
    const made = await versioned("doomed", true);
    await engine.delete(made);
    expect(await engine.read(made)).toBeUndefined();
  });

  test("is refused without it, with AWS's code", async () => {
    const made = await versioned("kept", false);
    await expect(engine.delete(made)).rejects.toThrow("BucketNotEmpty");
  });

  test("lets a versioned object go with all its versions", async () => {
    await versioned("versions", true);
    const type = "aws:s3/bucketObjectv2:BucketObjectv2";
    const made = await engine.create(type, { bucket: "versions", key: "k", content: "three", forceDestroy: true });
    await engine.delete(made);
    expect(await engine.read(made)).toBeUndefined();
  });
});

test("a role is stripped of what others gave it with forceDetachPolicies", async () => {
  const assumeRolePolicy = JSON.stringify({ Version: "2012-10-17", Statement: [] });
  const RoleName = "adorned";
  const inputs = { name: RoleName, assumeRolePolicy, forceDetachPolicies: true };
  const made = await engine.create("aws:iam/role:Role", inputs);
  const iam = new IAMClient({});
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }));
  const Statement = [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }];
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "p", PolicyDocument }));
  iam.destroy();
  await engine.delete(made);
  expect(await engine.read(made)).toBeUndefined();
});

test("a key is scheduled for deletion, not gone at once, and reads as gone", async () => {
  const made = await engine.create("aws:kms/key:Key", { deletionWindowInDays: 8 });
  await engine.delete(made);
  const kms = new KMSClient({});
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: made.id }));
  kms.destroy();
  expect(KeyMetadata?.KeyState).toBe("PendingDeletion");
  expect(await engine.read(made)).toBeUndefined();
});

test("a table that is protected is refused, with AWS's code", async () => {
  const inputs = { name: "protected", hashKey: "id", attributes: [{ name: "id", type: "S" }] };
  const billed = { ...inputs, billingMode: "PAY_PER_REQUEST" };
  const made = await engine.create("aws:dynamodb/table:Table", { ...billed, deletionProtectionEnabled: true });
  await expect(engine.delete(made)).rejects.toThrow("ValidationException");
  await engine.delete(await engine.update(made, billed));
  expect(await engine.read(made)).toBeUndefined();
});

test("a log group that is to stay, stays", async () => {
  const made = await engine.create("aws:cloudwatch/logGroup:LogGroup", { name: "/stays", skipDestroy: true });
  await engine.delete(made);
  expect(await engine.read(made)).toBeDefined();
});

test("a policy keeps no more than IAM's five versions", async () => {
  const policyOf = (action: string): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: "*" }] });
  let policy = await engine.create("aws:iam/policy:Policy", { name: "often", policy: policyOf("s3:0") });
  for (let n = 1; n <= 6; n++) policy = await engine.update(policy, { name: "often", policy: policyOf(`s3:${n}`) });
  expect((await engine.read(policy))?.inputs["policy"]).toBe(policyOf("s3:6"));
  await engine.delete(policy);
  expect(await engine.read(policy)).toBeUndefined();
});

test("an e-mail subscription that nobody confirmed can be taken back", async () => {
  const topic = await engine.create("aws:sns/topic:Topic", { name: "mail" });
  const subscription = await engine.create("aws:sns/topicSubscription:TopicSubscription", {
    topic: topic.id,
    protocol: "email",
    endpoint: "somebody@example.com",
  });
  await engine.delete(subscription);
});
