import { randomUUID } from "node:crypto";
import { type IncomingMessage, type ServerResponse } from "node:http";
import { isUnmodelled, readInput, renderError, writeOutput, type Answer, type ServiceModel } from "../awsModel";
import { AwsError, type Call, type LocalService } from "../services/contract";
import { authorize, signedRequest, type EmulatorAddress } from "./authorizer";

/** Above what any request of CodePipeline or CodeBuild needs: a pipeline definition is at most 400 KB. */
const BODY_LIMIT = 4 * 1024 * 1024;

/** A service under one of the protocols that it answers to (CodeConnections has an older name, too). */
export interface ServedModel {
  readonly service: LocalService;
  readonly model: ServiceModel;
}

/**
 * Answers one request to a locally served AWS service: who signed it, is it what the model says, what does the service
 * answer, in the model's shape. Never rejects: what fails is answered as the service's exception, and logged where it
 * is a bug.
 */
export async function answerServiceCall(
  served: ServedModel,
  operation: string,
  emulator: EmulatorAddress,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  log: (message: string) => void,
): Promise<void> {
  const requestId = randomUUID();
  const { model } = served;
  let answer: Answer;
  try {
    const body = await readBody(incoming);
    const output = await call(served, operation, emulator, incoming, body, requestId);
    const headers = { "content-type": model.contentType, "x-amzn-requestid": requestId };
    answer = { status: 200, headers, body: JSON.stringify(output) };
  } catch (error) {
    if (isUnmodelled(model, error)) log(`${model.name} ${operation}: ${describe(error)}`);
    answer = renderError(model, error, requestId);
  }
  const complete = incoming.complete ? {} : { connection: "close" };
  const length = { "content-length": Buffer.byteLength(answer.body) };
  outgoing.writeHead(answer.status, { ...answer.headers, ...length, ...complete });
  outgoing.end(answer.body);
}

async function call(
  { service, model }: ServedModel,
  operationName: string,
  emulator: EmulatorAddress,
  incoming: IncomingMessage,
  body: Buffer,
  requestId: string,
): Promise<Record<string, unknown>> {
  const request = signedRequest(incoming, body);
  const caller = await authorize(emulator, service.name, request);
  const operation = model.operation(operationName);
  if (!operation) {
    throw new AwsError("UnknownOperationException", `${model.name} has no operation ${operationName}.`, 404);
  }
  const input = readInput(model, operation, parse(body));
  const context: Call = {
    requestId,
    caller,
    authorize: async (action, resourceArn) => {
      await authorize(emulator, service.name, request, { action, resourceArn });
    },
  };
  return writeOutput(model, operation, await service.handle(operationName, input, context));
}

function parse(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new AwsError("SerializationException", `The body is no JSON: ${(error as Error).message}`);
  }
}

/** @throws AwsError when the body is larger than any request may be. */
export async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new AwsError("SerializationException", `The body exceeds ${BODY_LIMIT} bytes.`, 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
