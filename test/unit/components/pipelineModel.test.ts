import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { installationNames } from "../../../components/naming";
import { pipelineModel, type ActionModel, type PipelineModel } from "../../../components/pipelineModel";
import { place } from "./recording";

const model = pipelineModel({
  names: installationNames(place),
  githubOwner: "my-team",
  githubRepo: "worker",
  branch: "main",
  executionMode: "SUPERSEDED",
});

describe("the pipeline", () => {
  it("has five stages in order, with their actions in theirs", () => {
    const layout = model.stages.map(({ name, actions }) => [name, actions.map((a) => `${a.runOrder} ${a.name}`)]);
    expect(layout).toEqual([
      ["Source", ["1 Source"]],
      ["Build", ["1 Build"]],
      ["TestEnv", ["1 Deploy", "2 IntegrationTests", "3 Verify"]],
      ["StagingEnv", ["1 Deploy", "2 EndToEndTests", "3 Verify"]],
      ["ProductionEnv", ["1 Plan", "2 Approve_Production_Deployment", "3 Deploy", "4 Verify"]],
    ]);
  });

  it("starts by a push to the branch, and by nothing else", () => {
    expect(model.trigger).toEqual({ sourceActionName: "Source", branch: "main" });
    expect(action(model, "Source", "Source").configuration).toEqual({
      ConnectionArn: { reference: "connectionArn" },
      FullRepositoryId: "my-team/worker",
      BranchName: "main",
      DetectChanges: "false",
      OutputArtifactFormat: "CODEBUILD_CLONE_REF",
    });
  });

  it("runs each action in the project of its environment", () => {
    const projects = actions(model).flatMap(([stage, a]) =>
      a.provider === "CodeBuild" ? [[stage, a.name, a.category, a.configuration["ProjectName"]]] : [],
    );
    expect(projects).toEqual([
      ["Build", "Build", "Build", "kiro-pipeline-prod-build"],
      ["TestEnv", "Deploy", "Build", "kiro-pipeline-prod-deploy-test"],
      ["TestEnv", "IntegrationTests", "Test", "kiro-pipeline-prod-integration-test"],
      ["TestEnv", "Verify", "Test", "kiro-pipeline-prod-deploy-test"],
      ["StagingEnv", "Deploy", "Build", "kiro-pipeline-prod-deploy-staging"],
      ["StagingEnv", "EndToEndTests", "Test", "kiro-pipeline-prod-e2e-test"],
      ["StagingEnv", "Verify", "Test", "kiro-pipeline-prod-deploy-staging"],
      ["ProductionEnv", "Plan", "Build", "kiro-pipeline-prod-deploy-production"],
      ["ProductionEnv", "Deploy", "Build", "kiro-pipeline-prod-deploy-production"],
      ["ProductionEnv", "Verify", "Test", "kiro-pipeline-prod-deploy-production"],
    ]);
  });

  it("tells each build what it is about", () => {
    const execution = { PIPELINE_EXECUTION_ID: "#{codepipeline.PipelineExecutionId}" };
    const version = { RELEASE_VERSION: "#{Build.RELEASE_VERSION}" };
    const release = { ...version, RELEASE_DIGEST: "#{Build.RELEASE_DIGEST}" };
    const deploy = { ...execution, MODE: "deploy", ...release };
    const verify = { ...execution, MODE: "verify", ...release };
    const inTest = { DEPLOYMENT_ID: "#{TestDeploy.DEPLOYMENT_ID}" };
    const inStaging = { DEPLOYMENT_ID: "#{StagingDeploy.DEPLOYMENT_ID}" };
    const inProduction = { DEPLOYMENT_ID: "#{ProductionDeploy.DEPLOYMENT_ID}" };
    const given = actions(model).flatMap(([stage, a]) =>
      a.provider === "CodeBuild" ? [[`${stage}/${a.name}`, variables(a)] as const] : [],
    );
    expect(Object.fromEntries(given)).toEqual({
      "Build/Build": execution,
      "TestEnv/Deploy": deploy,
      "TestEnv/IntegrationTests": { ...execution, ...inTest, ...version },
      "TestEnv/Verify": { ...verify, ...inTest, TEST_BUILD_ID: "#{IntegrationTests.TEST_BUILD_ID}" },
      "StagingEnv/Deploy": deploy,
      "StagingEnv/EndToEndTests": { ...execution, ...inStaging, ...version },
      "StagingEnv/Verify": { ...verify, ...inStaging, TEST_BUILD_ID: "#{EndToEndTests.TEST_BUILD_ID}" },
      "ProductionEnv/Plan": { ...execution, MODE: "plan", ...release },
      "ProductionEnv/Deploy": {
        ...deploy,
        APPROVED_PLAN_DIGEST: "#{ProductionPlan.PLAN_DIGEST}",
        APPROVED_SCOPE: "#{ProductionPlan.PLAN_SCOPE}",
        APPROVED_ALARMS: "#{ProductionPlan.PLAN_ALARMS}",
      },
      "ProductionEnv/Verify": { ...verify, ...inProduction },
    });
  });

  it("reads only what an earlier action has said, under a name that its buildspec exports", () => {
    const exported = new Map<string, readonly string[]>([
      ["codepipeline", ["PipelineExecutionId"]],
      ["Source", ["CommitId"]],
      ["Build", exportedBy("build")],
      ["TestDeploy", exportedBy("deploy")],
      ["StagingDeploy", exportedBy("deploy")],
      ["ProductionPlan", exportedBy("deploy")],
      ["ProductionDeploy", exportedBy("deploy")],
      ["IntegrationTests", exportedBy("integration-test")],
      ["EndToEndTests", exportedBy("e2e-test")],
    ]);
    const spoken = new Set(["codepipeline"]);
    for (const [, a] of actions(model)) {
      for (const [, namespace = "", variable] of JSON.stringify(a.configuration).matchAll(/#\{(\w+)\.(\w+)\}/g)) {
        expect([...spoken]).toContain(namespace);
        expect(exported.get(namespace)).toContain(variable);
      }
      if (a.namespace !== undefined) spoken.add(a.namespace);
    }
    expect([...spoken].sort()).toEqual([...exported.keys()].sort());
  });

  it("hands the source to Build alone, and what Build made to every later build", () => {
    const artifacts = actions(model).map(([stage, a]) => [
      `${stage}/${a.name}`,
      a.inputArtifacts.join(),
      a.outputArtifacts.join(),
    ]);
    expect(artifacts.slice(0, 2)).toEqual([
      ["Source/Source", "", "SourceOutput"],
      ["Build/Build", "SourceOutput", "BuildOutput"],
    ]);
    for (const [name, input, output] of artifacts.slice(2)) {
      expect([name, input, output]).toEqual([name, name?.includes("Approve") ? "" : "BuildOutput", ""]);
    }
  });

  it("asks for production's approval for a day, with commit, release and plan", () => {
    expect(action(model, "ProductionEnv", "Approve_Production_Deployment")).toEqual({
      name: "Approve_Production_Deployment",
      category: "Approval",
      provider: "Manual",
      runOrder: 2,
      inputArtifacts: [],
      outputArtifacts: [],
      configuration: {
        NotificationArn: { reference: "approvalsTopicArn" },
        ExternalEntityLink: "https://github.com/my-team/worker/commit/#{Source.CommitId}",
        CustomData: "Release #{Build.RELEASE_VERSION}: #{ProductionPlan.PLAN_SUMMARY}",
      },
      timeoutInMinutes: 1440,
    });
  });

  it("stays within what AWS takes for a value of an action's configuration", () => {
    for (const [, a] of actions(model)) {
      for (const value of Object.values(a.configuration)) {
        if (typeof value === "string") expect(value.length).toBeLessThanOrEqual(1000);
      }
    }
  });
});

// Helpers

function actions({ stages }: PipelineModel): readonly (readonly [string, ActionModel])[] {
  return stages.flatMap((stage) => stage.actions.map((a) => [stage.name, a] as const));
}

function action(pipeline: PipelineModel, stage: string, name: string): ActionModel {
  const found = actions(pipeline).find(([s, a]) => s === stage && a.name === name);
  if (found === undefined) throw new Error(`no action ${stage}/${name}`);
  return found[1];
}

function variables({ configuration }: ActionModel): Record<string, string> {
  const text = configuration["EnvironmentVariables"];
  const list = JSON.parse(typeof text === "string" ? text : "[]") as { name: string; value: string; type: string }[];
  expect(list.every(({ type }) => type === "PLAINTEXT")).toBe(true);
  return Object.fromEntries(list.map(({ name, value }) => [name, value]));
}

function exportedBy(buildspec: string): readonly string[] {
  const text = readFileSync(join(__dirname, "..", "..", "..", "buildspecs", `${buildspec}.yml`), "utf8");
  const [, block = ""] = /exported-variables:\n((?: +- \w+\n)+)/.exec(text) ?? [];
  return [...block.matchAll(/- (\w+)/g)].map(([, name = ""]) => name);
}
