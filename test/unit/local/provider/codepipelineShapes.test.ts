import { describe, expect, test } from "@jest/globals";
import { differences } from "../../../../local/provider/compare";
import { pipeline } from "../../../../local/provider/services/codepipeline";
import { declaration, live } from "../../../../local/provider/services/codepipelineShapes";
import { present, type Properties } from "../../../../local/provider/values";

const rule = {
  name: "Alarms",
  ruleTypeId: { category: "Rule", owner: "AWS", provider: "CloudWatchAlarm", version: "1" },
  configuration: { AlarmName: "a" },
};
const action = {
  name: "Build",
  category: "Build",
  owner: "AWS",
  provider: "CodeBuild",
  version: "1",
  runOrder: 2,
  inputArtifacts: ["in"],
  outputArtifacts: ["out"],
  outputVariables: ["V"],
  namespace: "N",
  configuration: { ProjectName: "p" },
  roleArn: "r",
  region: "us-east-1",
  timeoutInMinutes: 5,
  commands: ["ls"],
};
const full = {
  name: "p",
  roleArn: "arn",
  pipelineType: "V2",
  executionMode: "QUEUED",
  artifactStores: [
    { location: "a", type: "S3", region: "us-east-1", encryptionKey: { id: "k", type: "KMS" } },
    { location: "b", type: "S3", region: "eu-west-1" },
  ],
  stages: [
    {
      name: "S",
      actions: [action],
      beforeEntry: { condition: { result: "FAIL", rules: [{ ...rule, inputArtifacts: ["in"], commands: ["ls"] }] } },
      onSuccess: { condition: { result: "ROLLBACK", rules: [rule] } },
      onFailure: {
        result: "RETRY",
        retryConfiguration: { retryMode: "FAILED_ACTIONS" },
        condition: { result: "ROLLBACK", rules: [rule] },
      },
    },
    { name: "T", actions: [action], onFailure: { result: "ROLLBACK" } },
  ],
  triggers: [
    {
      providerType: "CodeStarSourceConnection",
      gitConfiguration: {
        sourceActionName: "Source",
        pushes: [{ branches: { includes: ["main"] }, filePaths: { excludes: ["docs/**"] } }],
        pullRequests: [{ branches: { includes: ["main"] }, events: ["OPEN"] }],
      },
    },
  ],
  variables: [{ name: "V", defaultValue: "1" }],
};

const roundTrip = (inputs: typeof full | object): Properties =>
  present(live(declaration(inputs as unknown as Parameters<typeof declaration>[0])));

describe("a pipeline's definition", () => {
  test("comes back from CodePipeline's words as it was said, with conditions, rules and triggers", () => {
    expect(differences(pipeline.fields, full, roundTrip(full))).toEqual([]);
  });

  test("without anything optional is filled with CodePipeline's defaults alone", () => {
    const [single] = full.artifactStores.map(({ location, type }) => ({ location, type }));
    const { category, owner, provider, version } = action;
    const bare = {
      name: "p",
      roleArn: "arn",
      artifactStores: [single],
      stages: [{ name: "S", actions: [{ name: "A", category, owner, provider, version }] }],
    };
    expect(declaration(bare as unknown as Parameters<typeof declaration>[0])).toMatchObject({
      pipelineType: "V1",
      executionMode: "SUPERSEDED",
      artifactStore: { location: "a", type: "S3" },
      stages: [{ actions: [{ runOrder: 1, inputArtifacts: [], outputArtifacts: [] }] }],
    });
    expect(differences(pipeline.fields, bare as unknown as Properties, roundTrip(bare))).toEqual([]);
  });

  test("a rule's owner and version need not be said", () => {
    const short = { category: "Rule", provider: "CloudWatchAlarm" };
    const condition = { result: "FAIL", rules: [{ name: "R", ruleTypeId: short }] };
    const stages = [{ name: "S", actions: [action], beforeEntry: { condition } }];
    const given = declaration({ ...full, stages });
    expect(given.stages?.[0]?.beforeEntry?.conditions?.[0]?.rules?.[0]?.ruleTypeId).toEqual({
      ...short,
      owner: "AWS",
      version: "1",
    });
  });
});
