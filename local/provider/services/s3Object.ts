import {
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  DeleteObjectsCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  type ServerSideEncryption,
  type StorageClass,
} from "@aws-sdk/client-s3";
import type { BucketObjectv2Args } from "@pulumi/aws/s3";
import { bytesOf } from "../assets";
import type { Clients } from "../clients";
import { asset, flag, map, text } from "../fields";
import { defineType, must, tags, type Inputs } from "../resourceType";
import { fromPairs, pairs, settleTags } from "../tagging";

const nameOf = (given: unknown): string => String(given);

async function put(Bucket: string, Key: string, inputs: Inputs<BucketObjectv2Args>, aws: Clients): Promise<void> {
  const { content, contentBase64, source, serverSideEncryption, kmsKeyId } = inputs;
  const Body =
    source !== undefined
      ? bytesOf(source)
      : contentBase64 !== undefined
        ? Buffer.from(contentBase64, "base64")
        : Buffer.from(content ?? "", "utf8");
  const Tagging = new URLSearchParams(inputs.tagsAll ?? {}).toString();
  await aws.get(S3Client).send(
    new PutObjectCommand({
      Bucket,
      Key,
      Body,
      ContentType: inputs.contentType,
      CacheControl: inputs.cacheControl,
      Metadata: inputs.metadata,
      StorageClass: inputs.storageClass as StorageClass | undefined,
      ServerSideEncryption: (serverSideEncryption ?? (kmsKeyId === undefined ? undefined : "aws:kms")) as
        ServerSideEncryption | undefined,
      SSEKMSKeyId: kmsKeyId,
      BucketKeyEnabled: inputs.bucketKeyEnabled,
      ...(Tagging === "" ? {} : { Tagging }),
    }),
  );
}

/** Deletes every version of exactly this key. */
async function removeVersions(Bucket: string, Key: string, aws: Clients): Promise<void> {
  const s3 = aws.get(S3Client);
  const page = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
  const Objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]
    .filter((version) => version.Key === Key)
    .map(({ VersionId }) => ({ Key, VersionId }));
  if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
}

export const bucketObject = defineType<BucketObjectv2Args>({
  token: "aws:s3/bucketObjectv2:BucketObjectv2",
  fields: {
    bucket: text({ required: true, replaces: true }),
    key: text({ replaces: true }),
    content: text(),
    contentBase64: text(),
    source: asset(),
    // A mark of the content that the program makes itself: a change of it uploads again.
    sourceHash: text(),
    contentType: text({ computed: true }),
    cacheControl: text(),
    metadata: map(text()),
    storageClass: text({ default: "STANDARD" }),
    serverSideEncryption: text({ computed: true }),
    kmsKeyId: text({ computed: true }),
    bucketKeyEnabled: flag({ computed: true }),
    forceDestroy: flag({ default: false }),
    tags,
  },
  outputs: ["arn", "etag", "versionId"],
  volatile: ["etag", "versionId"],
  name: { property: "key", max: 1024 },
  identity: ["bucket", "key"],
  tagged: true,
  gone: ["NoSuchBucket", "NoSuchKey", "NotFound"],
  async create(inputs, aws) {
    const [bucket, key] = [nameOf(inputs.bucket), must(inputs.key, "key")];
    await put(bucket, key, inputs, aws);
    return `${bucket}/${key}`;
  },
  async update(id, inputs, aws, olds) {
    const [Bucket, Key] = splitId(id);
    await put(Bucket, Key, inputs, aws);
    await settleTags(olds.tagsAll, inputs.tagsAll, {
      untag: () => aws.get(S3Client).send(new DeleteObjectTaggingCommand({ Bucket, Key })),
      tag: (wanted) =>
        aws.get(S3Client).send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet: pairs(wanted) } })),
    });
  },
  async read(id, aws, inputs) {
    const [Bucket, Key] = splitId(id);
    const s3 = aws.get(S3Client);
    const found = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key }));
    return {
      inputs: {
        bucket: Bucket,
        key: Key,
        // S3 gives every object a type; only one that the program chose can drift.
        contentType: found.ContentType,
        cacheControl: found.CacheControl,
        metadata: found.Metadata,
        serverSideEncryption: found.ServerSideEncryption,
        ...(inputs.kmsKeyId === undefined ? { kmsKeyId: found.SSEKMSKeyId } : {}),
        tags: fromPairs(TagSet),
      },
      outputs: {
        arn: `arn:aws:s3:::${Bucket}/${Key}`,
        etag: found.ETag?.replaceAll('"', ""),
        versionId: found.VersionId ?? "",
      },
    };
  },
  async remove(id, aws, inputs) {
    const [Bucket, Key] = splitId(id);
    if (inputs.forceDestroy) await removeVersions(Bucket, Key, aws);
    else await aws.get(S3Client).send(new DeleteObjectCommand({ Bucket, Key }));
  },
});

function splitId(id: string): [string, string] {
  const [bucket = "", ...key] = id.replace(/^s3:\/\//, "").split("/");
  return [bucket, key.join("/")];
}
