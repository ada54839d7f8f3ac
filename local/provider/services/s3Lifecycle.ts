import {
  DeleteBucketLifecycleCommand,
  GetBucketLifecycleConfigurationCommand,
  PutBucketLifecycleConfigurationCommand,
  S3Client,
  type ExpirationStatus,
  type LifecycleRule,
  type LifecycleRuleFilter,
  type TransitionDefaultMinimumObjectSize,
  type TransitionStorageClass,
} from "@aws-sdk/client-s3";
import type { Unwrap } from "@pulumi/pulumi";
import type { BucketLifecycleConfigurationArgs } from "@pulumi/aws/s3";
import type { input } from "@pulumi/aws/types";
import { flag, list, map, number, object, set, text } from "../fields";
import { present } from "../values";
import { fromPairs, pairs } from "../tagging";
import { bucketSetting } from "./bucketSetting";

type Rule = Unwrap<input.s3.BucketLifecycleConfigurationRule>;
type Filter = Unwrap<input.s3.BucketLifecycleConfigurationRuleFilter>;

const sizes = { objectSizeGreaterThan: number(), objectSizeLessThan: number() };
const rule = object({
  id: text({ required: true }),
  status: text({ required: true }),
  filter: object({
    prefix: text(),
    tag: object({ key: text({ required: true }), value: text({ required: true }) }),
    and: object({ prefix: text(), tags: map(text()), ...sizes }),
    ...sizes,
  }),
  expiration: object({ date: text(), days: number(), expiredObjectDeleteMarker: flag({ default: false }) }),
  transitions: set(object({ date: text(), days: number(), storageClass: text({ required: true }) })),
  noncurrentVersionExpiration: object({
    noncurrentDays: number({ required: true }),
    newerNoncurrentVersions: number(),
  }),
  noncurrentVersionTransitions: set(
    object({
      noncurrentDays: number({ required: true }),
      newerNoncurrentVersions: number(),
      storageClass: text({ required: true }),
    }),
  ),
  abortIncompleteMultipartUpload: object({ daysAfterInitiation: number() }),
});

const dated = (date: string | undefined): Date | undefined => (date === undefined ? undefined : new Date(date));

function toFilter(filter: Filter | undefined): LifecycleRuleFilter {
  if (filter?.and !== undefined) {
    const { prefix, tags, objectSizeGreaterThan, objectSizeLessThan } = filter.and;
    const Tags = tags === undefined ? undefined : pairs(tags);
    return {
      And: {
        Prefix: prefix,
        Tags,
        ObjectSizeGreaterThan: objectSizeGreaterThan,
        ObjectSizeLessThan: objectSizeLessThan,
      },
    };
  }
  if (filter?.tag !== undefined) return { Tag: { Key: filter.tag.key, Value: filter.tag.value } };
  if (filter?.objectSizeGreaterThan !== undefined) return { ObjectSizeGreaterThan: filter.objectSizeGreaterThan };
  if (filter?.objectSizeLessThan !== undefined) return { ObjectSizeLessThan: filter.objectSizeLessThan };
  return { Prefix: filter?.prefix ?? "" };
}

function fromFilter(filter: LifecycleRuleFilter | undefined): unknown {
  if (filter === undefined) return undefined;
  const { And, Tag } = filter;
  return {
    // An empty prefix says the same as no filter.
    prefix: filter.Prefix || undefined,
    tag: Tag === undefined ? undefined : { key: Tag.Key, value: Tag.Value },
    objectSizeGreaterThan: filter.ObjectSizeGreaterThan,
    objectSizeLessThan: filter.ObjectSizeLessThan,
    and: And && {
      prefix: And.Prefix,
      tags: And.Tags && fromPairs(And.Tags),
      objectSizeGreaterThan: And.ObjectSizeGreaterThan || undefined,
      objectSizeLessThan: And.ObjectSizeLessThan,
    },
  };
}

function toRule(given: Rule): LifecycleRule {
  const { expiration, noncurrentVersionExpiration: old, abortIncompleteMultipartUpload: abort } = given;
  return {
    ID: given.id,
    Status: given.status as ExpirationStatus,
    Filter: toFilter(given.filter),
    Expiration: expiration && {
      Date: dated(expiration.date),
      Days: expiration.days,
      ExpiredObjectDeleteMarker: expiration.expiredObjectDeleteMarker,
    },
    Transitions: given.transitions?.map(({ date, days, storageClass }) => ({
      Date: dated(date),
      Days: days,
      StorageClass: storageClass as TransitionStorageClass,
    })),
    NoncurrentVersionExpiration: old && {
      NoncurrentDays: old.noncurrentDays,
      NewerNoncurrentVersions: old.newerNoncurrentVersions,
    },
    NoncurrentVersionTransitions: given.noncurrentVersionTransitions?.map((transition) => ({
      NoncurrentDays: transition.noncurrentDays,
      NewerNoncurrentVersions: transition.newerNoncurrentVersions,
      StorageClass: transition.storageClass as TransitionStorageClass,
    })),
    AbortIncompleteMultipartUpload: abort && { DaysAfterInitiation: abort.daysAfterInitiation },
  };
}

function fromRule(found: LifecycleRule): unknown {
  const { Expiration, NoncurrentVersionExpiration: old, AbortIncompleteMultipartUpload: abort } = found;
  return present({
    id: found.ID,
    status: found.Status,
    filter: fromFilter(found.Filter),
    expiration: Expiration && {
      date: Expiration.Date?.toISOString(),
      days: Expiration.Days,
      expiredObjectDeleteMarker: Expiration.ExpiredObjectDeleteMarker,
    },
    transitions: found.Transitions?.map(({ Date: date, Days, StorageClass }) => ({
      date: date?.toISOString(),
      days: Days,
      storageClass: StorageClass,
    })),
    noncurrentVersionExpiration: old && {
      noncurrentDays: old.NoncurrentDays,
      newerNoncurrentVersions: old.NewerNoncurrentVersions,
    },
    noncurrentVersionTransitions: found.NoncurrentVersionTransitions?.map((transition) => ({
      noncurrentDays: transition.NoncurrentDays,
      newerNoncurrentVersions: transition.NewerNoncurrentVersions,
      storageClass: transition.StorageClass,
    })),
    abortIncompleteMultipartUpload: abort && { daysAfterInitiation: abort.DaysAfterInitiation },
  });
}

export const bucketLifecycle = bucketSetting<BucketLifecycleConfigurationArgs>({
  token: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  fields: {
    rules: list(rule, { required: true }),
    transitionDefaultMinimumObjectSize: text({ default: "all_storage_classes_128K" }),
  },
  gone: ["NoSuchLifecycleConfiguration"],
  put: (Bucket, inputs, aws) =>
    aws.get(S3Client).send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket,
        TransitionDefaultMinimumObjectSize: inputs.transitionDefaultMinimumObjectSize as
          TransitionDefaultMinimumObjectSize | undefined,
        LifecycleConfiguration: { Rules: (inputs.rules ?? []).map(toRule) },
      }),
    ),
  async get(Bucket, aws) {
    const { Rules } = await aws.get(S3Client).send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    return { rules: (Rules ?? []).map(fromRule) };
  },
  async remove(Bucket, aws) {
    await aws.get(S3Client).send(new DeleteBucketLifecycleCommand({ Bucket }));
  },
});
