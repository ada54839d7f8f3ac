import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  KMSClient,
  NotFoundException,
} from "@aws-sdk/client-kms";
import {
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
  HeadBucketCommand,
  NotFound,
  PutBucketEncryptionCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { version as pinned } from "@pulumi/pulumi/version";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { untar } from "../../../../automation/release/archives";
import { awsBackendResources } from "../../../../automation/setup/awsBackend";
import { setUpBackend } from "../../../../automation/setup/backend";
import { setUpToolchain, type ToolchainPorts } from "../../../../automation/setup/toolchain";
import { packToolchain, toolchainOnPath } from "../../../../automation/setup/toolchainFolder";
import { sha256 } from "../../../../runtime/releases/domain";
import { folderWith } from "../support/checkoutFolder";
import { RecordedProgress } from "../support/progress";

const kms = mockClient(KMSClient);
const s3 = mockClient(S3Client);
beforeEach(() => {
  kms.reset();
  s3.reset();
});

describe("setup backend", () => {
  it("makes key and bucket, versioned, encrypted and closed", async () => {
    kms.on(DescribeKeyCommand).rejects(new NotFoundException({ message: "no", $metadata: {} }));
    kms.on(CreateKeyCommand).resolves({ KeyMetadata: { Arn: "arn:key", KeyId: "key" } });
    s3.on(HeadBucketCommand).rejects(new NotFound({ message: "no", $metadata: {} }));
    const { document } = await setUp("eu-west-1");
    expect(document).toMatchObject({
      bucket: "kiro-pipeline-prod-backend-111122223333",
      bucketMade: true,
      keyMade: true,
      keyArn: "arn:key",
    });
    expect(kms.commandCalls(EnableKeyRotationCommand)).toHaveLength(1);
    expect(kms.commandCalls(CreateAliasCommand)[0]?.args[0].input).toEqual({
      AliasName: "alias/kiro-pipeline-prod-backend",
      TargetKeyId: "key",
    });
    expect(s3.commandCalls(CreateBucketCommand)[0]?.args[0].input).toMatchObject({
      CreateBucketConfiguration: { LocationConstraint: "eu-west-1" },
    });
    expect(s3.commandCalls(PutBucketVersioningCommand)[0]?.args[0].input.VersioningConfiguration).toEqual({
      Status: "Enabled",
    });
    expect(
      s3.commandCalls(PutBucketEncryptionCommand)[0]?.args[0].input.ServerSideEncryptionConfiguration?.Rules?.[0]
        ?.ApplyServerSideEncryptionByDefault,
    ).toEqual({ SSEAlgorithm: "aws:kms", KMSMasterKeyID: "arn:key" });
    expect(
      Object.values(
        s3.commandCalls(PutPublicAccessBlockCommand)[0]?.args[0].input.PublicAccessBlockConfiguration ?? {},
      ),
    ).toEqual([true, true, true, true]);
  });

  it("keeps what is there, and secures it again", async () => {
    kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { Arn: "arn:key", KeyId: "key" } });
    const { document } = await setUp("us-east-1");
    expect(document).toMatchObject({ bucketMade: false, keyMade: false });
    expect([kms.commandCalls(CreateKeyCommand), s3.commandCalls(CreateBucketCommand)]).toEqual([[], []]);
    expect(s3.commandCalls(PutPublicAccessBlockCommand)).toHaveLength(1);
  });

  it("takes a bucket that was made at the same moment for its own, and names no location in us-east-1", async () => {
    kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { Arn: "arn:key", KeyId: "key" } });
    s3.on(HeadBucketCommand).rejects(new NotFound({ message: "no", $metadata: {} }));
    s3.on(CreateBucketCommand).rejects(new BucketAlreadyOwnedByYou({ message: "yours", $metadata: {} }));
    expect((await setUp("us-east-1")).document["bucketMade"]).toBe(false);
    expect(s3.commandCalls(CreateBucketCommand)[0]?.args[0].input).toEqual({
      Bucket: "kiro-pipeline-prod-backend-111122223333",
    });
  });

  it("hides no denial", async () => {
    kms.on(DescribeKeyCommand).rejects(new Error("AccessDeniedException: kms:DescribeKey"));
    await expect(setUp("us-east-1")).rejects.toThrow("kms:DescribeKey");
    kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { Arn: "arn:key", KeyId: "key" } });
    s3.on(HeadBucketCommand).rejects(new Error("403"));
    await expect(setUp("us-east-1")).rejects.toThrow("403");
    s3.on(HeadBucketCommand).rejects(new NotFound({ message: "no", $metadata: {} }));
    s3.on(CreateBucketCommand).rejects(new Error("BucketAlreadyExists"));
    await expect(setUp("us-east-1")).rejects.toThrow("BucketAlreadyExists");
  });
});

