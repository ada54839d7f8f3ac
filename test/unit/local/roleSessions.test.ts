import { afterAll, beforeAll, beforeEach, expect, it } from "@jest/globals";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { RoleSessions } from "../../../local/roleSessions";

const HOUR = 3600_000;
const ROLE = "arn:aws:iam::000000000000:role/builder";

/** An STS that gives out numbered sessions of one hour, and knows no role called nobody. */
let sts: Server;
let endpoint: string;
let asked: string[];
let now: number;

beforeAll(async () => {
  sts = createServer((incoming, outgoing) => {
    let body = "";
    incoming.on("data", (chunk: Buffer) => (body += chunk.toString()));
    incoming.on("end", () => {
      const query = new URLSearchParams(body);
      asked.push(`${query.get("RoleArn")} ${query.get("RoleSessionName")}`);
      const refused = query.get("RoleArn")?.endsWith("nobody") ?? false;
      outgoing.writeHead(refused ? 403 : 200, { "content-type": "text/xml" });
      outgoing.end(refused ? DENIED : session(asked.length, query.get("RoleArn")?.endsWith("empty") ?? false));
    });
  }).listen(0, "127.0.0.1");
  await once(sts, "listening");
  endpoint = `http://127.0.0.1:${(sts.address() as AddressInfo).port}`;
});
afterAll(() => {
  sts.close();
});
beforeEach(() => {
  asked = [];
  now = Date.parse("2026-01-01T00:00:00Z");
});

const DENIED = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";

function session(number: number, empty: boolean): string {
  const expires = new Date(now + HOUR).toISOString();
  const keys = `<AccessKeyId>key${number}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>`;
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>${
    empty ? "" : keys
  }<Expiration>${expires}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
}

function roleSessions(): RoleSessions {
  return new RoleSessions({ endpoint, region: "us-east-1", now: () => now });
}

it("asks STS once for callers who come together or soon after", async () => {
  const roles = roleSessions();
  const together = await Promise.all([roles.assume(ROLE, "a"), roles.assume(ROLE, "a")]);
  now += HOUR - 6 * 60_000;
  const later = await roles.assume(ROLE, "a");
  expect([...together, later].map(({ accessKeyId }) => accessKeyId)).toEqual(["key1", "key1", "key1"]);
  expect(asked).toEqual([`${ROLE} a`]);
  roles.close();
});

it("gives out no session in its last five minutes, and renews it once for all", async () => {
  const roles = roleSessions();
  await roles.assume(ROLE, "a");
  now += HOUR - 4 * 60_000;
  const renewed = await Promise.all([roles.assume(ROLE, "a"), roles.assume(ROLE, "a"), roles.assume(ROLE, "a")]);
  expect(renewed.map(({ accessKeyId }) => accessKeyId)).toEqual(["key2", "key2", "key2"]);
  expect(renewed[0]).toEqual({ accessKeyId: "key2", secretAccessKey: "s", sessionToken: "t" });
  expect(asked).toHaveLength(2);
  roles.close();
});

it("keeps roles and session names apart", async () => {
  const roles = roleSessions();
  await roles.assume(ROLE, "a");
  await roles.assume(ROLE, "b");
  await roles.assume(`${ROLE}2`, "a");
  expect(asked).toEqual([`${ROLE} a`, `${ROLE} b`, `${ROLE}2 a`]);
  roles.close();
});

it("remembers no refusal", async () => {
  const roles = roleSessions();
  const nobody = ROLE.replace("builder", "nobody");
  await expect(roles.assume(nobody, "a")).rejects.toMatchObject({ name: "AccessDenied" });
  await expect(roles.assume(nobody, "a")).rejects.toMatchObject({ name: "AccessDenied" });
  expect(asked).toHaveLength(2);
  await expect(roles.assume(ROLE.replace("builder", "empty"), "a")).rejects.toThrow("STS gave no session of");
  roles.close();
});
