/** The provider behind the protocol: one instance per `aws` provider of a stack. */

import { Clients } from "./clients";
import { configMistakes, readConfig, type ProviderConfig } from "./config";
import { differences, type Difference } from "./compare";
import { text, type Mistake } from "./fields";
import { invoke } from "./invokes";
import * as lifecycle from "./lifecycle";
import { findType } from "./registry";
import { fromStruct, type Properties } from "./values";
import type * as proto from "@pulumi/pulumi/proto/provider_pb";

export class Provider {
  private config: ProviderConfig | undefined;
  private clients: Clients | undefined;

  configure(settings: Properties): void {
    const [mistake] = configMistakes(settings);
    if (mistake !== undefined) throw new Error(mistake.reason);
    this.config = readConfig(settings);
    this.clients = new Clients(this.config.region);
  }

  checkConfig(news: Properties): Mistake[] {
    return configMistakes(news);
  }

  diffConfig(olds: Properties, news: Properties): Difference[] {
    return differences({ region: text(), defaultTags: text() }, olds, news);
  }

  check(request: proto.CheckRequest): { inputs: Properties; mistakes: Mistake[] } {
    return lifecycle.check(typeOf(request.getUrn()), {
      name: nameOf(request.getUrn()),
      olds: fromStruct(request.getOlds()),
      news: fromStruct(request.getNews()),
      randomSeed: request.getRandomseed_asU8(),
      defaultTags: this.configured.config.defaultTags,
    });
  }

  diff(request: proto.DiffRequest): lifecycle.Diff {
    const olds = fromStruct(request.getOldInputs());
    return lifecycle.diff(typeOf(request.getUrn()), olds, fromStruct(request.getNews()));
  }

  async create(request: proto.CreateRequest): Promise<lifecycle.Recorded> {
    const type = typeOf(request.getUrn());
    const inputs = fromStruct(request.getProperties());
    if (request.getPreview()) return { id: "", properties: lifecycle.previewCreate(type, inputs) };
    return lifecycle.create(type, inputs, this.configured.clients);
  }

  async read(request: proto.ReadRequest): Promise<(lifecycle.Recorded & { inputs: Properties }) | undefined> {
    const { config, clients } = this.configured;
    const recorded = fromStruct(request.getInputs());
    return lifecycle.read(typeOf(request.getUrn()), request.getId(), recorded, config.defaultTags, clients);
  }

  async update(request: proto.UpdateRequest): Promise<Properties> {
    const type = typeOf(request.getUrn());
    const news = fromStruct(request.getNews());
    const state = fromStruct(request.getOlds());
    if (request.getPreview()) return lifecycle.previewUpdate(type, state, news);
    const olds = fromStruct(request.getOldInputs());
    return lifecycle.update(type, request.getId(), olds, news, this.configured.clients);
  }

  async delete(request: proto.DeleteRequest): Promise<void> {
    const inputs = fromStruct(request.getOldInputs());
    const state = fromStruct(request.getProperties());
    await lifecycle.remove(typeOf(request.getUrn()), request.getId(), { ...state, ...inputs }, this.configured.clients);
  }

  async invoke(request: proto.InvokeRequest): Promise<Properties> {
    return invoke(request.getTok(), fromStruct(request.getArgs()), this.configured.clients);
  }

  stop(): void {
    this.clients?.destroy();
  }

  private get configured(): { config: ProviderConfig; clients: Clients } {
    if (this.config === undefined || this.clients === undefined) throw new Error("the provider is not configured yet");
    return { config: this.config, clients: this.clients };
  }
}

/** `urn:pulumi:stack::project::parentType$type::name` */
function typeOf(urn: string): ReturnType<typeof findType> {
  return findType((urn.split("::")[2] ?? "").split("$").pop() ?? "");
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
