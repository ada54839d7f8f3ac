import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { JsonServiceClient, signedHeaders } from "../../../../local/provider/jsonService";

class TrialClient extends JsonServiceClient {
  constructor() {
    super(
      { region: "us-east-1", retryMode: "standard", maxAttempts: 3, forcePathStyle: true },
      { name: "trial", target: "Trial_1" },
    );
  }
}

const before = { ...process.env };
let server: Server;
let answers: { status: number; body: string }[];
let asked: { target: unknown; body: string }[];

beforeEach(async () => {
  answers = [];
  asked = [];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      asked.push({ target: request.headers["x-amz-target"], body });
      const answer = answers.shift() ?? { status: 500, body: "" };
      response.writeHead(answer.status).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  process.env["AWS_ENDPOINT_URL"] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env["AWS_ACCESS_KEY_ID"] = "id";
  process.env["AWS_SECRET_ACCESS_KEY"] = "key";
});

afterEach(async () => {
  process.env = { ...before };
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
});

describe("a service of the JSON protocol", () => {
  test("is asked by target and answers with JSON", async () => {
    answers = [
      { status: 200, body: '{"Answer":42}' },
      { status: 200, body: "" },
    ];
    const client = new TrialClient();
    expect(await client.call("Ask", { Question: "?" })).toEqual({ Answer: 42 });
    expect(await client.call("Tell", {})).toEqual({});
    expect(asked[0]).toEqual({ target: "Trial_1.Ask", body: '{"Question":"?"}' });
    client.destroy();
  });

  test("what the service refuses carries AWS's code and is not tried again", async () => {
    answers = [{ status: 400, body: '{"__type":"com.amazonaws#LimitExceededException","message":"enough"}' }];
    const refused = new TrialClient().call("Ask", {});
    await expect(refused).rejects.toMatchObject({ name: "LimitExceededException", message: "enough" });
    expect(asked).toHaveLength(1);
  });

  test("a failing service is tried again, so many times", async () => {
    answers = [
      { status: 503, body: "busy" },
      { status: 200, body: "{}" },
    ];
    await expect(new TrialClient().call("Ask", {})).resolves.toEqual({});
    answers = [];
    await expect(new TrialClient().call("Ask", {})).rejects.toMatchObject({ name: "HTTP500" });
    expect(asked).toHaveLength(5);
  });

  // The case `post-vanilla` of AWS's published test suite for Signature Version 4.
  test("the signature is the one that AWS's rules give", () => {
    const headers = signedHeaders(new URL("https://example.amazonaws.com/"), {}, "", {
      region: "us-east-1",
      service: "service",
      credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
      now: new Date("2015-08-30T12:36:00.000Z"),
    });
    expect(headers["authorization"]).toBe(
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, " +
        "SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    );
  });

  test("a session's token is signed with the rest", () => {
    const headers = signedHeaders(new URL("https://example.amazonaws.com/"), {}, "", {
      region: "us-east-1",
      service: "service",
      credentials: { accessKeyId: "id", secretAccessKey: "key", sessionToken: "token" },
      now: new Date("2015-08-30T12:36:00.000Z"),
    });
    expect(headers["x-amz-security-token"]).toBe("token");
    expect(headers["authorization"]).toContain("SignedHeaders=host;x-amz-date;x-amz-security-token,");
  });
});
