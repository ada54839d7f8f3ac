import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { CodeBuildClient, ListProjectsCommand } from "@aws-sdk/client-codebuild";
import { CodePipelineClient, GetPipelineCommand, ListPipelinesCommand } from "@aws-sdk/client-codepipeline";
import { CreateRoleCommand, DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type ServiceDefinition } from "../../../../local/cloud/services";
import { type Push } from "../../../../local/gateway";
import { RoleSessions } from "../../../../local/roleSessions";
import { AwsError, type AwsCredentials, type Call, type LocalService } from "../../../../local/services/contract";
import { startCloud, type TestCloud } from "../../../support/emulator";
import { removeTemporary, temporaryFolder } from "../../../support/temporary";

const PIPELINE_ARN = "arn:aws:codepipeline:us-east-1:000000000000:demo";
const REGION = "us-east-1";
const ROOT = { accessKeyId: "test", secretAccessKey: "test" };

/** A CodePipeline that has one pipeline, asks for permission and remembers who came. */
class OnePipeline implements LocalService {
  readonly name = "codepipeline";
  readonly apiVersion = "2015-07-09";
  readonly calls: Call[] = [];
  readonly pushes: Push[] = [];
  stopped = false;

  async handle(operation: string, input: unknown, call: Call): Promise<unknown> {
    this.calls.push(call);
    if (operation === "ListPipelines") return { pipelines: [{ name: "demo", created: new Date(0), oops: true }] };
    const { name } = input as { name: string };
    await call.authorize("codepipeline:GetPipeline", PIPELINE_ARN);
    if (name !== "demo") throw new AwsError("PipelineNotFoundException", `no pipeline ${name}`);
    return { pipeline: { name, roleArn: "arn:aws:iam::000000000000:role/demo", stages: [] } };
  }

  async pushed(push: Push): Promise<void> {
    if (push.repository === "bad/one") throw new Error("no such source");
    this.pushes.push(push);
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    return Promise.reject(new Error("stopped with a complaint"));
  }
}

const service = new OnePipeline();
const definition: ServiceDefinition = {
  name: "codepipeline",
  models: [{ service: "codepipeline", apiVersion: "2015-07-09" }],
  create: () => Promise.resolve(service),
};
let cloud: TestCloud;
let directory: string;

beforeAll(async () => {
  directory = temporaryFolder("gateway");
  cloud = await startCloud(directory, [definition]);
}, 60_000);

afterAll(async () => {
  await cloud.stop();
  expect(service.stopped).toBe(true);
  expect(cloud.log.join("\n")).toContain("codepipeline: did not stop well: Error: stopped with a complaint");
  removeTemporary();
}, 60_000);

const clientOf = (credentials: AwsCredentials) => ({
  endpoint: cloud.endpoint,
  region: REGION,
  credentials,
  maxAttempts: 1,
});

async function roleSession(name: string, statement?: object): Promise<AwsCredentials> {
  const iam = new IAMClient(clientOf(ROOT));
  const trust = { Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" };
  const policy = (content: object) => JSON.stringify({ Version: "2012-10-17", Statement: [content] });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: policy(trust) }));
  if (statement) {
    const permission = { RoleName: name, PolicyName: "p", PolicyDocument: policy(statement) };
    await iam.send(new PutRolePolicyCommand(permission));
  }
  const sessions = new RoleSessions({ endpoint: cloud.endpoint, region: REGION });
  const credentials = await sessions.assume(Role?.Arn ?? "", "session");
  sessions.close();
  return credentials;
}

const allowGet = { Effect: "Allow", Action: "codepipeline:GetPipeline", Resource: PIPELINE_ARN };
const getDemo = (credentials: AwsCredentials) =>
  new CodePipelineClient(clientOf(credentials)).send(new GetPipelineCommand({ name: "demo" }));

