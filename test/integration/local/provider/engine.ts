/** Speaks to a provider as the Pulumi engine does, over gRPC. */

import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { serve, type RunningServer } from "../../../../local/provider/server";
import { fromStruct, toStruct, type Properties } from "../../../../local/provider/values";

export interface Resource {
  readonly type: string;
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

export interface DiffAnswer {
  readonly changed: readonly string[];
  readonly paths: readonly string[];
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

type Done<Response> = (error: grpc.ServiceError | null, response: Response) => void;

export class Engine {
  private constructor(
    private readonly server: RunningServer,
    readonly client: ResourceProviderClient,
  ) {}

  static async start(config: Properties): Promise<Engine> {
    const server = await serve();
    const client = new ResourceProviderClient(`127.0.0.1:${server.port}`, grpc.credentials.createInsecure());
    const engine = new Engine(server, client);
    const request = new proto.ConfigureRequest();
    request.setArgs(toStruct(config));
    try {
      await answered<proto.ConfigureResponse>((done) => client.configure(request, done));
    } catch (error) {
      await engine.stop();
      throw error;
    }
    return engine;
  }

  private call<Response>(send: (done: Done<Response>) => unknown): Promise<Response> {
    return answered(send);
  }

  async check(type: string, news: Properties, olds: Properties = {}, name = "thing"): Promise<Properties> {
    const request = new proto.CheckRequest();
    request.setUrn(urnOf(type, name));
    request.setNews(toStruct(news));
    request.setOlds(toStruct(olds));
    request.setRandomseed(Buffer.from(name));
    const response = await this.call<proto.CheckResponse>((done) => this.client.check(request, done));
    const [failure] = response.getFailuresList();
    if (failure !== undefined) throw new Error(failure.getReason());
    return fromStruct(response.getInputs());
  }

  async create(type: string, news: Properties, name = "thing"): Promise<Resource> {
    const inputs = await this.check(type, news, {}, name);
    const request = this.createRequest(type, inputs, false);
    const response = await this.call<proto.CreateResponse>((done) => this.client.create(request, done));
    return { type, id: response.getId(), inputs, outputs: fromStruct(response.getProperties()) };
  }

  async previewCreate(type: string, news: Properties): Promise<Properties> {
    const inputs = await this.check(type, news);
    const request = this.createRequest(type, inputs, true);
    const response = await this.call<proto.CreateResponse>((done) => this.client.create(request, done));
    return fromStruct(response.getProperties());
  }

  private createRequest(type: string, inputs: Properties, preview: boolean): proto.CreateRequest {
    const request = new proto.CreateRequest();
    request.setUrn(urnOf(type));
    request.setProperties(toStruct(inputs));
    request.setPreview(preview);
    return request;
  }

