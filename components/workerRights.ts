/**
 * Rights around the worker of one environment: what a deployment may make of its infrastructure, and the most that a
 * job of the worker may ever do. Everything is bound to the worker's name.
 */
import { arn, buildLogGroup, iamArn, type EnvironmentNames, type Place } from "./naming";
import { allow, logGroupArns, type PolicyStatement } from "./policies";

/** To create, change and remove what the worker's infrastructure program declares. */
export function infrastructureStatements(
  place: Place,
  names: EnvironmentNames,
  boundaryArn: string,
): PolicyStatement[] {
  const roles = [iamArn(place, `role/${names.ownedPrefix}*`)];
  const projects = [
    arn(place, "codebuild", `project/${names.worker}`),
    arn(place, "codebuild", `project/${names.ownedPrefix}*`),
  ];
  const logGroups = [
    ...logGroupArns(place, buildLogGroup(names.worker)),
    arn(place, "logs", `log-group:${buildLogGroup(names.ownedPrefix)}*`),
  ];
  const alarms = [arn(place, "cloudwatch", `alarm:${names.ownedPrefix}*`)];
  return [
    // A role that the worker's program makes carries the boundary, and nothing takes the boundary off again: there is
    // no right to delete it. So no release can give its jobs more than the boundary does.
    allow(["iam:CreateRole", "iam:PutRolePermissionsBoundary"], roles, {
      StringEquals: { "iam:PermissionsBoundary": boundaryArn },
    }),
    allow(
      [
        "iam:DeleteRole",
        "iam:DeleteRolePolicy",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListInstanceProfilesForRole",
        "iam:ListRolePolicies",
        "iam:PutRolePolicy",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
      ],
      roles,
    ),
    // The emulator lets anybody pass a role: AWS alone checks it.
    allow(["iam:PassRole"], roles, { StringEquals: { "iam:PassedToService": "codebuild.amazonaws.com" } }),
    allow(
      ["codebuild:BatchGetProjects", "codebuild:CreateProject", "codebuild:DeleteProject", "codebuild:UpdateProject"],
      projects,
    ),
    allow(
      [
        "logs:AssociateKmsKey",
        "logs:CreateLogGroup",
        "logs:DeleteLogGroup",
        "logs:DeleteRetentionPolicy",
        "logs:DisassociateKmsKey",
        "logs:ListTagsForResource",
        "logs:PutRetentionPolicy",
        "logs:TagResource",
        "logs:UntagResource",
      ],
      logGroups,
    ),
    // "*": DescribeLogGroups searches by prefix; AWS does not narrow it to single groups.
    allow(["logs:DescribeLogGroups"], ["*"]),
    allow(
      [
        "cloudwatch:DeleteAlarms",
        "cloudwatch:ListTagsForResource",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
        "cloudwatch:UntagResource",
      ],
      alarms,
    ),
    // "*": AWS tells of composite alarms only who may describe all alarms (API reference, "DescribeAlarms").
    allow(["cloudwatch:DescribeAlarms"], ["*"]),
  ];
}

/** What a job does at most: write its own log, fetch the release that is live, publish its environment's metrics. */
export function boundaryStatements(
  place: Place,
  names: EnvironmentNames,
  reads: readonly PolicyStatement[],
): PolicyStatement[] {
  return [
    allow(["logs:CreateLogStream", "logs:PutLogEvents"], logGroupArns(place, buildLogGroup(names.worker))),
    ...reads,
    // "*": PutMetricData has no resources; the namespace, which every call names, takes their place. ForAllValues,
    // because the emulator does not know the key.
    allow(["cloudwatch:PutMetricData"], ["*"], {
      "ForAllValues:StringEquals": { "cloudwatch:namespace": [names.metricNamespace] },
    }),
  ];
}
