import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { botocoreData, loadServiceModel, renderError, ServiceModel, writeOutput } from "../../../../local/awsModel";
import { projectRoot } from "../../../../local/cloud/paths";
import { AwsError } from "../../../../local/services/contract";
import { removeTemporary, temporaryFolder } from "../../../support/temporary";

afterAll(removeTemporary);

let codepipeline: ServiceModel;
let codeconnections: ServiceModel;

beforeAll(async () => {
  const data = botocoreData(projectRoot());
  codepipeline = await loadServiceModel(data, "codepipeline", "2015-07-09");
  codeconnections = await loadServiceModel(data, "codeconnections", "2023-12-01");
});

function write(model: ServiceModel, name: string, output: unknown): unknown {
  const operation = model.operation(name);
  if (!operation) throw new Error(`no operation ${name}`);
  return writeOutput(model, operation, output);
}

describe("a response", () => {
  it("has seconds for Dates and nothing for what is absent", () => {
    const created = new Date("2026-01-02T03:04:05.250Z");
    const pipelines = [{ name: "a", version: 1, created, updated: undefined, pipelineType: null }];
    expect(write(codepipeline, "ListPipelines", { pipelines, nextToken: undefined })).toEqual({
      pipelines: [{ name: "a", version: 1, created: created.getTime() / 1000 }],
    });
  });

  it("is an empty object when the operation has no output", () => {
    expect(write(codepipeline, "DeletePipeline", undefined)).toEqual({});
  });

  it.each([
    [
      "a member that the service does not have",
      "ListPipelines",
      { pipelins: [] },
      "ListPipelines.pipelins is not in the service model.",
    ],
    [
      "any member where there is no output",
      "DeletePipeline",
      { a: 1 },
      "DeletePipeline.a is not in the service model.",
    ],
    [
      "a required member that is missing",
      "GetPipelineState",
      { stageStates: [{ actionStates: [{ currentRevision: { revisionId: "r" } }] }] },
      "GetPipelineState.stageStates[0].actionStates[0].currentRevision.revisionChangeId is required by the service model and missing.",
    ],
    [
      "a text where a Date belongs",
      "ListPipelines",
      { pipelines: [{ created: "now" }] },
      'ListPipelines.pipelines[0].created must be a Date by the service model, and is "now".',
    ],
    [
      "an invalid Date",
      "ListPipelines",
      { pipelines: [{ created: new Date(Number.NaN) }] },
      "ListPipelines.pipelines[0].created must be a Date by the service model, and is an invalid Date.",
    ],
    [
      "a word outside the enum",
      "ListPipelines",
      { pipelines: [{ pipelineType: "V3" }] },
      'ListPipelines.pipelines[0].pipelineType must be one of V1, V2 by the service model, and is "V3".',
    ],
    [
      "no list",
      "ListPipelines",
      { pipelines: {} },
      "ListPipelines.pipelines must be a list by the service model, and is {}.",
    ],
    [
      "no object",
      "ListPipelines",
      { pipelines: ["a"] },
      'ListPipelines.pipelines[0] must be an object by the service model, and is "a".',
    ],
    [
      "no text",
      "ListPipelines",
      { nextToken: 1 },
      "ListPipelines.nextToken must be a string by the service model, and is 1.",
    ],
    [
      "no integer",
      "ListPipelines",
      { pipelines: [{ version: 1.5 }] },
      "ListPipelines.pipelines[0].version must be an integer by the service model, and is 1.5.",
    ],
  ])("that has %s is a bug, named by its path", (_, operation, output, message) => {
    expect(() => write(codepipeline, operation, output)).toThrow(message);
  });

  it("may have every other kind of value", () => {
    const model = new ServiceModel("made-up", {
      metadata: { protocol: "json", targetPrefix: "MadeUp", serviceFullName: "Made up" },
      operations: { Do: { name: "Do", output: { shape: "Out" } } },
      shapes: {
        Out: {
          type: "structure",
          members: { blob: { shape: "Blob" }, flag: { shape: "Flag" }, map: { shape: "Map" }, size: { shape: "Size" } },
        },
        Blob: { type: "blob" },
        Flag: { type: "boolean" },
        Size: { type: "double" },
        Map: { type: "map", key: { shape: "Text" }, value: { shape: "Size" } },
        Text: { type: "string" },
      },
    });
    const output = { blob: Buffer.from("hi"), flag: false, map: { a: 1, b: undefined }, size: 0.5 };
    expect(write(model, "Do", output)).toEqual({ blob: "aGk=", flag: false, map: { a: 1 }, size: 0.5 });
    expect(() => write(model, "Do", { flag: 0 })).toThrow("Do.flag must be a boolean");
    expect(() => write(model, "Do", { blob: "hi" })).toThrow("Do.blob must be bytes");
    expect(() => write(model, "Do", { size: "1" })).toThrow("Do.size must be a number");
    expect(() => write(model, "Do", { size: () => 1 })).toThrow("and is function.");
  });
});

