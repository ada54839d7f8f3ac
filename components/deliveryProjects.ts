import * as pulumi from "@pulumi/pulumi";
import { ENVIRONMENTS, type Environment } from "../runtime/types";
import type { BuildNetwork } from "./buildNetwork";
import { BuildProject, reportGroups, type BuildProjectArgs } from "./buildProject";
import type { PipelineConfig } from "./config";
import type { Foundation } from "./foundation";
import { arn, buildLogGroup, PROJECT_ROLES, type InstallationNames, type Place, type ProjectRole } from "./naming";
import { metricsStatement } from "./pipelineMetrics";
import { allow, logGroupArns, type PolicyStatement } from "./policies";
import { buildVariables, deployVariables, testVariables, type VariableContext } from "./projectVariables";
import type { SourceConnection } from "./sourceConnection";
import type { WorkerEnvironment } from "./workerEnvironment";

export interface DeliveryProjectsArgs {
  readonly place: Place;
  readonly names: InstallationNames;
  readonly config: PipelineConfig;
  readonly foundation: Foundation;
  readonly connection: SourceConnection;
  readonly environments: Readonly<Record<Environment, WorkerEnvironment>>;
  readonly toolsDigest: string;
  /** Where builds run. Default: in CodeBuild's own network. */
  readonly network?: BuildNetwork | undefined;
}

type ProjectSpec = Omit<BuildProjectArgs, "place" | "projectName" | "foundation" | "network">;

/** The tests whose report a deployment to an environment is verified by; production has none of its own. */
const TESTS_OF: Readonly<Record<Environment, ProjectRole | undefined>> = {
  test: "integration-test",
  staging: "e2e-test",
  production: undefined,
};

/** The six CodeBuild projects of the pipeline, each with the rights of what it does and no others. */
export class DeliveryProjects extends pulumi.ComponentResource {
  readonly projectNames: Readonly<Record<ProjectRole, pulumi.Output<string>>>;
  private readonly projects: Readonly<Record<ProjectRole, BuildProject>>;

  constructor(name: string, args: DeliveryProjectsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:DeliveryProjects", name, {}, opts);
    const { place, names, foundation, environments, network } = args;
    const specs = projectSpecs(args);
    // Policies name what builds use by its name, and do not wait for it: the first build must find it all the same.
    const options = { parent: this, dependsOn: [foundation, ...Object.values(environments)] };
    const projects = PROJECT_ROLES.map((role) => {
      const projectName = names.projects[role];
      const own = { ...specs[role], place, projectName, foundation, network };
      return [role, new BuildProject(`${name}-${role}`, own, options)] as const;
    });

    this.projects = Object.fromEntries(projects) as Record<ProjectRole, BuildProject>;
    this.projectNames = Object.fromEntries(
      projects.map(([role, project]) => [role, project.projectName]),
    ) as DeliveryProjects["projectNames"];
    this.registerOutputs({ projectNames: this.projectNames });
  }

  /** To start builds of all six and to follow them. */
  runnerStatements(): PolicyStatement[] {
    return PROJECT_ROLES.map((role) => this.projects[role].runnerStatement());
  }

  /** To start builds of the deploy projects alone, to follow and to stop them. */
  deployRunnerStatements(): PolicyStatement[] {
    return ENVIRONMENTS.map((environment) => this.projects[`deploy-${environment}`].runnerStatement());
  }

  /**
   * Whoever starts a deploy project's build may not bring a buildspec: it would run with the deploy role. (CodeBuild user
   * guide, "AWS CodeBuild condition keys"; the emulator does not know the key, so there it never denies.)
   */
  ownBuildspecStatement(): PolicyStatement {
    return {
      Effect: "Deny",
      Action: ["codebuild:StartBuild"],
      Resource: ENVIRONMENTS.map((environment) => this.projects[`deploy-${environment}`].projectArn),
      Condition: { Null: { "codebuild:source.buildspec": "false" } },
    };
  }
}

