import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { LOG_RETENTION_DAYS, type Foundation } from "./foundation";
import type { BuildNetwork } from "./buildNetwork";
import { arn, buildLogGroup, type Place } from "./naming";
import { allow, logGroupArns, policyToDeclare, serviceTrust, type PolicyStatement } from "./policies";

/** Minutes that a build may wait for a machine; the most AWS takes. */
const QUEUED_TIMEOUT_MINUTES = 480;

type Buildspec = "build" | "integration-test" | "e2e-test" | "deploy";

/** A plain value, or the name of the SSM parameter that holds it when the build starts. */
export type BuildVariable = string | pulumi.Output<string> | Parameter;
interface Parameter {
  readonly parameter: string;
}

export interface BuildProjectArgs {
  readonly place: Place;
  /** Also the name of its service role, and the last part of its log group's. */
  readonly projectName: string;
  readonly description: string;
  /** Which file of `buildspecs/` it runs. The text is set inline: a commit cannot change how it is delivered. */
  readonly buildspec: Buildspec;
  readonly timeoutMinutes: number;
  readonly variables: Readonly<Record<string, BuildVariable>>;
  readonly foundation: Pick<Foundation, "artifacts" | "key" | "releases">;
  /** Where its builds run. Default: in CodeBuild's own network. */
  readonly network?: BuildNetwork | undefined;
  /** Whether it hands files on to later actions. Default: false. */
  readonly writesArtifacts?: boolean;
  /** Whether its buildspec has reports. Default: false. */
  readonly writesReports?: boolean;
  /** What its builds do beyond fetching their input and tools, and writing log and reports. */
  readonly statements: readonly PolicyStatement[];
}

/** A CodeBuild project of the pipeline with the role, the rights and the log group of its own. */
export class BuildProject extends pulumi.ComponentResource {
  readonly projectName: pulumi.Output<string>;
  readonly projectArn: string;

  constructor(name: string, args: BuildProjectArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:BuildProject", name, {}, opts);
    const { place, projectName, description, buildspec, timeoutMinutes, variables, foundation } = args;
    const options = { parent: this };
    this.projectArn = arn(place, "codebuild", `project/${projectName}`);

    const logGroup = new aws.cloudwatch.LogGroup(
      `${name}-logs`,
      { name: buildLogGroup(projectName), retentionInDays: LOG_RETENTION_DAYS, kmsKeyId: foundation.key.arn },
      options,
    );
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: projectName,
        description: `Builds of ${projectName}`,
        assumeRolePolicy: serviceTrust(place, "codebuild", `project/${projectName}`),
      },
      options,
    );
    const policy = policyToDeclare(`${name}-rights`, [
      ...commonStatements(args),
      ...(args.network?.builderStatements() ?? []),
      ...args.statements,
    ]);
    const rights = new aws.iam.RolePolicy(
      `${name}-rights`,
      { role: role.name, name: "builds", policy: policy.json },
      options,
    );
    const project = new aws.codebuild.Project(
      `${name}-project`,
      {
        name: projectName,
        description,
        serviceRole: role.arn,
        buildTimeout: timeoutMinutes,
        queuedTimeout: QUEUED_TIMEOUT_MINUTES,
        encryptionKey: foundation.key.arn,
        source: { type: "CODEPIPELINE", buildspec: readBuildspec(buildspec) },
        artifacts: { type: "CODEPIPELINE" },
        cache: { type: "LOCAL", modes: ["LOCAL_SOURCE_CACHE", "LOCAL_CUSTOM_CACHE"] },
        environment: {
          type: "LINUX_CONTAINER",
          computeType: "BUILD_GENERAL1_SMALL",
          image: "aws/codebuild/standard:7.0",
          environmentVariables: Object.entries(variables).map(environmentVariable),
        },
        ...(args.network === undefined ? {} : { vpcConfig: args.network.vpcConfig() }),
        logsConfig: { cloudwatchLogs: { status: "ENABLED", groupName: logGroup.name } },
      },
      // Without its rights the first build would fail.
      { ...options, dependsOn: [rights] },
    );

    this.projectName = project.name;
    this.registerOutputs({
      projectName: this.projectName,
      projectArn: this.projectArn,
      policyDocuments: policy.declared,
    });
  }

  /** To start its builds and to follow them. */
  runnerStatement(): PolicyStatement {
    return allow(["codebuild:BatchGetBuilds", "codebuild:StartBuild", "codebuild:StopBuild"], [this.projectArn]);
  }
}

/** ARN pattern of the report groups that builds of a project create: `{project}-{report name in the buildspec}`. */
export function reportGroups(place: Place, projectName: string): string {
  return arn(place, "codebuild", `report-group/${projectName}-*`);
}

function commonStatements(args: BuildProjectArgs): PolicyStatement[] {
  const { place, projectName, foundation, variables } = args;
  const { artifacts, key, releases } = foundation;
  const parameters = Object.values(variables).flatMap((value) => (isParameter(value) ? [value.parameter] : []));
  return [
    allow(["logs:CreateLogStream", "logs:PutLogEvents"], logGroupArns(place, buildLogGroup(projectName))),
    // What CodeBuild asks for around artifacts of CodePipeline (CodeBuild user guide, "Create a service role").
    allow(["s3:GetBucketAcl", "s3:GetBucketLocation"], [artifacts.bucketArn]),
    allow(["s3:GetObject", "s3:GetObjectVersion"], [artifacts.objects("*")]),
    ...(args.writesArtifacts === true
      ? [allow(["s3:PutObject"], [artifacts.objects("*")]), key.writerStatement("s3")]
      : [key.readerStatement("s3")]),
    ...("TOOLS_DIGEST" in variables ? [releases.readerStatement("tools/*")] : []),
    ...(args.writesReports === true
      ? [
          allow(
            [
              "codebuild:BatchPutCodeCoverages",
              "codebuild:BatchPutTestCases",
              "codebuild:CreateReport",
              "codebuild:CreateReportGroup",
              "codebuild:UpdateReport",
            ],
            [reportGroups(place, projectName)],
          ),
        ]
      : []),
    ...(parameters.length > 0
      ? [
          allow(
            ["ssm:GetParameters"],
            parameters.map((parameter) => arn(place, "ssm", `parameter${parameter}`)),
          ),
        ]
      : []),
  ];
}

function environmentVariable([name, value]: readonly [string, BuildVariable]) {
  return isParameter(value)
    ? { name, value: value.parameter, type: "PARAMETER_STORE" }
    : { name, value, type: "PLAINTEXT" };
}

function isParameter(value: BuildVariable): value is Parameter {
  return typeof value !== "string" && !pulumi.Output.isInstance(value);
}

function readBuildspec(buildspec: Buildspec): string {
  return readFileSync(join(__dirname, "..", "buildspecs", `${buildspec}.yml`), "utf8");
}
