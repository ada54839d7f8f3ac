import type { Properties } from "../../../../local/provider/values";
import type { Case, Ground } from "./case";

const connection = "arn:aws:codeconnections:us-east-1:000000000000:connection/11111111-1111-1111-1111-111111111111";

const source = {
  name: "Source",
  actions: [
    {
      name: "Source",
      category: "Source",
      owner: "AWS",
      provider: "CodeStarSourceConnection",
      version: "1",
      namespace: "Source",
      outputArtifacts: ["SourceOutput"],
      configuration: { ConnectionArn: connection, FullRepositoryId: "o/r", BranchName: "main", DetectChanges: "false" },
    },
  ],
};

const approval = (minutes: number): Properties => ({
  name: "Approve",
  actions: [
    {
      name: "Approve",
      category: "Approval",
      owner: "AWS",
      provider: "Manual",
      version: "1",
      timeoutInMinutes: minutes,
      configuration: { CustomData: "look at it" },
    },
  ],
});

/** Cases of the services that the local cloud has besides the emulator's. */
export const deliveries = (ground: Ground): readonly Case[] => [
  {
    type: "aws:codebuild/project:Project",
    inputs: {
      name: "case-project",
      description: "one",
      serviceRole: ground.roleArn,
      artifacts: { type: "CODEPIPELINE" },
      source: { type: "CODEPIPELINE", buildspec: "version: 0.2\n" },
      environment: {
        type: "LINUX_CONTAINER",
        computeType: "BUILD_GENERAL1_SMALL",
        image: "aws/codebuild/standard:7.0",
        environmentVariables: [{ name: "A", value: "1" }],
      },
      cache: { type: "LOCAL", modes: ["LOCAL_CUSTOM_CACHE"] },
      logsConfig: { cloudwatchLogs: { groupName: "/case/build" } },
      tags: { A: "1" },
    },
    update: {
      description: "two",
      buildTimeout: 30,
      environment: {
        type: "LINUX_CONTAINER",
        computeType: "BUILD_GENERAL1_SMALL",
        image: "aws/codebuild/standard:7.0",
        environmentVariables: [{ name: "A", value: "2" }],
      },
      tags: { B: "2" },
    },
    replace: { name: "case-project-2" },
    bare: {
      name: "case-project",
      serviceRole: ground.roleArn,
      artifacts: { type: "NO_ARTIFACTS" },
      source: { type: "NO_SOURCE", buildspec: "version: 0.2\n" },
      environment: {
        type: "LINUX_CONTAINER",
        computeType: "BUILD_GENERAL1_SMALL",
        image: "aws/codebuild/standard:7.0",
      },
    },
    outputs: ["arn"],
    id: "arn:aws:codebuild:us-east-1:000000000000:project/case-project",
  },
  {
    type: "aws:codeconnections/connection:Connection",
    inputs: { name: "case-connection", providerType: "GitHub", tags: { A: "1" } },
    update: { tags: { B: "2" } },
    replace: { name: "case-connection-2" },
    bare: { name: "case-connection", providerType: "GitHub" },
    outputs: ["arn", "connectionStatus"],
  },
  {
    type: "aws:codestarconnections/connection:Connection",
    inputs: { name: "case-star", providerType: "GitHub", tags: { A: "1" } },
    update: { tags: { B: "2" } },
    replace: { name: "case-star-2" },
    bare: { name: "case-star", providerType: "GitHub" },
    outputs: ["arn", "connectionStatus"],
  },
  {
    type: "aws:codepipeline/pipeline:Pipeline",
    inputs: {
      name: "case-pipeline",
      roleArn: ground.roleArn,
      pipelineType: "V2",
      artifactStores: [{ type: "S3", location: ground.bucket, encryptionKey: { type: "KMS", id: ground.keyArn } }],
      stages: [source, approval(60)],
      triggers: [
        {
          providerType: "CodeStarSourceConnection",
          gitConfiguration: { sourceActionName: "Source", pushes: [{ branches: { includes: ["main"] } }] },
        },
      ],
      tags: { A: "1" },
    },
    update: { executionMode: "QUEUED", stages: [source, approval(120)], tags: { B: "2" } },
    replace: { name: "case-pipeline-2" },
    bare: {
      name: "case-pipeline",
      roleArn: ground.roleArn,
      pipelineType: "V2",
      artifactStores: [{ type: "S3", location: ground.bucket }],
      stages: [source, approval(60)],
      variables: [{ name: "V", defaultValue: "1", description: "one" }],
    },
    outputs: ["arn"],
    id: "case-pipeline",
  },
];