describe("a local service behind the gateway", () => {
  it("answers the root of the account", async () => {
    await expect(getDemo(ROOT)).resolves.toMatchObject({ pipeline: { name: "demo", stages: [] } });
    expect(service.calls.at(-1)?.caller).toEqual({
      arn: "arn:aws:iam::000000000000:root",
      accountId: "000000000000",
      region: REGION,
    });
  });

  it("answers a role that has the permission, and knows who it is", async () => {
    const credentials = await roleSession("reader", allowGet);
    await expect(getDemo(credentials)).resolves.toMatchObject({ pipeline: { name: "demo" } });
    expect(service.calls.at(-1)?.caller.arn).toBe("arn:aws:sts::000000000000:assumed-role/reader/session");
  });

  it("refuses a role that has not, and names principal, action and resource", async () => {
    const credentials = await roleSession("stranger", { ...allowGet, Resource: `${PIPELINE_ARN}-other` });
    await expect(getDemo(credentials)).rejects.toMatchObject({
      name: "AccessDeniedException",
      message:
        "User: arn:aws:sts::000000000000:assumed-role/stranger/session is not authorized to perform: " +
        `codepipeline:GetPipeline on resource: ${PIPELINE_ARN} because no identity-based policy allows the ` +
        "codepipeline:GetPipeline action",
    });
  });

  it("names an explicit deny as such", async () => {
    const credentials = await roleSession("banned", { ...allowGet, Effect: "Deny" });
    await expect(getDemo(credentials)).rejects.toThrow("with an explicit deny in an identity-based policy");
  });

  it("asks for the permissions of the moment", async () => {
    const credentials = await roleSession("leaver", allowGet);
    await getDemo(credentials);
    const permission = { RoleName: "leaver", PolicyName: "p" };
    await new IAMClient(clientOf(ROOT)).send(new DeleteRolePolicyCommand(permission));
    await expect(getDemo(credentials)).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  it("refuses a wrong signature, an unknown key and none at all", async () => {
    const credentials = await roleSession("forger", allowGet);
    const calls = service.calls.length;
    await expect(getDemo({ ...credentials, secretAccessKey: "wrong" })).rejects.toMatchObject({
      name: "InvalidSignatureException",
    });
    await expect(getDemo({ ...credentials, sessionToken: "wrong" })).rejects.toMatchObject({
      name: "UnrecognizedClientException",
    });
    await expect(getDemo({ accessKeyId: "AKIAUNKNOWN", secretAccessKey: "x" })).rejects.toMatchObject({
      name: "UnrecognizedClientException",
    });
    const unsigned = await post("CodePipeline_20150709.GetPipeline", '{"name":"demo"}', {});
    expect(JSON.parse(unsigned.body)).toMatchObject({ __type: "MissingAuthenticationTokenException" });
    expect(service.calls).toHaveLength(calls);
  });

  it("answers with the exceptions of its model", async () => {
    const get = new CodePipelineClient(clientOf(ROOT)).send(new GetPipelineCommand({ name: "none" }));
    await expect(get).rejects.toMatchObject({ name: "PipelineNotFoundException", message: "no pipeline none" });
  });

  it("answers InternalFailure when its answer does not fit the model, and logs where", async () => {
    const list = new CodePipelineClient(clientOf(ROOT)).send(new ListPipelinesCommand({}));
    await expect(list).rejects.toMatchObject({ name: "InternalFailure", $metadata: { httpStatusCode: 500 } });
    expect(cloud.log.join("\n")).toContain("ListPipelines.pipelines[0].oops is not in the service model.");
  });

  it("refuses what is no operation, no JSON, no valid input, or too long", async () => {
    const rootSigned = {
      authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/codepipeline/aws4_request",
    };
    const answers = [
      await post("CodePipeline_20150709.MakeCoffee", "{}", rootSigned),
      await post("CodePipeline_20150709.GetPipeline", "{", rootSigned),
      await post("CodePipeline_20150709.GetPipeline", "", rootSigned),
      await post("CodePipeline_20150709.GetPipeline", " ".repeat(5_000_000), rootSigned),
    ];
    expect(answers.map(({ status, body }) => [status, (JSON.parse(body) as { __type: string }).__type])).toEqual([
      [404, "UnknownOperationException"],
      [400, "SerializationException"],
      [400, "ValidationException"],
      [413, "SerializationException"],
    ]);
  });
});

interface Plain {
  readonly status: number;
  readonly body: string;
}

/** A request as it is, without a signature of its own. */
function post(target: string, body: string, headers: Record<string, string>): Promise<Plain> {
  return plain("POST", "/", { "x-amz-target": target, "content-type": "application/x-amz-json-1.1", ...headers }, body);
}

function plain(method: string, path: string, headers: Record<string, string>, body = ""): Promise<Plain> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(cloud.endpoint);
    const sent = request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

describe("everything else reaches the emulator", () => {
  const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

  it("as streams: an object of 20 MB comes back byte for byte", async () => {
    const s3 = new S3Client(
      clientOf(await roleSession("uploader", { Effect: "Allow", Action: "s3:*", Resource: "*" })),
    );
    await s3.send(new CreateBucketCommand({ Bucket: "streams" }));
    const bytes = randomBytes(20 * 1024 * 1024);
    // A stream of known length is sent with `Expect: 100-continue`.
    const put = { Bucket: "streams", Key: "a b+c/ü", Body: Readable.from(pieces(bytes)), ContentLength: bytes.length };
    await s3.send(new PutObjectCommand(put));
    const head = await s3.send(new HeadObjectCommand({ Bucket: "streams", Key: put.Key }));
    expect(head.ContentLength).toBe(bytes.length);
    const read = await s3.send(new GetObjectCommand({ Bucket: "streams", Key: put.Key }));
    expect(sha((await read.Body?.transformToByteArray()) ?? new Uint8Array())).toBe(sha(bytes));
  }, 60_000);

  it("so that its signatures are checked there", async () => {
    const credentials = await roleSession("s3-forger", { Effect: "Allow", Action: "s3:*", Resource: "*" });
    const s3 = new S3Client(clientOf({ ...credentials, secretAccessKey: "wrong" }));
    const get = s3.send(new GetObjectCommand({ Bucket: "streams", Key: "x" }));
    await expect(get).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
  });

  it("also under the target of a service that nobody serves locally", async () => {
    const list = new CodeBuildClient(clientOf(ROOT)).send(new ListProjectsCommand({}));
    await expect(list).resolves.toMatchObject({ projects: [] });
  });

  it("but for its own administration, which would part it from the local services", async () => {
    const answer = await plain("POST", "/_ministack/reset", {});
    expect(answer.status).toBe(403);
    expect(answer.body).toContain("kiro-pipeline local reset");
    await expect(plain("GET", "/_ministack/health", {})).resolves.toMatchObject({ status: 200 });
  });

  it("and an upload that the client breaks off does no harm", async () => {
    const { port, hostname } = new URL(cloud.endpoint);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write("PUT /streams/half HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nhalf");
        setTimeout(() => socket.destroy(), 100);
      });
      socket.on("close", () => resolve());
    });
    await expect(plain("GET", "/_ministack/health", {})).resolves.toMatchObject({ status: 200 });
  });
});

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

