/**
 * The delivery pipeline as plain data: what runs where, in which order, and what each action hands to the next.
 *
 * Decisions about the layout are made and tested here; `deliveryPipeline.ts` only renders the result. Values that exist
 * only once a resource exists stand here as references.
 */
import type { InstallationNames, ProjectRole } from "./naming";

/** A value that the renderer fills in. */
export type Reference = { readonly reference: "connectionArn" | "approvalsTopicArn" };
export type ConfigurationValue = string | Reference;

export interface ActionModel {
  readonly name: string;
  readonly category: "Source" | "Build" | "Test" | "Approval";
  readonly provider: "CodeStarSourceConnection" | "CodeBuild" | "Manual";
  /** Actions of one stage run in this order; equal numbers run side by side. From 1. */
  readonly runOrder: number;
  /** Later actions read `#{namespace.VARIABLE}`. */
  readonly namespace?: string;
  readonly inputArtifacts: readonly string[];
  readonly outputArtifacts: readonly string[];
  readonly configuration: Readonly<Record<string, ConfigurationValue>>;
  /** AWS takes this for approvals only. */
  readonly timeoutInMinutes?: number;
}

interface StageModel {
  readonly name: string;
  readonly actions: readonly ActionModel[];
}

export interface PipelineModel {
  readonly name: string;
  readonly executionMode: "SUPERSEDED" | "QUEUED";
  /** A push to `branch` starts an execution at the source action. */
  readonly trigger: { readonly sourceActionName: string; readonly branch: string };
  readonly stages: readonly StageModel[];
}

export interface PipelineModelInput {
  readonly names: Pick<InstallationNames, "pipeline" | "projects">;
  readonly githubOwner: string;
  readonly githubRepo: string;
  readonly branch: string;
  readonly executionMode: "SUPERSEDED" | "QUEUED";
}

/** An approval that nobody gave within a day is refused. */
const APPROVAL_TIMEOUT_MINUTES = 24 * 60;

const SOURCE_OUTPUT = "SourceOutput";
const BUILD_OUTPUT = "BuildOutput";

const execution = { PIPELINE_EXECUTION_ID: "#{codepipeline.PipelineExecutionId}" };
const releaseVersion = { RELEASE_VERSION: "#{Build.RELEASE_VERSION}" };
const release = { ...releaseVersion, RELEASE_DIGEST: "#{Build.RELEASE_DIGEST}" };

export function pipelineModel(input: PipelineModelInput): PipelineModel {
  const { names, branch, executionMode } = input;
  const source = sourceAction(input);
  return {
    name: names.pipeline,
    executionMode,
    trigger: { sourceActionName: source.name, branch },
    stages: [
      { name: "Source", actions: [source] },
      { name: "Build", actions: [buildAction(names.projects.build)] },
      {
        name: "TestEnv",
        actions: provenStage(names.projects, {
          deploy: "deploy-test",
          deployNamespace: "TestDeploy",
          test: "integration-test",
          testAction: "IntegrationTests",
        }),
      },
      {
        name: "StagingEnv",
        actions: provenStage(names.projects, {
          deploy: "deploy-staging",
          deployNamespace: "StagingDeploy",
          test: "e2e-test",
          testAction: "EndToEndTests",
        }),
      },
      { name: "ProductionEnv", actions: productionStage(input) },
    ],
  };
}

function sourceAction({ githubOwner, githubRepo, branch }: PipelineModelInput): ActionModel {
  return {
    name: "Source",
    category: "Source",
    provider: "CodeStarSourceConnection",
    runOrder: 1,
    namespace: "Source",
    inputArtifacts: [],
    outputArtifacts: [SOURCE_OUTPUT],
    configuration: {
      ConnectionArn: { reference: "connectionArn" },
      FullRepositoryId: `${githubOwner}/${githubRepo}`,
      BranchName: branch,
      // The pipeline declares its trigger; with detection on, AWS would add a second one.
      DetectChanges: "false",
      // A full clone: a release names its ancestors, which a zip of the tree does not have.
      OutputArtifactFormat: "CODEBUILD_CLONE_REF",
    },
  };
}

