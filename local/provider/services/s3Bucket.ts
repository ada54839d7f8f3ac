import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectsCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  PutBucketTaggingCommand,
  S3Client,
  type BucketLocationConstraint,
} from "@aws-sdk/client-s3";
import type { BucketArgs } from "@pulumi/aws/s3";
import type { Clients } from "../clients";
import { errorCode } from "../failures";
import { flag, text } from "../fields";
import { defineType, must, tags } from "../resourceType";
import { fromPairs, pairs } from "../tagging";

async function putTags(
  Bucket: string,
  wanted: Readonly<Record<string, string>> | undefined,
  aws: Clients,
): Promise<void> {
  const TagSet = pairs(wanted);
  const s3 = aws.get(S3Client);
  if (TagSet.length === 0) await s3.send(new DeleteBucketTaggingCommand({ Bucket }));
  else await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
}

async function tagsOf(Bucket: string, aws: Clients): Promise<Record<string, string>> {
  try {
    const { TagSet } = await aws.get(S3Client).send(new GetBucketTaggingCommand({ Bucket }));
    return fromPairs(TagSet);
  } catch (error) {
    if (errorCode(error) === "NoSuchTagSet") return {};
    throw error;
  }
}

/** Deletes every version of every object, a page of at most 1000 at a time. */
async function empty(Bucket: string, aws: Clients): Promise<void> {
  const s3 = aws.get(S3Client);
  for (;;) {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ Key, VersionId }) => ({
      Key,
      VersionId,
    }));
    if (Objects.length === 0) return;
    const { Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    const [failed] = Errors ?? [];
    if (failed !== undefined) throw new Error(`${failed.Code ?? "unknown error"}: cannot delete ${failed.Key ?? "?"}`);
  }
}

export const bucket = defineType<BucketArgs>({
  token: "aws:s3/bucket:Bucket",
  fields: {
    bucket: text({ replaces: true }),
    forceDestroy: flag({ default: false }),
    objectLockEnabled: flag({ replaces: true, default: false }),
    tags,
  },
  outputs: ["arn", "bucketDomainName", "bucketRegion", "bucketRegionalDomainName", "hostedZoneId", "region"],
  name: { property: "bucket", max: 63 },
  identity: ["bucket"],
  tagged: true,
  gone: ["NoSuchBucket", "NotFound"],
  async create(inputs, aws, made) {
    const Bucket = must(inputs.bucket, "bucket");
    // us-east-1 is S3's default place and is refused as a constraint.
    const place = aws.region === "us-east-1" ? undefined : (aws.region as BucketLocationConstraint);
    await aws.get(S3Client).send(
      new CreateBucketCommand({
        Bucket,
        ObjectLockEnabledForBucket: inputs.objectLockEnabled,
        ...(place === undefined ? {} : { CreateBucketConfiguration: { LocationConstraint: place } }),
      }),
    );
    made(Bucket);
    if (Object.keys(inputs.tagsAll ?? {}).length > 0) await putTags(Bucket, inputs.tagsAll, aws);
    return Bucket;
  },
  async update(id, inputs, aws) {
    await putTags(id, inputs.tagsAll, aws);
  },
  async read(id, aws) {
    const { BucketRegion } = await aws.get(S3Client).send(new HeadBucketCommand({ Bucket: id }));
    const region = BucketRegion ?? aws.region;
    return {
      inputs: { bucket: id, tags: await tagsOf(id, aws) },
      outputs: {
        arn: `arn:aws:s3:::${id}`,
        bucketDomainName: `${id}.s3.amazonaws.com`,
        bucketRegion: region,
        bucketRegionalDomainName: `${id}.s3.${region}.amazonaws.com`,
        // The zone of S3 in us-east-1, as in AWS's table of S3 website endpoints.
        hostedZoneId: "Z3AQBSTGFYJSTF",
        region,
      },
    };
  },
  async remove(id, aws, inputs) {
    if (inputs.forceDestroy) await empty(id, aws);
    await aws.get(S3Client).send(new DeleteBucketCommand({ Bucket: id }));
  },
});
