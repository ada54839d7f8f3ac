import { type IncomingMessage } from "node:http";
import { AwsError, type Caller } from "../services/contract";

/** A request as it was signed: what a signature is checked against. */
export interface SignedRequest {
  readonly method: string;
  readonly rawPath: string;
  readonly queryString: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

/** A permission that is asked for. */
export interface Permission {
  readonly action: string;
  readonly resourceArn: string;
}

/** Where the emulator answers who signed a request and what they may do. */
export interface EmulatorAddress {
  readonly endpoint: string;
  /** Opens its `/_kiro/authorize`. */
  readonly token: string;
}

interface Verdict extends Partial<Caller> {
  readonly allowed: boolean;
  readonly code: string;
  readonly message: string;
}

const TIMEOUT_MS = 30_000;

/**
 * Asks the emulator's IAM who signed the request and, with a permission, whether they have it. Nothing is remembered:
 * each question is answered from the policies of that moment.
 * @throws AwsError as AWS names a refused signature or permission (`InvalidSignatureException`,
 * `AccessDeniedException`, ...); `ServiceUnavailable` when the emulator does not answer.
 */
export async function authorize(
  emulator: EmulatorAddress,
  service: string,
  request: SignedRequest,
  permission?: Permission,
): Promise<Caller> {
  const { body, ...signed } = request;
  const question = { ...signed, bodyBase64: body.toString("base64"), service, ...permission };
  const verdict = await ask(emulator, JSON.stringify(question));
  const { allowed, code, message, arn, accountId, region } = verdict;
  if (!allowed) throw new AwsError(code, message, 400);
  if (arn === undefined || accountId === undefined || region === undefined) {
    throw new Error(`The emulator's answer names no caller: ${JSON.stringify(verdict)}`);
  }
  return { arn, accountId, region };
}

async function ask(emulator: EmulatorAddress, question: string): Promise<Verdict> {
  try {
    const response = await fetch(`${emulator.endpoint}/_kiro/authorize`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-kiro-token": emulator.token },
      body: question,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`it answers ${response.status}: ${text}`);
    return JSON.parse(text) as Verdict;
  } catch (error) {
    throw new AwsError("ServiceUnavailable", `The emulator's IAM cannot be asked: ${(error as Error).message}`, 503);
  }
}

/** The parts of a received request that its signature may cover. */
export function signedRequest(request: IncomingMessage, body: Buffer): SignedRequest {
  const [rawPath = "/", queryString = ""] = splitOnce(request.url ?? "/", "?");
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    headers.push([request.rawHeaders[i] ?? "", request.rawHeaders[i + 1] ?? ""]);
  }
  return { method: request.method ?? "GET", rawPath, queryString, headers, body };
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
