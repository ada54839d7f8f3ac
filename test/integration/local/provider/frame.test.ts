import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { CreateUserCommand, CreateAccessKeyCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { DeleteBucketCommand, PutBucketTaggingCommand, S3Client } from "@aws-sdk/client-s3";
import { UNKNOWN, secret } from "../../../../local/provider/values";
import { startEmulator, type TestEmulator } from "../../../support/emulator";
import { Engine, halfMadeOf } from "./engine";

const BUCKET = "aws:s3/bucket:Bucket";
const PARAMETER = "aws:ssm/parameter:Parameter";
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

/** A provider that acts as a user with the given rights alone. */
async function startAs(name: string, actions: readonly string[]): Promise<Engine> {
  const iam = new IAMClient({});
  await iam.send(new CreateUserCommand({ UserName: name }));
  const Statement = [{ Effect: "Allow", Action: actions, Resource: "*" }];
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: "rights", PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  iam.destroy();
  process.env["AWS_ACCESS_KEY_ID"] = AccessKey?.AccessKeyId;
  process.env["AWS_SECRET_ACCESS_KEY"] = AccessKey?.SecretAccessKey;
  return Engine.start({ region: "us-east-1" });
}

describe("what is not served is named", () => {
  test("a type", async () => {
    await expect(engine.check("aws:ec2/vpc:Vpc", {})).rejects.toThrow("does not serve the type aws:ec2/vpc:Vpc");
  });

  test("a property, also inside others", async () => {
    await expect(engine.check(BUCKET, { acl: "private" })).rejects.toThrow('does not know the property "acl"');
    const rules = [{ id: "a", status: "Enabled", filter: { prefx: "x" } }];
    const type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
    await expect(engine.check(type, { bucket: "b", rules })).rejects.toThrow('"rules[0].filter.prefx"');
  });

  test("a function", async () => {
    await expect(engine.invoke("aws:ec2/getAmi:getAmi", {})).rejects.toThrow("does not serve the function aws:ec2/");
  });

  test("a provider setting", async () => {
    await expect(Engine.start({ region: "us-east-1", profle: "x" })).rejects.toThrow('provider setting "profle"');
  });
});

describe("failures of AWS", () => {
  test("carry AWS's code first and the URN last", async () => {
    const user = await startAs("nobody", ["sts:GetCallerIdentity"]);
    try {
      await expect(user.create(BUCKET, { bucket: "denied" })).rejects.toMatchObject({
        details: expect.stringMatching(
          /^AccessDenied.*: .+ \(urn:pulumi:trial::program::aws:s3\/bucket:Bucket::thing\)$/,
        ),
      });
    } finally {
      await user.stop();
      Object.assign(process.env, emulator.env);
    }
  });

  test("a bucket that was made but could not be tagged is recorded, and the next update completes it", async () => {
    const user = await startAs("halfway", ["s3:CreateBucket", "s3:ListBucket"]);
    const failure = await user.create(BUCKET, { bucket: "halfway", tags: { A: "1" } }).catch((error: unknown) => error);
    await user.stop();
    Object.assign(process.env, emulator.env);
    const recorded = halfMadeOf(failure);
    expect(recorded).toMatchObject({ id: "halfway", inputs: { bucket: "halfway", tagsAll: { A: "1" } } });
    const resource = { type: BUCKET, id: "halfway", inputs: recorded?.inputs ?? {}, outputs: {} };
    const repaired = await engine.update(resource, { bucket: "halfway", tags: { A: "1" } });
    expect((await engine.read(repaired))?.inputs).toEqual(repaired.inputs);
  });
});

describe("previews", () => {
  test("tell inputs, and unknown for what AWS decides", async () => {
    const seen = await engine.previewCreate(BUCKET, { tags: { A: UNKNOWN } });
    expect(seen).toMatchObject({ arn: UNKNOWN, tagsAll: { A: UNKNOWN }, bucket: expect.stringMatching(/^thing-/) });
  });

  test("of an update change nothing", async () => {
    const made = await engine.create(PARAMETER, { name: "/preview", type: "String", value: "one" });
    const seen = await engine.update(made, { name: "/preview", type: "String", value: "two" }, true);
    expect(seen.outputs).toMatchObject({ value: secret("two"), version: UNKNOWN });
    expect((await engine.read(made))?.inputs).toEqual(made.inputs);
  });
});

describe("secrets", () => {
  test("reach AWS plain and the state wrapped, also after a refresh that found another value", async () => {
    const made = await engine.create(PARAMETER, { name: "/s", type: "SecureString", value: "hush" });
    expect(made.outputs["value"]).toEqual(secret("hush"));
    const imported = await engine.read({ type: PARAMETER, id: "/s" });
    expect(imported?.inputs["value"]).toEqual(secret("hush"));
    await engine.update(made, { name: "/s", type: "SecureString", value: secret("other") });
    expect((await engine.read(made))?.inputs["value"]).toEqual(secret("other"));
  });
});

describe("drift", () => {
  test("is found by a refresh, mended by an update, and a vanished resource reads as gone", async () => {
    const made = await engine.create(BUCKET, { bucket: "drifting", tags: { A: "1" } });
    const s3 = new S3Client({ forcePathStyle: true });
    const TagSet = [{ Key: "A", Value: "by hand" }];
    await s3.send(new PutBucketTaggingCommand({ Bucket: "drifting", Tagging: { TagSet } }));
    const found = await engine.read(made);
    expect(found?.inputs["tags"]).toEqual({ A: "by hand" });
    const drifted = { ...made, inputs: found?.inputs ?? {} };
    expect((await engine.diff(drifted, { bucket: "drifting", tags: { A: "1" } })).paths).toEqual([
      "tags.A",
      "tagsAll.A",
    ]);
    const mended = await engine.update(drifted, { bucket: "drifting", tags: { A: "1" } });
    expect((await engine.read(mended))?.inputs).toEqual(made.inputs);
    await s3.send(new DeleteBucketCommand({ Bucket: "drifting" }));
    s3.destroy();
    expect(await engine.read(made)).toBeUndefined();
  });
});

describe("replacement", () => {
  test("deletes first while the physical name stays, and last when it is automatic", async () => {
    const trust = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    const named = { type: "aws:iam/role:Role", id: "r", outputs: {} };
    const inputs = await engine.check(named.type, { name: "r", assumeRolePolicy: trust });
    const moved = await engine.diff({ ...named, inputs }, { name: "r", assumeRolePolicy: trust, path: "/x/" });
    expect(moved).toMatchObject({ replaces: ["path"], deleteBeforeReplace: true });
    const automatic = await engine.check(named.type, { assumeRolePolicy: trust });
    const other = await engine.diff({ ...named, inputs: automatic }, { assumeRolePolicy: trust, path: "/x/" });
    expect(other).toMatchObject({ replaces: ["path"], deleteBeforeReplace: false });
  });
});

describe("functions", () => {
  test("tell who, where and in which partition", async () => {
    expect(await engine.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})).toMatchObject({
      accountId: "000000000000",
      arn: "arn:aws:iam::000000000000:root",
    });
    expect(await engine.invoke("aws:index/getRegion:getRegion", {})).toMatchObject({ name: "us-east-1" });
    expect(await engine.invoke("aws:index/getPartition:getPartition", {})).toMatchObject({ partition: "aws" });
  });

  test("render policy documents", async () => {
    const statements = [{ actions: ["s3:GetObject"], resources: ["*"] }];
    const { json } = await engine.invoke("aws:iam/getPolicyDocument:getPolicyDocument", { statements });
    expect(JSON.parse(json as string)).toMatchObject({ Statement: [{ Effect: "Allow", Action: "s3:GetObject" }] });
  });
});

describe("assets", () => {
  const asset = (content: string): { readonly [key: string]: string } => ({
    "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17",
    text: content,
    hash: content,
  });

  test("an object is uploaded again when the hash of its source changes, and only then", async () => {
    await engine.create(BUCKET, { bucket: "assets", forceDestroy: true });
    const made = await engine.create("aws:s3/bucketObjectv2:BucketObjectv2", {
      bucket: "assets",
      key: "k",
      source: asset("one"),
    });
    expect(await engine.diff(made, { bucket: "assets", key: "k", source: asset("one") })).toMatchObject({
      changed: [],
    });
    const difference = await engine.diff(made, { bucket: "assets", key: "k", source: asset("two") });
    expect(difference.changed).toEqual(["source"]);
    const changed = await engine.update(made, { bucket: "assets", key: "k", source: asset("two") });
    expect(changed.outputs["etag"]).not.toEqual(made.outputs["etag"]);
  });
});

test("the engine is told what the plugin is and understands", async () => {
  expect(await engine.introduction()).toEqual({
    acceptsSecrets: true,
    version: "7.48.0",
    schemaName: "aws",
    configMistake: "nonsense",
    configChanges: ["region"],
  });
});
