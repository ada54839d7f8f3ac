import { type Declared } from "../program";
import { type Rule } from "../rule";
import { at, isText, judgeEach } from "../settings";
import { UNKNOWN } from "../values";

const TAGS = ["Project", "Environment", "ManagedBy"];

/**
 * The types with tags (`tagsAll` in `@pulumi/aws`) that a worker or an installation is made of. Of others it shows
 * where the provider tells `tagsAll`.
 */
const TAGGABLE = [
  "aws:cloudwatch/compositeAlarm:CompositeAlarm",
  "aws:cloudwatch/eventRule:EventRule",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:cloudwatch/metricAlarm:MetricAlarm",
  "aws:codebuild/project:Project",
  "aws:codebuild/reportGroup:ReportGroup",
  "aws:codeconnections/connection:Connection",
  "aws:codepipeline/pipeline:Pipeline",
  "aws:codestarconnections/connection:Connection",
  "aws:dynamodb/table:Table",
  "aws:iam/policy:Policy",
  "aws:iam/role:Role",
  "aws:kms/key:Key",
  "aws:lambda/function:Function",
  "aws:s3/bucket:Bucket",
  "aws:s3/bucketObjectv2:BucketObjectv2",
  "aws:s3/bucketV2:BucketV2",
  "aws:secretsmanager/secret:Secret",
  "aws:sns/topic:Topic",
  "aws:sqs/queue:Queue",
  "aws:ssm/parameter:Parameter",
];

const queue = { name: "kiro-jobs", sqsManagedSseEnabled: true };

export const resourcesAreTagged: Rule = {
  name: "resources-are-tagged",
  sentence: "Whatever can have tags has Project, Environment and ManagedBy, its own or the provider's default tags.",
  harm: "Nobody can tell whose it is, what it costs, or whether it may be deleted.",
  judge: (program) => judgeEach(program.resources.filter(isTaggable), faults),
  examples: {
    passing: [
      {
        type: "aws:sqs/queue:Queue",
        name: "jobs",
        props: { ...queue, tags: { Project: "KiroWorker", Environment: "test", ManagedBy: "Pulumi" } },
      },
    ],
    failing: [
      {
        type: "aws:sqs/queue:Queue",
        name: "jobs",
        props: { ...queue, tags: { Project: "KiroWorker", ManagedBy: "Pulumi" } },
      },
    ],
  },
};

const isTaggable = ({ type, props }: Declared): boolean =>
  TAGGABLE.includes(type) || (type.startsWith("aws:") && "tagsAll" in props);

/** `tagsAll` is what the provider makes of `tags` and of its default tags; it may be unknown where those are not. */
function faults({ props: { tags, tagsAll } }: Declared): string[] {
  const missing = TAGS.filter((tag) => ![tags, tagsAll].some((all) => all !== UNKNOWN && isSet(at(all, tag))));
  if (missing.length === 0) return [];
  const names = missing.join(", ");
  return tags === UNKNOWN || tagsAll === UNKNOWN
    ? [`${names} of tags cannot be seen before the update; write the names of the tags in the program`]
    : [`set ${names} in tags, or in the provider's defaultTags`];
}

/** A value that is unknown is there all the same. */
const isSet = (value: unknown): boolean => value === UNKNOWN || isText(value);
