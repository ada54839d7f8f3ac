import { describe, expect, it } from "@jest/globals";
import { type PipelineDeclaration, type StageDeclaration } from "../../../../../local/codepipeline/engine/declaration";
import { validate } from "../../../../../local/codepipeline/engine/validate";
import { approval, build, declare, source } from "./world";

const SOURCE = { name: "Source", actions: [source("Source")] };
const SHIP = { name: "Ship", actions: [approval("Approve")] };
const stages = (...declared: StageDeclaration[]): Partial<PipelineDeclaration> => ({ stages: declared });
const trigger = (change: object) => ({
  triggers: [
    { providerType: "CodeStarSourceConnection", gitConfiguration: { sourceActionName: "Source", push: [], ...change } },
  ],
});

describe("a declaration", () => {
  it("that is right is taken", () => {
    expect(validate(declare(trigger({ push: [{ branches: { includes: ["main"] } }] })), "us-east-1")).toBeUndefined();
    expect(validate(declare({ executionMode: "QUEUED" }), "us-east-1")).toBeUndefined();
  });

  it.each<[string, string, RegExp, Partial<PipelineDeclaration>]>([
    ["runs in parallel", "ValidationException", /PARALLEL is not served/, { executionMode: "PARALLEL" }],
    ["queues as V1", "ValidationException", /V2/, { executionMode: "QUEUED", pipelineType: "V1" }],
    ["has triggers as V1", "ValidationException", /Triggers need/, { ...trigger({}), pipelineType: "V1" }],
    [
      "has variables as V1",
      "ValidationException",
      /variables need/,
      { variables: [{ name: "v" }], pipelineType: "V1" },
    ],
    ["has one stage", "InvalidStructureException", /only 1 stage/, stages(SOURCE)],
    ["has stores by region", "InvalidStructureException", /artifactStores/, { artifactStores: {} }],
    ["begins without a source", "InvalidStructureException", /should start with/, stages(SHIP, { ...SHIP, name: "B" })],
    ["has a late source", "InvalidStructureException", /after the first/, stages(SOURCE, { ...SOURCE, name: "B" })],
    ["repeats a stage", "InvalidStageDeclarationException", /Ship occurs more/, stages(SOURCE, SHIP, SHIP)],
    [
      "has an empty stage",
      "InvalidStageDeclarationException",
      /no actions/,
      stages(SOURCE, { name: "B", actions: [] }),
    ],
    [
      "repeats an action",
      "InvalidStageDeclarationException",
      /Action name Approve/,
      stages(SOURCE, { name: "B", actions: [approval("Approve"), approval("Approve")] }),
    ],
    [
      "has conditions",
      "InvalidStageDeclarationException",
      /onFailure, which/,
      stages(SOURCE, { ...SHIP, onFailure: {} }),
    ],
    ["has blockers", "InvalidStageDeclarationException", /blockers/, stages(SOURCE, { ...SHIP, blockers: [{}] })],
    [
      "has an unknown provider",
      ...badAction(/Deploy\/AWS\/ECS\/1 is not served locally. Served: Source/, {
        actionTypeId: { category: "Deploy", owner: "AWS", provider: "ECS", version: "1" },
      }),
    ],
    [
      "has a provider in a wrong category",
      ...badAction(/not served/, {
        actionTypeId: { category: "Deploy", owner: "AWS", provider: "CodeBuild", version: "1" },
      }),
    ],
    ["misses configuration", ...badAction(/missing required configuration 'ProjectName'/, { configuration: {} })],
    [
      "has unknown configuration",
      ...badAction(/unknown configuration 'Projekt'/, { configuration: { ProjectName: "p", Projekt: "p" } }),
    ],
    ["batches builds", ...badAction(/batch builds/, { configuration: { ProjectName: "p", BatchEnabled: "true" } })],
    [
      "has broken variables",
      ...badAction(/not a JSON list/, { configuration: { ProjectName: "p", EnvironmentVariables: "{" } }),
    ],
    [
      "has variables that are no list",
      ...badAction(/not a JSON list/, { configuration: { ProjectName: "p", EnvironmentVariables: "{}" } }),
    ],
    ["has no input", ...badAction(/0 input artifacts which is less/, { inputArtifacts: [] })],
    [
      "has two inputs",
      ...badAction(/2 input artifacts which is more/, { inputArtifacts: [{ name: "SourceOutput" }, { name: "B" }] }),
    ],
    ["has a role of an action", ...badAction(/role of its own/, { roleArn: "arn:aws:iam::000000000000:role/x" })],
    ["acts elsewhere", ...badAction(/region eu-west-1/, { region: "eu-west-1" })],
    ["times a build", ...badAction(/approval actions only/, { timeoutInMinutes: 5 })],
    [
      "has a strange format",
      "InvalidActionDeclarationException",
      /CODE_ZIP or CODEBUILD_CLONE_REF, not 'TAR'/,
      stages(
        {
          name: "Source",
          actions: [
            source("Source", {
              configuration: {
                ConnectionArn: "c",
                FullRepositoryId: "a/b",
                BranchName: "m",
                OutputArtifactFormat: "TAR",
              },
            }),
          ],
        },
        SHIP,
      ),
    ],
    [
      "reads an unknown namespace",
      ...badAction(/does not exist.*Namespace=\[Nobody\]/, { configuration: { ProjectName: "#{Nobody.X}" } }),
    ],
    [
      "reads what runs beside it",
      ...badAction(/Namespace=\[Own\]/, { namespace: "Own", configuration: { ProjectName: "#{Own.X}" } }),
    ],
    ["repeats a namespace", ...badAction(/must be unique.*Namespace=\[Source\]/, { namespace: "Source" })],
    [
      "reads an unmade artifact",
      "InvalidStructureException",
      /Nothing of action B\/A is not the output/,
      stages(SOURCE, { name: "B", actions: [build("A", { inputArtifacts: [{ name: "Nothing" }] })] }),
    ],
    [
      "makes an artifact twice",
      "InvalidStructureException",
      /must be unique within the pipeline. SourceOutput/,
      stages(SOURCE, { name: "B", actions: [build("A", { outputArtifacts: [{ name: "SourceOutput" }] })] }),
    ],
    [
      "has a trigger for nobody",
      "InvalidStructureException",
      /source action Nobody/,
      trigger({ sourceActionName: "Nobody" }),
    ],
    ["has pull request triggers", "InvalidStructureException", /Pull request/, trigger({ pullRequest: [{}] })],
    ["has tag triggers", "InvalidStructureException", /Tag triggers/, trigger({ push: [{ tags: {} }] })],
  ])("that %s is refused with %s", (_, code, message, change) => {
    expect(validate(declare(change), "us-east-1")).toEqual({ code, message: expect.stringMatching(message) });
  });

  it("without an artifact store is refused", () => {
    const { artifactStore: _, ...rest } = declare();
    expect(_).toBeDefined();
    expect(validate(rest, "us-east-1")).toMatchObject({ message: "Pipeline has no artifactStore" });
  });
});

function badAction(message: RegExp, change: object): [string, RegExp, Partial<PipelineDeclaration>] {
  return ["InvalidActionDeclarationException", message, stages(SOURCE, { name: "B", actions: [build("A", change)] })];
}