  async diff(resource: Resource, news: Properties): Promise<DiffAnswer> {
    const checked = await this.check(resource.type, news, resource.inputs);
    const request = new proto.DiffRequest();
    request.setUrn(urnOf(resource.type));
    request.setId(resource.id);
    request.setOldInputs(toStruct(resource.inputs));
    request.setOlds(toStruct(resource.outputs));
    request.setNews(toStruct(checked));
    const response = await this.call<proto.DiffResponse>((done) => this.client.diff(request, done));
    const paths: string[] = [];
    response.getDetaileddiffMap().forEach((_change: proto.PropertyDiff, path: string) => paths.push(path));
    return {
      changed: response.getDiffsList(),
      paths: paths.sort(),
      replaces: response.getReplacesList(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
    };
  }

  async update(resource: Resource, news: Properties, preview = false): Promise<Resource> {
    const inputs = await this.check(resource.type, news, resource.inputs);
    const request = new proto.UpdateRequest();
    request.setUrn(urnOf(resource.type));
    request.setId(resource.id);
    request.setOldInputs(toStruct(resource.inputs));
    request.setOlds(toStruct(resource.outputs));
    request.setNews(toStruct(inputs));
    request.setPreview(preview);
    const response = await this.call<proto.UpdateResponse>((done) => this.client.update(request, done));
    return { ...resource, inputs, outputs: fromStruct(response.getProperties()) };
  }

  /** Undefined when the resource is gone. Without inputs: an import. */
  async read(resource: Pick<Resource, "type" | "id"> & Partial<Resource>): Promise<Resource | undefined> {
    const request = new proto.ReadRequest();
    request.setUrn(urnOf(resource.type));
    request.setId(resource.id);
    request.setInputs(toStruct(resource.inputs ?? {}));
    request.setProperties(toStruct(resource.outputs ?? {}));
    const response = await this.call<proto.ReadResponse>((done) => this.client.read(request, done));
    if (response.getId() === "") return undefined;
    return {
      type: resource.type,
      id: response.getId(),
      inputs: fromStruct(response.getInputs()),
      outputs: fromStruct(response.getProperties()),
    };
  }

  async delete(resource: Resource): Promise<void> {
    const request = new proto.DeleteRequest();
    request.setUrn(urnOf(resource.type));
    request.setId(resource.id);
    request.setOldInputs(toStruct(resource.inputs));
    request.setProperties(toStruct(resource.outputs));
    await this.call<unknown>((done) => this.client.delete(request, done));
  }

  async invoke(token: string, args: Properties): Promise<Properties> {
    const request = new proto.InvokeRequest();
    request.setTok(token);
    request.setArgs(toStruct(args));
    return fromStruct((await this.call<proto.InvokeResponse>((done) => this.client.invoke(request, done))).getReturn());
  }

  /** What the engine asks of a plugin besides resources, and what it was answered. */
  async introduction(): Promise<object> {
    const { client } = this;
    const hello = await this.call<proto.ProviderHandshakeResponse>((done) =>
      client.handshake(new proto.ProviderHandshakeRequest(), done),
    );
    const info = await this.call<PluginInfo>((done) => client.getPluginInfo(new Empty(), done));
    const schema = await this.call<proto.GetSchemaResponse>((done) =>
      client.getSchema(new proto.GetSchemaRequest(), done),
    );
    const check = new proto.CheckRequest();
    check.setNews(toStruct({ nonsense: "x" }));
    const checked = await this.call<proto.CheckResponse>((done) => client.checkConfig(check, done));
    const diff = new proto.DiffRequest();
    diff.setOldInputs(toStruct({ region: "us-east-1" }));
    diff.setNews(toStruct({ region: "eu-west-1" }));
    const changed = await this.call<proto.DiffResponse>((done) => client.diffConfig(diff, done));
    return {
      acceptsSecrets: hello.getAcceptSecrets(),
      version: info.getVersion(),
      schemaName: (JSON.parse(schema.getSchema()) as { name: string }).name,
      configMistake: checked.getFailuresList()[0]?.getProperty(),
      configChanges: changed.getDiffsList(),
    };
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.server.stop();
  }
}

function answered<Response>(send: (done: Done<Response>) => unknown): Promise<Response> {
  return new Promise((resolve, reject) => {
    send((error, response) => (error === null ? resolve(response) : reject(error)));
  });
}

function urnOf(type: string, name = "thing"): string {
  return `urn:pulumi:trial::program::${type}::${name}`;
}

/** What the engine would record of a resource that was made but not completed. */
export function halfMadeOf(error: unknown): { id: string; inputs: Properties } | undefined {
  const [bytes] = (error as grpc.ServiceError).metadata.get("grpc-status-details-bin");
  if (bytes === undefined) return undefined;
  const [details] = Status.deserializeBinary(Buffer.from(bytes)).getDetailsList();
  const failed = proto.ErrorResourceInitFailed.deserializeBinary(details?.getValue_asU8() ?? new Uint8Array());
  return { id: failed.getId(), inputs: fromStruct(failed.getInputs()) };
}
