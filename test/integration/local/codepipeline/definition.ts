/** The pipeline of these tests, what its builds do, and what its role needs. */
import { type PipelineDeclaration } from "@aws-sdk/client-codepipeline";
import { type Rig } from "./rig";

export const BUCKET = "delivery-artifacts";
export const ACCOUNT = "000000000000";

export const PIPELINE_RIGHTS = [
  "s3:PutObject",
  "s3:GetObject",
  "codebuild:StartBuild",
  "codebuild:BatchGetBuilds",
  "sns:Publish",
  "codeconnections:UseConnection",
];

/** Source, Build, Approve, Use: the build exports a variable that the last action reads. */
export function pipelineOf(rig: Rig, change: Partial<PipelineDeclaration> = {}): PipelineDeclaration {
  const actionTypeId = (category: "Source" | "Build" | "Approval", provider: string) =>
    ({ category, owner: "AWS", provider, version: "1" }) as const;
  const variables = (values: Record<string, string>) =>
    JSON.stringify(Object.entries(values).map(([name, value]) => ({ name, value, type: "PLAINTEXT" })));
  return {
    name: "delivery",
    roleArn: `arn:aws:iam::${ACCOUNT}:role/delivery`,
    artifactStore: { type: "S3", location: BUCKET, encryptionKey: { id: rig.key, type: "KMS" } },
    pipelineType: "V2",
    executionMode: "SUPERSEDED",
    triggers: [
      {
        providerType: "CodeStarSourceConnection",
        gitConfiguration: { sourceActionName: "Source", push: [{ branches: { includes: ["main"] } }] },
      },
    ],
    stages: [
      {
        name: "Source",
        actions: [
          {
            name: "Source",
            actionTypeId: actionTypeId("Source", "CodeStarSourceConnection"),
            configuration: {
              ConnectionArn: rig.connection,
              FullRepositoryId: "acme/worker",
              BranchName: "main",
              DetectChanges: "false",
              OutputArtifactFormat: "CODEBUILD_CLONE_REF",
            },
            namespace: "Source",
            outputArtifacts: [{ name: "SourceOutput" }],
          },
        ],
      },
      {
        name: "Build",
        actions: [
          {
            name: "Build",
            actionTypeId: actionTypeId("Build", "CodeBuild"),
            configuration: {
              ProjectName: "make",
              EnvironmentVariables: variables({
                COMMIT: "#{Source.CommitId}",
                EXECUTION: "#{codepipeline.PipelineExecutionId}",
              }),
            },
            namespace: "Build",
            inputArtifacts: [{ name: "SourceOutput" }],
            outputArtifacts: [{ name: "BuildOutput" }],
          },
        ],
      },
      {
        name: "Production",
        actions: [
          {
            name: "Approve",
            actionTypeId: actionTypeId("Approval", "Manual"),
            configuration: {
              NotificationArn: rig.topic,
              CustomData: "made #{Build.MADE}",
              ExternalEntityLink: "https://example.com/#{Source.CommitId}",
            },
          },
          {
            name: "Use",
            runOrder: 2,
            actionTypeId: actionTypeId("Build", "CodeBuild"),
            configuration: { ProjectName: "use", EnvironmentVariables: variables({ MADE: "#{Build.MADE}" }) },
            inputArtifacts: [{ name: "BuildOutput" }],
          },
        ],
      },
    ],
    ...change,
  };
}

export const MAKE = `version: 0.2
env:
  exported-variables: [MADE]
phases:
  build:
    commands:
      - test "$(git rev-parse HEAD)" = "$COMMIT"
      - echo made > made.txt
      - export MADE="$(cat file.txt)-$EXECUTION"
artifacts:
  files: ["made.txt", "file.txt"]
`;

export const USE = `version: 0.2
phases:
  build:
    commands:
      - test "$(cat made.txt)" = made
      - test "\${MADE%%-*}" = "$(cat file.txt)"
`;
