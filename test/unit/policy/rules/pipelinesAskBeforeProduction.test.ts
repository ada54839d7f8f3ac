import { describe, expect, test } from "@jest/globals";
import { pipelinesAskBeforeProduction } from "../../../../policy/rules/pipelinesAskBeforeProduction";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const action = (name: unknown, runOrder?: unknown, category: unknown = "Build", provider: unknown = "CodeBuild") => ({
  name,
  category,
  provider,
  owner: "AWS",
  runOrder,
});
const approval = (runOrder?: unknown) => action("Approve", runOrder, "Approval", "Manual");
const stage = (name: unknown, ...actions: readonly unknown[]) => ({ name, actions });

const pipeline = (props: object) =>
  judged(pipelinesAskBeforeProduction, [
    { type: "aws:codepipeline/pipeline:Pipeline", name: "delivery", props: { pipelineType: "V2", ...props } },
  ]);
const production = (...actions: readonly unknown[]) => pipeline({ stages: [stage("ProductionEnv", ...actions)] });

const noApproval = ["delivery: give stage ProductionEnv a Manual Approval action before its deployment"];
const tooEarly = (name: string) =>
  `delivery: give ${name} in stage ProductionEnv a runOrder above that of the approval, or call it Plan if it is one`;
const unseen = [
  "delivery: what runs in stage ProductionEnv is not known before the update; write name, category and runOrder of its actions: a plan of the stage must show who is asked before what",
];

describe("pipelines-ask-before-production", () => {
  test("accepts a stage that plans, asks, deploys and verifies in this order, however they are listed", () => {
    const actions = [action("Plan", 1), approval(2), action("Deploy", 3), action("Verify", 4, "Test")];
    expect(production(...actions)).toEqual([]);
    expect(production(...actions.toReversed())).toEqual([]);
  });

  test.each(["Plan", "plan-changes", "Plan_Production", "PlanProduction", "Preview"])(
    "lets %s run before the approval",
    (name) => {
      expect(production(action(name), approval(2), action("Deploy", 3))).toEqual([]);
    },
  );

  test.each([undefined, "V1", UNKNOWN])("refuses a pipeline of type %p for that alone", (pipelineType) => {
    expect(pipeline({ pipelineType, stages: [] })).toEqual([
      "delivery: set pipelineType to V2: AWS makes a V1 where nothing is said",
    ]);
  });

  test.each([
    ["no approval", [action("Deploy")]],
    ["an approval that no person gives", [action("Approve", 1, "Approval", "Lambda"), action("Deploy", 2)]],
    ["an action that is only called so", [action("ManualApproval", 1), action("Deploy", 2)]],
    ["no action", []],
  ])("refuses a stage with %s", (_, actions) => {
    expect(production(...actions)).toEqual(noApproval);
  });

  test.each([
    ["before the approval", 1, 2],
    ["beside the approval", 2, 2],
    ["by default before it", undefined, 2],
    ["by default beside it", undefined, undefined],
  ])("refuses a deployment %s", (_, deploys, approves) => {
    expect(production(action("Deploy", deploys), approval(approves))).toEqual([tooEarly("Deploy")]);
  });

  test.each([
    ["Planet", "Build", "CodeBuild"],
    ["PlanAndDeploy", "Deploy", "CodeDeploy"],
    ["Plan", "Invoke", "Lambda"],
    ["Migrate", "Invoke", "Lambda"],
    ["Stack", "Deploy", "CloudFormation"],
  ])("does not take %s (%s by %s) for a plan", (name, category, provider) => {
    expect(production(action(name, 1, category, provider), approval(2))).toEqual([tooEarly(name)]);
  });

  test("takes the first of several approvals for the one that counts", () => {
    expect(production(approval(1), action("Deploy", 2), approval(3), action("Verify", 4))).toEqual([]);
  });

  test("tells each action that comes too early, and each stage", () => {
    const stages = [
      stage("Staging", action("Deploy")),
      stage("ProductionEnv", action("Migrate", 1), action("Deploy", 2), approval(3)),
      stage("prod-eu", action("Deploy")),
    ];
    expect(pipeline({ stages })).toEqual([
      tooEarly("Migrate"),
      tooEarly("Deploy"),
      "delivery: give stage prod-eu a Manual Approval action before its deployment",
    ]);
  });

  test.each([
    ["the actions", UNKNOWN],
    ["an action", [UNKNOWN, approval(2)]],
    ["a name", [action(UNKNOWN), approval(2)]],
    ["an order", [action("Deploy", UNKNOWN), approval(2)]],
    ["a category", [action("Deploy", 3, UNKNOWN), approval(2)]],
    ["a provider", [action("Deploy", 3, "Approval", UNKNOWN), approval(2)]],
  ])("refuses a stage of which %s is not known before the update", (_, actions) => {
    expect(pipeline({ stages: [{ name: "ProductionEnv", actions }] })).toEqual(unseen);
  });

  test.each([
    ["the stages are", UNKNOWN],
    ["a stage is", [UNKNOWN]],
    ["the name of a stage is", [stage(UNKNOWN)]],
  ])("refuses a pipeline of which %s not known before the update", (_, stages) => {
    expect(pipeline({ stages })).toEqual([
      "delivery: the name of a stage is not known before the update; write it in the program: a plan of the stage must show who is asked before what",
    ]);
  });

  test("has nothing to say about stages before production, or about a project", () => {
    expect(pipeline({ stages: [stage("StagingEnv", action("Deploy"))] })).toEqual([]);
    expect(
      judged(pipelinesAskBeforeProduction, [{ type: "aws:codebuild/project:Project", name: "production", props: {} }]),
    ).toEqual([]);
  });
});