describe("an error", () => {
  it("is named by its type, in the body and in a header", () => {
    const error = new AwsError("PipelineNotFoundException", "no such pipeline");
    expect(renderError(codepipeline, error, "id")).toEqual({
      status: 400,
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amzn-errortype": "PipelineNotFoundException",
        "x-amzn-requestid": "id",
      },
      body: JSON.stringify({ __type: "PipelineNotFoundException", message: "no such pipeline" }),
    });
  });

  it("has its message under the name that the model gives it", () => {
    const answer = renderError(codeconnections, new AwsError("ResourceNotFoundException", "gone"), "id");
    expect(answer.headers["content-type"]).toBe("application/x-amz-json-1.0");
    expect(answer.body).toBe(JSON.stringify({ __type: "ResourceNotFoundException", Message: "gone" }));
  });

  it("that every service has needs no shape", () => {
    const answer = renderError(codepipeline, new AwsError("AccessDeniedException", "no"), "id");
    expect(JSON.parse(answer.body)).toEqual({ __type: "AccessDeniedException", message: "no" });
  });

  it.each([
    ["a bug", new TypeError("x is undefined"), "TypeError: x is undefined"],
    ["an exception that the service does not have", new AwsError("NoSuchBucket", "gone"), "NoSuchBucket: gone"],
    ["a shape that is no exception", new AwsError("PipelineName", "odd"), "PipelineName: odd"],
    ["something else that was thrown", "a text", "Error: a text"],
  ])("that is %s becomes an InternalFailure", (_, error, message) => {
    const answer = renderError(codepipeline, error, "id");
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.body)).toEqual({ __type: "InternalFailure", message });
  });
});

describe("a model", () => {
  it("knows its protocol and its operations", () => {
    expect(codepipeline.targetPrefix).toBe("CodePipeline_20150709");
    expect(codeconnections.targetPrefix).toBe("com.amazonaws.codeconnections.CodeConnections_20231201");
    expect(codepipeline.operation("GetPipeline")?.name).toBe("GetPipeline");
    expect(codepipeline.operation("GetPipelines")).toBeUndefined();
    expect(codepipeline.operation("toString")).toBeUndefined();
    expect(codepipeline.exception("toString")).toBeUndefined();
    expect(() => codepipeline.shape({ shape: "Nothing" })).toThrow("The model of codepipeline has no shape Nothing.");
  });

  it("of a service with another protocol is refused", async () => {
    const loading = loadServiceModel(botocoreData(projectRoot()), "s3", "2006-03-01");
    await expect(loading).rejects.toThrow("s3 speaks rest-xml; only AWS's JSON protocol is served.");
  });

  it("that does not exist is an error that names its file", async () => {
    const loading = loadServiceModel(botocoreData(projectRoot()), "codepipeline", "1999-01-01");
    await expect(loading).rejects.toThrow(/codepipeline\/1999-01-01\/service-2\.json\.gz/);
    await expect(loadServiceModel("/dev/null", "codepipeline", "1999-01-01")).rejects.toThrow("ENOTDIR");
  });

  it("needs the emulator's environment", () => {
    expect(() => botocoreData(temporaryFolder("model"))).toThrow("ENOENT");
  });
});
