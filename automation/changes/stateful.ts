import { isProvider } from "./metadata";

/**
 * Types that hold nothing which would be lost with them: the program makes them anew as they were. Everything that is
 * not listed is taken for stateful, because a forgotten line here costs an acknowledgement, and a forgotten line in a
 * list of stateful types would cost the data. So logs, queues, keys, secrets, parameters, subscriptions that somebody
 * had to confirm and a pipeline's history are stateful without being named.
 */
const STATELESS: ReadonlySet<string> = new Set([
  // Rights are documents of the program.
  "aws:iam/role:Role",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/policy:Policy",
  "aws:iam/userPolicy:UserPolicy",
  "aws:iam/groupPolicy:GroupPolicy",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "aws:iam/userPolicyAttachment:UserPolicyAttachment",
  "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
  "aws:iam/policyAttachment:PolicyAttachment",
  "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
  "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive",
  "aws:iam/instanceProfile:InstanceProfile",
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:sqs/queuePolicy:QueuePolicy",
  "aws:kms/keyPolicy:KeyPolicy",
  "aws:kms/grant:Grant",
  "aws:secretsmanager/secretPolicy:SecretPolicy",
  "aws:ecr/repositoryPolicy:RepositoryPolicy",
  "aws:dynamodb/resourcePolicy:ResourcePolicy",
  "aws:codebuild/resourcePolicy:ResourcePolicy",
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
  "aws:cloudwatch/eventPermission:EventPermission",
  "aws:lambda/permission:Permission",
  // What watches and what reacts; the measurements are kept elsewhere.
  "aws:cloudwatch/metricAlarm:MetricAlarm",
  "aws:cloudwatch/compositeAlarm:CompositeAlarm",
  "aws:cloudwatch/dashboard:Dashboard",
  "aws:cloudwatch/eventRule:EventRule",
  "aws:cloudwatch/eventTarget:EventTarget",
  "aws:cloudwatch/logMetricFilter:LogMetricFilter",
  // What runs: its code and its definition come from the program.
  "aws:lambda/function:Function",
  "aws:lambda/alias:Alias",
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  "aws:lambda/functionRecursionConfig:FunctionRecursionConfig",
  "aws:codebuild/project:Project",
  // Another name for a key, which stays.
  "aws:kms/alias:Alias",
  // Settings of a bucket, which stays with its objects.
  "aws:s3/bucketAcl:BucketAcl",
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  "aws:s3/bucketLogging:BucketLogging",
  "aws:s3/bucketNotification:BucketNotification",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "aws:s3/bucketVersioning:BucketVersioning",
]);

export const statelessTypes: readonly string[] = [...STATELESS];

/** Whether something may be lost when a resource of this type is deleted or made anew. */
export const isStateful = (type: string): boolean => !STATELESS.has(type) && !isProvider(type);
