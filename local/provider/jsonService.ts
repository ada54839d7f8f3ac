/**
 * A client for AWS services of the JSON 1.0 protocol that this project has no SDK package for: one signed POST a call.
 * Signature Version 4 as AWS describes it; retried like the SDK's clients.
 */

import { createHash, createHmac } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { STSClient } from "@aws-sdk/client-sts";
import type { ClientConfig } from "./clients";

export interface ServiceAddress {
  /** Name in the host and in the signature, e.g. `codeconnections`. */
  readonly name: string;
  /** Prefix of the `X-Amz-Target` header. */
  readonly target: string;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** What the service answered instead of a result; `name` is AWS's error code. */
class ServiceError extends Error {
  constructor(
    code: string,
    message: string,
    readonly status: number,
  ) {
    super(message);
    this.name = code;
  }
}

const sha256 = (content: string): string => createHash("sha256").update(content).digest("hex");
const hmac = (key: string | Buffer, content: string): Buffer => createHmac("sha256", key).update(content).digest();

/** The headers of a signed POST to the root of `url`. */
export function signedHeaders(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  scope: { readonly region: string; readonly service: string; readonly credentials: Credentials; readonly now: Date },
): Record<string, string> {
  const { region, service, credentials, now } = scope;
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const token = credentials.sessionToken === undefined ? {} : { "x-amz-security-token": credentials.sessionToken };
  const all: Record<string, string> = { ...headers, ...token, host: url.host, "x-amz-date": time };
  const names = Object.keys(all).sort();
  const canonicalHeaders = names.map((name) => `${name}:${all[name]?.trim() ?? ""}\n`).join("");
  const request = ["POST", "/", "", canonicalHeaders, names.join(";"), sha256(body)].join("\n");
  const credentialScope = [time.slice(0, 8), region, service, "aws4_request"];
  const toSign = ["AWS4-HMAC-SHA256", time, credentialScope.join("/"), sha256(request)].join("\n");
  const key = credentialScope.reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  const credential = `Credential=${credentials.accessKeyId}/${credentialScope.join("/")}`;
  const signature = hmac(key, toSign).toString("hex");
  return {
    ...all,
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
  };
}

/** Base of the clients; a subclass says which service it is. */
export abstract class JsonServiceClient {
  private readonly identity: STSClient;

  protected constructor(
    private readonly config: ClientConfig,
    private readonly service: ServiceAddress,
  ) {
    this.identity = new STSClient(config);
  }

  /** @throws ServiceError with AWS's error code as its name. */
  async call(operation: string, input: object): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(operation, JSON.stringify(input));
      } catch (error) {
        const final = error instanceof ServiceError && error.status < 500 && !error.name.startsWith("Throttling");
        if (final || attempt >= this.config.maxAttempts) throw error;
        await wait(100 * 2 ** attempt);
      }
    }
  }

  destroy(): void {
    this.identity.destroy();
  }

  private async attempt(operation: string, body: string): Promise<unknown> {
    const { region } = this.config;
    const { name, target } = this.service;
    const url = new URL(process.env["AWS_ENDPOINT_URL"] ?? `https://${name}.${region}.amazonaws.com`);
    url.pathname = "/";
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `${target}.${operation}` };
    const credentials = await this.identity.config.credentials();
    const signed = signedHeaders(url, headers, body, { region, service: name, credentials, now: new Date() });
    const response = await fetch(url, { method: "POST", headers: signed, body });
    const answer = await response.text();
    if (response.ok) return answer === "" ? {} : JSON.parse(answer);
    throw toError(answer, response.status);
  }
}

function toError(answer: string, status: number): ServiceError {
  let told: { __type?: string; message?: string; Message?: string } = {};
  try {
    told = JSON.parse(answer) as typeof told;
  } catch {
    told = { message: answer.slice(0, 500) };
  }
  const code = told.__type?.split("#").pop() ?? `HTTP${status}`;
  return new ServiceError(code, told.message ?? told.Message ?? "no message", status);
}