describe("the gateway's own routes", () => {
  const push = (body: string, headers: Record<string, string>) => plain("POST", "/_kiro/push", headers, body);
  const token = () => readFile(join(directory, "push-token"), "utf8");
  const good = { repository: "owner/worker", branch: "main", commit: "abc" };

  it("say how it is", async () => {
    const { body } = await plain("GET", "/_kiro/health", {});
    expect(JSON.parse(body)).toEqual({ pid: process.pid, services: ["codepipeline"] });
  });

  it("hand a push to the service that listens, when it brings the token", async () => {
    await expect(push(JSON.stringify(good), { "x-kiro-token": await token() })).resolves.toMatchObject({ status: 202 });
    expect(service.pushes).toEqual([good]);
  });

  it.each([
    ["no token", JSON.stringify(good), {}, 403],
    ["a wrong token", JSON.stringify(good), { "x-kiro-token": "x".repeat(64) }, 403],
  ])("refuse a push with %s", async (_, body, headers, status) => {
    await expect(push(body, headers)).resolves.toMatchObject({ status });
  });

  it.each([
    ["that is no JSON", "x", 400],
    ["that lacks a part", JSON.stringify({ ...good, commit: 1 }), 400],
    ["that is null", "null", 400],
    ["that the service fails on", JSON.stringify({ ...good, repository: "bad/one" }), 500],
  ])("answer a push %s", async (_, body, status) => {
    await expect(push(body, { "x-kiro-token": await token() })).resolves.toMatchObject({ status });
  });

  it.each([
    ["another host", { host: "evil.example" }],
    ["a web page", { origin: "http://evil.example" }],
  ])("answer nothing to %s", async (_, headers) => {
    const answer = await plain("GET", "/_kiro/health", headers);
    expect(answer).toEqual({ status: 403, body: '{"message":"These routes answer to local programs only."}' });
  });

  it("do not include the emulator's", async () => {
    await expect(plain("POST", "/_kiro/authorize", {}, "{}")).resolves.toMatchObject({ status: 404 });
  });
});