function projectSpecs(args: DeliveryProjectsArgs): Readonly<Record<ProjectRole, ProjectSpec>> {
  const { names, config, foundation, environments, toolsDigest, place } = args;
  const context: VariableContext = { place, names, config, foundation, toolsDigest };
  return {
    build: {
      description: `Builds and proves a commit, and publishes it as a release (${names.pipeline})`,
      buildspec: "build",
      timeoutMinutes: 60,
      variables: buildVariables(context),
      writesArtifacts: true,
      writesReports: true,
      statements: buildStatements(foundation, args.connection),
    },
    "integration-test": testSpec(context, environments.test, "integration-test", 60),
    "e2e-test": testSpec(context, environments.staging, "e2e-test", 30),
    "deploy-test": deploySpec(args, context, environments.test),
    "deploy-staging": deploySpec(args, context, environments.staging),
    "deploy-production": deploySpec(args, context, environments.production),
  };
}

/** A release is published once: it may be written, never removed; what is published already is found by listing. */
function buildStatements({ releases }: Foundation, connection: SourceConnection): PolicyStatement[] {
  return [
    connection.userStatement(),
    releases.listStatement("layers/*", "releases/*"),
    releases.writerStatement("layers/*", "releases/*"),
    releases.readerStatement("toolchain/*"),
  ];
}

/** Tests run a commit's own code: they start jobs of the worker and read their log, and nothing else. */
function testSpec(
  context: VariableContext,
  environment: WorkerEnvironment,
  buildspec: "integration-test" | "e2e-test",
  timeoutMinutes: number,
): ProjectSpec {
  const { worker } = environment.names;
  return {
    description: `Tests a release against ${worker} (${context.names.pipeline})`,
    buildspec,
    timeoutMinutes,
    variables: testVariables(context, environment),
    writesReports: true,
    statements: [
      environment.jobStatement(),
      allow(["logs:FilterLogEvents", "logs:GetLogEvents"], logGroupArns(context.place, buildLogGroup(worker))),
    ],
  };
}

function deploySpec(args: DeliveryProjectsArgs, context: VariableContext, environment: WorkerEnvironment): ProjectSpec {
  return {
    description: `Plans, deploys, verifies and undoes releases in ${environment.environment} (${context.names.pipeline})`,
    buildspec: "deploy",
    timeoutMinutes: 60,
    variables: deployVariables(context, environment),
    statements: [...deploymentStatements(args, environment.environment), ...environment.deployStatements()],
  };
}

/** What a deployment reads and writes of the installation itself. */
function deploymentStatements(args: DeliveryProjectsArgs, environment: Environment): PolicyStatement[] {
  const { place, names, foundation } = args;
  const { deployments, key, releases } = foundation;
  const tests = TESTS_OF[environment];
  const project = (role: ProjectRole): string => arn(place, "codebuild", `project/${names.projects[role]}`);
  return [
    deployments.writerStatement(environment),
    key.writerStatement("dynamodb", "s3"),
    releases.listStatement("layers/*", "releases/*", "toolchain/*", "tools/*"),
    releases.readerStatement("layers/*", "releases/*", "toolchain/*"),
    // A lock may be taken over only when the execution and the build that held it have ended.
    allow(["codepipeline:GetPipelineExecution"], [arn(place, "codepipeline", names.pipeline)]),
    allow(
      ["codebuild:BatchGetBuilds"],
      [project(`deploy-${environment}`), ...(tests === undefined ? [] : [project(tests)])],
    ),
    // An undo touches infrastructure only when no other build of its project runs.
    allow(["codebuild:ListBuildsForProject"], [project(`deploy-${environment}`)]),
    metricsStatement(),
    ...(tests === undefined
      ? []
      : [
          allow(
            ["codebuild:BatchGetReports", "codebuild:DescribeTestCases"],
            [reportGroups(place, names.projects[tests])],
          ),
        ]),
  ];
}