function buildAction(project: string): ActionModel {
  return codeBuild("Build", project, {
    category: "Build",
    runOrder: 1,
    namespace: "Build",
    inputArtifacts: [SOURCE_OUTPUT],
    outputArtifacts: [BUILD_OUTPUT],
    variables: execution,
  });
}

interface ProvenStage {
  readonly deploy: ProjectRole;
  readonly deployNamespace: string;
  readonly test: ProjectRole;
  /** Also the namespace of its variables. */
  readonly testAction: string;
}

/** An environment in which the release must pass tests. */
function provenStage(projects: InstallationNames["projects"], stage: ProvenStage): readonly ActionModel[] {
  const deployment = deploymentOf(stage.deployNamespace);
  return [
    deployAction("Deploy", projects[stage.deploy], 1, "deploy", { namespace: stage.deployNamespace }),
    codeBuild(stage.testAction, projects[stage.test], {
      category: "Test",
      runOrder: 2,
      namespace: stage.testAction,
      inputArtifacts: [BUILD_OUTPUT],
      outputArtifacts: [],
      variables: { ...execution, ...deployment, ...releaseVersion },
    }),
    deployAction("Verify", projects[stage.deploy], 3, "verify", {
      variables: { ...deployment, TEST_BUILD_ID: `#{${stage.testAction}.TEST_BUILD_ID}` },
    }),
  ];
}

function productionStage({ names, githubOwner, githubRepo }: PipelineModelInput): readonly ActionModel[] {
  const project = names.projects["deploy-production"];
  const deployNamespace = "ProductionDeploy";
  return [
    deployAction("Plan", project, 1, "plan", { namespace: "ProductionPlan" }),
    {
      name: "Approve_Production_Deployment",
      category: "Approval",
      provider: "Manual",
      runOrder: 2,
      inputArtifacts: [],
      outputArtifacts: [],
      configuration: {
        NotificationArn: { reference: "approvalsTopicArn" },
        ExternalEntityLink: `https://github.com/${githubOwner}/${githubRepo}/commit/#{Source.CommitId}`,
        CustomData: "Release #{Build.RELEASE_VERSION}: #{ProductionPlan.PLAN_SUMMARY}",
      },
      timeoutInMinutes: APPROVAL_TIMEOUT_MINUTES,
    },
    deployAction("Deploy", project, 3, "deploy", {
      namespace: deployNamespace,
      variables: {
        APPROVED_PLAN_DIGEST: "#{ProductionPlan.PLAN_DIGEST}",
        APPROVED_SCOPE: "#{ProductionPlan.PLAN_SCOPE}",
        APPROVED_ALARMS: "#{ProductionPlan.PLAN_ALARMS}",
      },
    }),
    deployAction("Verify", project, 4, "verify", { variables: deploymentOf(deployNamespace) }),
  ];
}

function deploymentOf(deployNamespace: string): Record<string, string> {
  return { DEPLOYMENT_ID: `#{${deployNamespace}.DEPLOYMENT_ID}` };
}

function deployAction(
  name: string,
  project: string,
  runOrder: number,
  mode: "plan" | "deploy" | "verify",
  options: { readonly namespace?: string; readonly variables?: Readonly<Record<string, string>> },
): ActionModel {
  return codeBuild(name, project, {
    category: mode === "verify" ? "Test" : "Build",
    runOrder,
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    inputArtifacts: [BUILD_OUTPUT],
    outputArtifacts: [],
    variables: { ...execution, MODE: mode, ...release, ...options.variables },
  });
}

type CodeBuildAction = Omit<ActionModel, "name" | "provider" | "configuration"> & {
  readonly variables: Readonly<Record<string, string>>;
};

function codeBuild(name: string, project: string, { variables, ...action }: CodeBuildAction): ActionModel {
  const environmentVariables = Object.entries(variables).map(([key, value]) => ({
    name: key,
    value,
    type: "PLAINTEXT",
  }));
  return {
    name,
    provider: "CodeBuild",
    ...action,
    configuration: { ProjectName: project, EnvironmentVariables: JSON.stringify(environmentVariables) },
  };
}
