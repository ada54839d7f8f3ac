import { afterAll, afterEach, describe, expect, it } from "@jest/globals";
import { CodePipelineClient, ListPipelinesCommand } from "@aws-sdk/client-codepipeline";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { botocoreData, loadServiceModel } from "../../../../local/awsModel";
import { projectRoot } from "../../../../local/cloud/paths";
import { Gateway } from "../../../../local/gateway";
import { type LocalService } from "../../../../local/services/contract";

const log: string[] = [];
const open: { close(): unknown }[] = [];
const credentials = { accessKeyId: "test", secretAccessKey: "test" };

async function gatewayOn(preferredPort?: number): Promise<Gateway> {
  const options = { pushToken: "token", health: () => ({}), log: (line: string) => log.push(line) };
  const gateway = await Gateway.open(preferredPort === undefined ? options : { ...options, preferredPort });
  open.push(gateway);
  return gateway;
}

/** Something that answers in the emulator's place. */
async function standIn(listener: RequestListener): Promise<{ server: Server; endpoint: string; token: string }> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push(server);
  return { server, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: "t" };
}

const service: LocalService = {
  name: "codepipeline",
  apiVersion: "2015-07-09",
  handle: () => Promise.resolve({ pipelines: [] }),
  stop: () => Promise.resolve(),
};

async function serve(gateway: Gateway): Promise<CodePipelineClient> {
  gateway.serve(service, [await loadServiceModel(botocoreData(projectRoot()), "codepipeline", "2015-07-09")]);
  return new CodePipelineClient({ endpoint: gateway.endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
}

const s3At = (gateway: Gateway) =>
  new S3Client({ endpoint: gateway.endpoint, region: "us-east-1", credentials, maxAttempts: 1, forcePathStyle: true });
const getObject = (gateway: Gateway) => s3At(gateway).send(new GetObjectCommand({ Bucket: "b", Key: "<k>" }));
const list = (client: CodePipelineClient) => client.send(new ListPipelinesCommand({}));

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
afterAll(() => expect(log.filter((line) => line.includes("An answer failed"))).toEqual([]));

describe("a gateway", () => {
  it("takes another port when the preferred one is taken", async () => {
    const first = await gatewayOn();
    const second = await gatewayOn(first.port);
    expect(second.port).not.toBe(first.port);
    const { port } = second;
    await second.close();
    expect((await gatewayOn(port)).port).toBe(port);
  });

  it("says that it is starting until there is an emulator", async () => {
    const gateway = await gatewayOn();
    await expect(getObject(gateway)).rejects.toMatchObject({ name: "ServiceUnavailable" });
    const client = await serve(gateway);
    await expect(list(client)).rejects.toMatchObject({
      name: "ServiceUnavailable",
      message: "The local cloud is starting.",
    });
  });

  it("says that the emulator is gone, in the dialect of the protocol", async () => {
    const gateway = await gatewayOn();
    const { server, endpoint, token } = await standIn(() => undefined);
    server.close();
    gateway.connect({ endpoint, token });
    await expect(getObject(gateway)).rejects.toMatchObject({
      name: "ServiceUnavailable",
      message: "The emulator of the local cloud is not running. `kiro-pipeline local status` says why.",
      $metadata: { httpStatusCode: 503 },
    });
    await expect(list(await serve(gateway))).rejects.toMatchObject({
      name: "ServiceUnavailable",
      $metadata: { httpStatusCode: 503 },
    });
  });

  it("answers 502 when the emulator breaks off before it answers, and breaks off when it does so afterwards", async () => {
    const gateway = await gatewayOn();
    gateway.connect(await standIn((incoming) => incoming.socket.destroy()));
    await expect(getObject(gateway)).rejects.toMatchObject({ $metadata: { httpStatusCode: 502 } });
    const half: RequestListener = (_, outgoing) => {
      outgoing.writeHead(200, { "content-length": "100" });
      outgoing.write("half");
      setTimeout(() => outgoing.destroy(), 50);
    };
    gateway.connect(await standIn(half));
    const { Body } = await getObject(gateway);
    await expect(Body?.transformToString()).rejects.toThrow("aborted");
  });

  it("asks again when a connection that was kept open has gone stale", async () => {
    let requests = 0;
    const emulator = await standIn((incoming, outgoing) => {
      requests += 1;
      if (requests === 2) incoming.socket.destroy();
      else outgoing.end("fine");
    });
    const gateway = await gatewayOn();
    gateway.connect(emulator);
    const get = async () => (await getObject(gateway)).Body?.transformToString();
    await expect(get()).resolves.toBe("fine");
    await expect(get()).resolves.toBe("fine");
    expect(requests).toBe(3);
  });

  it.each([
    ["answers an error", 500, "broken", "it answers 500: broken"],
    ["answers no JSON", 200, "broken", "is not valid JSON"],
    ["names no caller", 200, '{"allowed": true}', "The emulator's answer names no caller"],
  ])("lets nobody in when the emulator's IAM %s", async (_, status, body, message) => {
    const gateway = await gatewayOn();
    gateway.connect(await standIn((__, outgoing) => outgoing.writeHead(status).end(body)));
    await expect(list(await serve(gateway))).rejects.toThrow(message);
  });

  it("takes no push when no service listens", async () => {
    const gateway = await gatewayOn();
    const body = JSON.stringify({ repository: "a/b", branch: "main", commit: "c" });
    const headers = { "x-kiro-token": "token" };
    const response = await fetch(`${gateway.endpoint}/_kiro/push`, { method: "POST", headers, body });
    expect(response.status).toBe(503);
  });
});
