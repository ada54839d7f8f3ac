import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { startEmulator, type TestEmulator } from "../../../support/emulator";

let emulator: TestEmulator;
const root = { accessKeyId: "test", secretAccessKey: "test" };

beforeAll(async () => {
  emulator = await startEmulator();
}, 60_000);
afterAll(async () => {
  await emulator.stop();
}, 60_000);

test("the emulator serves S3 on its own port", async () => {
  const s3 = new S3Client({ endpoint: emulator.endpoint, region: "us-east-1", credentials: root });
  await s3.send(new CreateBucketCommand({ Bucket: "things" }));
  await s3.send(new PutObjectCommand({ Bucket: "things", Key: "a", Body: "hello" }));
  const read = await s3.send(new GetObjectCommand({ Bucket: "things", Key: "a" }));
  await expect(read.Body?.transformToString()).resolves.toBe("hello");
});

test("a role without a permission is refused", async () => {
  const client = { endpoint: emulator.endpoint, region: "us-east-1" };
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
  const iam = new IAMClient({ ...client, credentials: root });
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: "nobody", AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  const sts = new STSClient({ ...client, credentials: root });
  const session = await sts.send(new AssumeRoleCommand({ RoleArn: Role?.Arn ?? "", RoleSessionName: "test" }));
  const credentials = {
    accessKeyId: session.Credentials?.AccessKeyId ?? "",
    secretAccessKey: session.Credentials?.SecretAccessKey ?? "",
    sessionToken: session.Credentials?.SessionToken ?? "",
  };
  const s3 = new S3Client({ ...client, credentials });
  await expect(s3.send(new GetObjectCommand({ Bucket: "things", Key: "a" }))).rejects.toMatchObject({
    name: "AccessDenied",
  });
});
