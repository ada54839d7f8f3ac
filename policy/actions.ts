/**
 * Actions for which AWS takes `"Resource": "*"` alone. The service authorization reference shows no resource type for
 * them: "you must specify all resources". The list is short on purpose: one that is missing is added by whoever needs it,
 * after a look there.
 */
const WITHOUT_RESOURCES: Readonly<Record<string, readonly string[]>> = {
  cloudformation: ["ListExports", "ValidateTemplate"],
  cloudwatch: [
    "DescribeAlarmsForMetric",
    "DescribeAnomalyDetectors",
    // Of the next three the reference knows a data set, an option that ordinary metrics have nothing of.
    "GetMetricData",
    "ListMetrics",
    "PutMetricData",
    "GetMetricStatistics",
    "ListDashboards",
    // Its resource is an alarm, yet the API reference asks for "*" where composite alarms are to be found, too.
    "DescribeAlarms",
  ],
  codebuild: ["ListBuilds", "ListProjects", "ListReportGroups", "ListSourceCredentials"],
  codepipeline: ["ListPipelines"],
  dynamodb: ["DescribeEndpoints", "DescribeLimits", "ListStreams", "ListTables"],
  ec2: [
    "DescribeAccountAttributes",
    "DescribeAvailabilityZones",
    "DescribeDhcpOptions",
    "DescribeImages",
    "DescribeInstances",
    "DescribeInstanceTypes",
    "DescribeInternetGateways",
    "DescribeNatGateways",
    "DescribeNetworkAcls",
    "DescribeNetworkInterfaces",
    "DescribeRegions",
    "DescribeRouteTables",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeTags",
    "DescribeVolumes",
    "DescribeVpcEndpoints",
    "DescribeVpcs",
  ],
  ecr: ["GetAuthorizationToken"],
  ecs: ["ListClusters", "ListTaskDefinitions"],
  events: ["ListEventBuses", "ListRuleNamesByTarget", "ListRules", "TestEventPattern"],
  iam: ["GetAccountSummary", "ListAccountAliases", "ListPolicies", "ListRoles"],
  kinesis: ["DescribeLimits", "ListStreams"],
  kms: ["CreateKey", "GenerateRandom", "ListAliases", "ListKeys"],
  lambda: ["GetAccountSettings", "ListEventSourceMappings", "ListFunctions", "ListLayers"],
  logs: [
    "CreateLogDelivery",
    "DeleteLogDelivery",
    "DescribeLogGroups",
    "DescribeQueries",
    "DescribeResourcePolicies",
    "GetLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "StopQuery",
    "UpdateLogDelivery",
  ],
  s3: ["GetAccountPublicAccessBlock", "ListAllMyBuckets"],
  secretsmanager: ["GetRandomPassword", "ListSecrets"],
  ses: ["GetSendQuota", "GetSendStatistics"],
  sns: ["ListSubscriptions", "ListTopics"],
  sqs: ["ListQueues"],
  ssm: ["CreateOpsItem", "DescribeOpsItems", "DescribeParameters"],
  ssmmessages: ["CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"],
  states: ["ListStateMachines", "SendTaskFailure", "SendTaskHeartbeat", "SendTaskSuccess"],
  sts: ["DecodeAuthorizationMessage", "GetCallerIdentity", "GetSessionToken"],
  tag: ["GetResources", "GetTagKeys", "GetTagValues"],
  xray: [
    "GetSamplingRules",
    "GetSamplingStatisticSummaries",
    "GetSamplingTargets",
    "PutTelemetryRecords",
    "PutTraceSegments",
  ],
};

/** In lower case: for IAM `S3:getobject` is `s3:GetObject`. */
const withoutResources: ReadonlySet<string> = new Set(
  Object.entries(WITHOUT_RESOURCES).flatMap(([service, names]) =>
    names.map((name) => `${service}:${name}`.toLowerCase()),
  ),
);

/** Whether a statement could name the resources of this action. Of a pattern we do not know, so it could. */
export const takesResources = (action: string): boolean => !withoutResources.has(action.toLowerCase());

/** Whether it is every action, of all services or of one: `*`, `s3:*`, and the other ways to write the same. */
export function isEveryAction(action: string): boolean {
  const parts = action.split(":");
  return parts.length < 2 || parts.some(isOpen);
}

/** Whether a resource is everything: `*`, or an ARN that does not even say of which service. */
export function isEveryResource(resource: string): boolean {
  const fromService = resource.split(":").slice(2);
  return fromService.length === 0 || fromService.slice(0, 1).some(isOpen);
}

/** Wildcards and nothing else. */
export const isOpen = (pattern: string): boolean => /^[*?]*\*[*?]*$/.test(pattern);