describe("setup toolchain", () => {
  it("uploads under the digest and tells the builds", async () => {
    const store = new Store();
    const { document } = await setUpToolchain("prod", store, new RecordedProgress());
    const digest = sha256("toolchain");
    expect(document).toMatchObject({ digest, uploaded: true, parameterChanged: true });
    expect([...store.objects.keys()]).toEqual([`toolchain/${digest}.tar.gz`]);
    expect(store.parameters.get("/kiro-pipeline/prod/toolchain-digest")).toBe(digest);
  });

  it("does nothing the second time", async () => {
    const store = new Store();
    await setUpToolchain("prod", store, new RecordedProgress());
    store.writes = 0;
    const { document } = await setUpToolchain("prod", store, new RecordedProgress());
    expect([store.writes, document["uploaded"], document["parameterChanged"]]).toEqual([0, false, false]);
  });
});

describe("the toolchain's archive", () => {
  it("has the executables, the provider and nothing else, the same bytes each time", async () => {
    const folders = { toolchain: await folderWith(toolchain), pulumiHome: await folderWith(plugins) };
    const archive = await packToolchain(folders, await temporary());
    expect(sha256(archive)).toBe(sha256(await packToolchain(folders, await temporary())));
    const unpacked = await temporary();
    await untar(archive, unpacked);
    const entries = await readdir(unpacked, { recursive: true, withFileTypes: true });
    expect(
      entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(unpacked.length + 1))
        .sort(),
    ).toEqual([
      "bin/pulumi",
      "bin/pulumi-analyzer-policy",
      "bin/pulumi-language-nodejs",
      "home/plugins/resource-aws-v7.48.0/PulumiPlugin.yaml",
      "home/plugins/resource-aws-v7.48.0/pulumi-resource-aws",
    ]);
  });

  it("is refused without the executables or the provider", async () => {
    const full = { toolchain: await folderWith(toolchain), pulumiHome: await folderWith(plugins) };
    await expect(packToolchain({ ...full, toolchain: await temporary() }, await temporary())).rejects.toThrow(
      "The Pulumi toolchain lacks pulumi, pulumi-language-nodejs, pulumi-analyzer-policy",
    );
    await expect(packToolchain({ ...full, pulumiHome: await temporary() }, await temporary())).rejects.toThrow(
      "The provider plugin resource-aws-v7.48.0 is not installed",
    );
  });

  it("is found on PATH only complete and in the pinned version", async () => {
    const root = await folderWith(toolchain);
    const incomplete = await folderWith({ "bin/pulumi": "1" });
    const path = ["/nowhere/bin", join(incomplete, "bin"), join(root, "bin")].join(":");
    expect(await toolchainOnPath(path, async () => `v${pinned}`)).toBe(root);
    expect(await toolchainOnPath(path, async () => "v3.1.0")).toBeUndefined();
  });
});

// Helpers

const toolchain = {
  "bin/pulumi": "1",
  "bin/pulumi-language-nodejs": "2",
  "bin/pulumi-analyzer-policy": "3",
  "bin/pulumi-language-python": "4",
};

const plugins = {
  "plugins/resource-aws-v7.48.0/pulumi-resource-aws": "5",
  "plugins/resource-aws-v7.48.0/PulumiPlugin.yaml": "6",
  "plugins/resource-random-v1.0.0/pulumi-resource-random": "7",
};

const temporary = (): Promise<string> => mkdtemp(join(tmpdir(), "toolchain-test-"));

const setUp = (region: string) =>
  setUpBackend(
    "prod",
    "111122223333",
    region,
    awsBackendResources(new KMSClient({ region }), new S3Client({ region }), region),
    new RecordedProgress(),
  );

class Store implements ToolchainPorts {
  readonly objects = new Map<string, Uint8Array>();
  readonly parameters = new Map<string, string>();
  writes = 0;

  pack = async () => Buffer.from("toolchain");
  isPublished = async (key: string) => this.objects.has(key);
  publish = async (key: string, archive: Uint8Array) => {
    this.writes += 1;
    this.objects.set(key, archive);
  };
  readParameter = async (name: string) => this.parameters.get(name);
  writeParameter = async (name: string, value: string) => {
    this.writes += 1;
    this.parameters.set(name, value);
  };
}
