import { beforeAll, describe, expect, it } from "@jest/globals";
import { botocoreData, loadServiceModel, readInput, ServiceModel } from "../../../../local/awsModel";
import { projectRoot } from "../../../../local/cloud/paths";
import { AwsError } from "../../../../local/services/contract";

let codepipeline: ServiceModel;
let codebuild: ServiceModel;

beforeAll(async () => {
  const data = botocoreData(projectRoot());
  codepipeline = await loadServiceModel(data, "codepipeline", "2015-07-09");
  codebuild = await loadServiceModel(data, "codebuild", "2016-10-06");
});

function read(model: ServiceModel, name: string, body: unknown): Record<string, unknown> {
  const operation = model.operation(name);
  if (!operation) throw new Error(`no operation ${name}`);
  return readInput(model, operation, body);
}

function refusal(model: ServiceModel, name: string, body: unknown): string {
  try {
    read(model, name, body);
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "accepted";
}

const action = { name: "Source", actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" } };
const pipeline = {
  name: "demo",
  roleArn: "arn:aws:iam::000000000000:role/demo",
  stages: [{ name: "Source", actions: [action] }],
};
const withAction = (change: object) => ({
  pipeline: { ...pipeline, stages: [{ name: "Source", actions: [{ ...action, ...change }] }] },
});

describe("a request that fits the model", () => {
  it("is handed on as it is", () => {
    expect(read(codepipeline, "CreatePipeline", { pipeline })).toEqual({ pipeline });
  });

  it("loses members that are null, as if they had not been sent", () => {
    expect(read(codebuild, "ListProjects", { sortBy: null, nextToken: "t" })).toEqual({ nextToken: "t" });
  });

  it("may have no body at all", () => {
    expect(read(codebuild, "ListProjects", undefined)).toEqual({});
  });

  it("has its timestamps turned into Dates", () => {
    const input = { reportGroupArn: "arn", trendField: "PASS_RATE" };
    expect(read(codebuild, "GetReportGroupTrend", input)).toEqual(input);
    const started = read(codepipeline, "PutJobSuccessResult", { jobId: JOB, currentRevision: REVISION });
    expect(started["currentRevision"]).toEqual({ ...REVISION, created: new Date("2026-01-02T03:04:05.500Z") });
  });
});

const JOB = "11111111-2222-3333-4444-555555555555";
const REVISION = { revision: "r", changeIdentifier: "c", created: Date.parse("2026-01-02T03:04:05.500Z") / 1000 };

describe("a request that breaks a constraint is refused with AWS's words", () => {
  it.each([
    [
      "a missing member",
      "GetPipeline",
      {},
      "Value null at 'name' failed to satisfy constraint: Member must not be null",
    ],
    [
      "a member that is null",
      "GetPipeline",
      { name: null },
      "Value null at 'name' failed to satisfy constraint: Member must not be null",
    ],
    [
      "a text outside the pattern",
      "GetPipeline",
      { name: "a b" },
      "Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9.@\\-_]+",
    ],
    [
      "a text that is too long",
      "GetPipeline",
      { name: "x".repeat(101) },
      `Value '${"x".repeat(101)}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 100`,
    ],
    [
      "a number below the least",
      "GetPipeline",
      { name: "x", version: 0 },
      "Value '0' at 'version' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      "a word outside the enum, with its path",
      "CreatePipeline",
      withAction({ actionTypeId: { ...action.actionTypeId, owner: "Me" } }),
      "Value 'Me' at 'pipeline.stages.1.member.actions.1.member.actionTypeId.owner' failed to satisfy constraint: " +
        "Member must satisfy enum value set: [AWS, ThirdParty, Custom]",
    ],
    [
      "a value of a map",
      "CreatePipeline",
      withAction({ configuration: { key: "" } }),
      "Value at 'pipeline.stages.1.member.actions.1.member.configuration' failed to satisfy constraint: " +
        "Map value must satisfy constraint: [Member must have length less than or equal to 50000, " +
        "Member must have length greater than or equal to 1]",
    ],
    [
      "a key of a map",
      "CreatePipeline",
      withAction({ configuration: { "": "value" } }),
      "Value at 'pipeline.stages.1.member.actions.1.member.configuration' failed to satisfy constraint: " +
        "Map keys must satisfy constraint: [Member must have length less than or equal to 50, " +
        "Member must have length greater than or equal to 1]",
    ],
    [
      "a member that the service does not have",
      "GetPipeline",
      { name: "x", colour: "red" },
      "Value at 'colour' failed to satisfy constraint: Member is not known to the service",
    ],
    [
      "a member named like something every object has",
      "GetPipeline",
      { name: "x", constructor: 1 },
      "Value at 'constructor' failed to satisfy constraint: Member is not known to the service",
    ],
  ])("%s", (_, operation, body, message) => {
    expect(refusal(codepipeline, operation, body)).toBe(`ValidationException: 1 validation error detected: ${message}`);
  });

  it("names every broken constraint at once", () => {
    expect(refusal(codepipeline, "GetPipeline", { name: "", version: 0 })).toBe(
      "ValidationException: 3 validation errors detected: " +
        "Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
        "Value '' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9.@\\-_]+; " +
        "Value '0' at 'version' failed to satisfy constraint: Member must have value greater than or equal to 1",
    );
  });

  it("repeats a list of texts, and no secret", () => {
    expect(refusal(codebuild, "BatchGetBuilds", { ids: [] })).toBe(
      "ValidationException: 1 validation error detected: Value '[]' at 'ids' failed to satisfy constraint: " +
        "Member must have length greater than or equal to 1",
    );
    expect(refusal(codebuild, "BatchGetBuilds", { ids: [""] })).toBe(
      "ValidationException: 1 validation error detected: Value '[]' at 'ids' failed to satisfy constraint: " +
        "Member must satisfy constraint: [Member must have length greater than or equal to 1]",
    );
    const webhook = { authType: "GITHUB_HMAC", serverType: "GITHUB", token: "" };
    expect(refusal(codebuild, "ImportSourceCredentials", { ...webhook, authType: "OAUTH" })).toBe(
      "ValidationException: 1 validation error detected: Value at 'token' failed to satisfy constraint: " +
        "Member must have length greater than or equal to 1",
    );
  });
});

describe("a value of the wrong JSON type is a SerializationException", () => {
  it.each([
    ["GetPipeline", { name: 7 }, "NUMBER_VALUE cannot be converted to String (at 'name')"],
    ["GetPipeline", { name: "x", version: "1" }, "STRING_VALUE cannot be converted to Integer (at 'version')"],
    ["GetPipeline", { name: "x", version: 1.5 }, "DECIMAL_VALUE cannot be converted to Integer (at 'version')"],
    ["CreatePipeline", { pipeline: [] }, "Start of structure or map expected, found START_ARRAY (at 'pipeline')"],
    ["CreatePipeline", { pipeline: { ...pipeline, stages: {} } }, "Expected list or null (at 'pipeline.stages')"],
    [
      "TagResource",
      { resourceArn: "a", tags: [true] },
      "Start of structure or map expected, found TRUE_VALUE (at 'tags.1.member')",
    ],
    ["GetPipeline", "name", "Start of structure or map expected, found STRING_VALUE"],
    [
      "UntagResource",
      { resourceArn: "a", tagKeys: [null] },
      "NULL_VALUE cannot be converted to String (at 'tagKeys.1.member')",
    ],
    ["EnableStageTransition", { pipelineName: {} }, "START_OBJECT cannot be converted to String (at 'pipelineName')"],
    [
      "PollForJobs",
      { actionTypeId: false },
      "Start of structure or map expected, found FALSE_VALUE (at 'actionTypeId')",
    ],
  ])("%s %j", (operation, body, message) => {
    expect(refusal(codepipeline, operation, body)).toBe(`SerializationException: ${message}`);
  });
});

describe("the patterns and counts of the models", () => {
  it("count characters, not UTF-16 units", () => {
    expect(refusal(codepipeline, "DisableStageTransition", disable("🙂".repeat(300)))).toContain("pattern");
    expect(refusal(codepipeline, "DisableStageTransition", disable("🙂".repeat(300)))).not.toContain("length");
  });

  it("understand Unicode classes where the model has them", () => {
    const tags = (value: string) => ({ name: "x", tags: [{ key: "k", value }] });
    expect(refusal(codebuild, "UpdateProject", tags("grün 1.0"))).toBe("accepted");
    expect(refusal(codebuild, "UpdateProject", tags("a\u0000b"))).toContain("must satisfy regular expression pattern");
  });
});

function disable(reason: string): object {
  return { pipelineName: "p", stageName: "s", transitionType: "Inbound", reason };
}

describe("kinds of values that our services do not use", () => {
  const model = new ServiceModel("made-up", {
    metadata: { protocol: "json", targetPrefix: "MadeUp", serviceFullName: "Made up" },
    operations: { Do: { name: "Do", input: { shape: "In" } }, Nothing: { name: "Nothing" } },
    shapes: {
      In: {
        type: "structure",
        members: {
          blob: { shape: "Blob" },
          float: { shape: "Float" },
          long: { shape: "Long" },
          nested: { shape: "Nested" },
          lists: { shape: "Lists" },
        },
      },
      Blob: { type: "blob" },
      Float: { type: "float", max: 1 },
      Long: { type: "long" },
      Nested: { type: "map", key: { shape: "Key" }, value: { shape: "In" } },
      Lists: { type: "list", member: { shape: "In" } },
      Key: { type: "string", enum: ["a"], pattern: ".*" },
    },
  });

  it("are read as AWS writes them", () => {
    const input = read(model, "Do", {
      blob: "aGk=",
      float: 0.5,
      long: 2 ** 40,
      nested: { a: { long: 1 } },
      lists: [{}],
    });
    expect(input).toEqual({
      blob: Buffer.from("hi"),
      float: 0.5,
      long: 2 ** 40,
      nested: { a: { long: 1 } },
      lists: [{}],
    });
  });

  it("are checked too", () => {
    expect(refusal(model, "Do", { nested: { b: { float: 2 } } })).toBe(
      "ValidationException: 2 validation errors detected: Value at 'nested' failed to satisfy constraint: Map keys must " +
        "satisfy constraint: [Member must satisfy regular expression pattern: .*, Member must satisfy enum value set: [a]]; " +
        "Value '2' at 'nested.b.member.float' failed to satisfy constraint: Member must have value less than or equal to 1",
    );
    expect(refusal(model, "Nothing", { a: 1 })).toContain("Member is not known to the service");
    expect(refusal(model, "Nothing", {})).toBe("accepted");
    expect(refusal(model, "Do", { long: "x" })).toBe(
      "SerializationException: STRING_VALUE cannot be converted to Long (at 'long')",
    );
  });
});
