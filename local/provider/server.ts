/** The engine's gRPC service `ResourceProvider`, on a free loopback port. */

import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService, type IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import type { Difference } from "./compare";
import { toServiceError } from "./failures";
import type { Mistake } from "./fields";
import { Provider } from "./provider";
import { fromStruct, toStruct, type Properties } from "./values";

/** The version of `@pulumi/aws` whose types are served. */
const AWS_VERSION = "7.48.0";

export interface RunningServer {
  readonly port: number;
  stop(): Promise<void>;
}

export async function serve(): Promise<RunningServer> {
  const provider = new Provider();
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(ResourceProviderService, handlers(provider));
  const port = await new Promise<number>((resolve, reject) => {
    const bound = (error: Error | null, free: number): void => (error === null ? resolve(free) : reject(error));
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), bound);
  });
  const stop = async (): Promise<void> => {
    server.forceShutdown();
    provider.stop();
  };
  return { port, stop };
}

function handlers(provider: Provider): IResourceProviderServer {
  return {
    handshake: unary(async () => {
      const response = new proto.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      return response;
    }),
    getSchema: unary(async () => {
      const response = new proto.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: "aws", version: AWS_VERSION, resources: {} }));
      return response;
    }),
    getPluginInfo: unary(async () => {
      const info = new PluginInfo();
      info.setVersion(AWS_VERSION);
      return info;
    }),
    checkConfig: unary(async (request: proto.CheckRequest) => {
      const news = fromStruct(request.getNews());
      return checked(news, provider.checkConfig(news));
    }),
    diffConfig: unary(async (request: proto.DiffRequest) => {
      const olds = fromStruct(request.getOldInputs());
      return diffed(provider.diffConfig(olds, fromStruct(request.getNews())), false);
    }),
    configure: unary(async (request: proto.ConfigureRequest) => {
      provider.configure(fromStruct(request.getArgs()));
      const response = new proto.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      return response;
    }),
    check: unary(async (request: proto.CheckRequest) => {
      const { inputs, mistakes } = provider.check(request);
      return checked(inputs, mistakes);
    }),
    diff: unary(async (request: proto.DiffRequest) => {
      const { differences, deleteBeforeReplace } = provider.diff(request);
      return diffed(differences, deleteBeforeReplace);
    }),
    create: unary(async (request: proto.CreateRequest) => {
      const made = await provider.create(request);
      const response = new proto.CreateResponse();
      response.setId(made.id);
      response.setProperties(toStruct(made.properties));
      return response;
    }),
    read: unary(async (request: proto.ReadRequest) => {
      const found = await provider.read(request);
      const response = new proto.ReadResponse();
      if (found === undefined) return response;
      response.setId(found.id);
      response.setProperties(toStruct(found.properties));
      response.setInputs(toStruct(found.inputs));
      return response;
    }),
    update: unary(async (request: proto.UpdateRequest) => {
      const response = new proto.UpdateResponse();
      response.setProperties(toStruct(await provider.update(request)));
      return response;
    }),
    delete: unary(async (request: proto.DeleteRequest) => {
      await provider.delete(request);
      return new Empty();
    }),
    invoke: unary(async (request: proto.InvokeRequest) => {
      const response = new proto.InvokeResponse();
      response.setReturn(toStruct(await provider.invoke(request)));
      return response;
    }),
    cancel: unary(async () => new Empty()),
    attach: unary(async () => new Empty()),
    getMapping: unary(async () => new proto.GetMappingResponse()),
    getMappings: unary(async () => new proto.GetMappingsResponse()),
    parameterize: notServed("parameterize"),
    call: notServed("call"),
    construct: notServed("construct"),
  };
}

function unary<Request, Response>(
  handle: (request: Request) => Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    handle(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(toServiceError(error, urnOf(call.request))),
    );
  };
}

function notServed<Request, Response>(method: string): grpc.handleUnaryCall<Request, Response> {
  return (_call, callback) => {
    callback({ code: grpc.status.UNIMPLEMENTED, details: `the local provider does not serve ${method}` });
  };
}

function urnOf(request: unknown): string {
  const named = request as { getUrn?: () => string | undefined };
  return named.getUrn?.() ?? "";
}

function checked(inputs: Properties, mistakes: readonly Mistake[]): proto.CheckResponse {
  const response = new proto.CheckResponse();
  response.setInputs(toStruct(inputs));
  for (const { property, reason } of mistakes) {
    const failure = new proto.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    response.addFailures(failure);
  }
  return response;
}

const { Kind } = proto.PropertyDiff;
const KINDS = {
  add: [Kind.ADD, Kind.ADD_REPLACE],
  delete: [Kind.DELETE, Kind.DELETE_REPLACE],
  update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
} as const;

function diffed(differences: readonly Difference[], deleteBeforeReplace: boolean): proto.DiffResponse {
  const response = new proto.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  response.setChanges(differences.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setDiffsList([...new Set(differences.map(({ property }) => property))]);
  response.setReplacesList([...new Set(differences.filter((d) => d.replaces).map(({ property }) => property))]);
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setHasdetaileddiff(true);
  for (const { path, kind, replaces } of differences) {
    const change = new proto.PropertyDiff();
    change.setKind(KINDS[kind][replaces ? 1 : 0]);
    change.setInputdiff(true);
    response.getDetaileddiffMap().set(path, change);
  }
  return response;
}
