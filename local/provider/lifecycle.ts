/** The life of a resource by the description of its type: what the engine's calls mean, without the protocol. */

import { createHash } from "node:crypto";
import type { Clients } from "./clients";
import { differences, sameValue, type Difference } from "./compare";
import { HalfMade, errorCode } from "./failures";
import { findMistakes, type Fields, type Mistake } from "./fields";
import { tags, type AnyLive, type ResourceType } from "./resourceType";
import { UNKNOWN, holdsSecret, holdsUnknown, isDictionary, isSecret, present, secret, unwrap } from "./values";
import type { Properties, Value } from "./values";

export interface CheckRequest {
  readonly name: string;
  readonly olds: Properties;
  readonly news: Properties;
  readonly randomSeed: Uint8Array;
  readonly defaultTags: Readonly<Record<string, string>>;
}

function fieldsOf(type: ResourceType): Fields {
  return type.tagged ? { ...type.fields, tagsAll: tags } : type.fields;
}

/** Inputs completed by automatic name, merged tags and secret marks; and everything that is wrong with them. */
export function check(type: ResourceType, request: CheckRequest): { inputs: Properties; mistakes: Mistake[] } {
  const { news, olds } = request;
  const inputs: Record<string, Value> = Object.fromEntries(Object.entries(news).filter(([, value]) => value !== null));
  delete inputs["__defaults"];
  if (type.name !== undefined && inputs[type.name.property] === undefined) {
    inputs[type.name.property] = olds[type.name.property] ?? automaticName(request, type.name.max);
    inputs["__defaults"] = [type.name.property];
  }
  // Read-only for programs; present in the inputs of what was imported or refreshed.
  if (type.tagged) inputs["tagsAll"] = mergeTags(request.defaultTags, inputs["tags"]);
  for (const [name, field] of Object.entries(fieldsOf(type))) {
    const value = inputs[name];
    if (value === undefined) continue;
    const fitting = field.kind === "json" || field.kind === "policy" ? asDocument(value) : value;
    inputs[name] = field.secret ? secret(fitting) : fitting;
  }
  return { inputs, mistakes: findMistakes(fieldsOf(type), inputs) };
}

/** Programs may give documents as objects; AWS takes text. */
function asDocument(given: Value): Value {
  const value = unwrap(given);
  if (typeof value !== "object") return given;
  const document = holdsUnknown(value) ? UNKNOWN : JSON.stringify(value);
  return holdsSecret(given) ? secret(document) : document;
}

function automaticName(request: CheckRequest, max: number): string {
  const suffix = createHash("sha256").update(request.randomSeed).digest("hex").slice(0, 7);
  return `${request.name.slice(0, max - suffix.length - 1)}-${suffix}`;
}

function mergeTags(defaults: Readonly<Record<string, string>>, given: Value | undefined): Value {
  if (given === undefined || given === null) return { ...defaults };
  if (isSecret(given)) return secret(mergeTags(defaults, given["value"]));
  return isDictionary(given) ? Object.assign({}, defaults, given) : given;
}

export interface Diff {
  readonly differences: readonly Difference[];
  readonly deleteBeforeReplace: boolean;
}

export function diff(type: ResourceType, oldInputs: Properties, news: Properties): Diff {
  const found = differences(fieldsOf(type), oldInputs, news);
  const automatic = Array.isArray(news["__defaults"]) && news["__defaults"].length > 0;
  const moved = found.some((difference) => type.identity?.includes(difference.property) ?? true);
  const deleteBeforeReplace =
    found.some(({ replaces }) => replaces) && type.identity !== undefined && !moved && !automatic;
  return { differences: found, deleteBeforeReplace };
}

export interface Recorded {
  readonly id: string;
  readonly properties: Properties;
}

/** @throws HalfMade when the resource was made but not completed. */
export async function create(type: ResourceType, inputs: Properties, aws: Clients): Promise<Recorded> {
  let made: string | undefined;
  const isMade = (id: string): void => {
    made = id;
  };
  try {
    made = await type.create(plain(inputs), aws, isMade);
    return { id: made, properties: await readState(type, made, inputs, aws) };
  } catch (error) {
    if (made === undefined) throw error;
    throw new HalfMade(made, stateOf(type, inputs, { inputs: {}, outputs: {} }), inputs, error);
  }
}

export function previewCreate(type: ResourceType, inputs: Properties): Properties {
  const outputs = Object.fromEntries(type.outputs.map((name) => [name, UNKNOWN]));
  return stateOf(type, inputs, { inputs: {}, outputs });
}

export async function update(
  type: ResourceType,
  id: string,
  olds: Properties,
  news: Properties,
  aws: Clients,
): Promise<Properties> {
  await type.update?.(id, plain(news), aws, plain(olds));
  return readState(type, id, news, aws);
}

export function previewUpdate(type: ResourceType, oldState: Properties, news: Properties): Properties {
  const outputs = type.outputs.map((name): [string, Value] => [
    name,
    type.volatile?.includes(name) ? UNKNOWN : (oldState[name] ?? UNKNOWN),
  ]);
  return stateOf(type, news, { inputs: {}, outputs: Object.fromEntries(outputs) });
}

/** Undefined when the resource is gone. Inputs are as recorded but where the live ones differ. */
export async function read(
  type: ResourceType,
  id: string,
  recorded: Properties,
  defaultTags: Readonly<Record<string, string>>,
  aws: Clients,
): Promise<(Recorded & { inputs: Properties }) | undefined> {
  const live = await lookUp(type, id, recorded, aws);
  if (live === undefined) return undefined;
  const inputs: Record<string, Value> = { ...recorded };
  const found = type.tagged ? splitTags(live.inputs, recorded, defaultTags) : live.inputs;
  for (const [name, field] of Object.entries(fieldsOf(type))) {
    if (!(name in found)) continue;
    const value = present({ value: found[name] })["value"];
    if (sameValue(field, recorded[name], value)) continue;
    delete inputs[name];
    if (value !== undefined) inputs[name] = field.secret || holdsSecret(recorded[name]) ? secret(value) : value;
  }
  return { id: live.id ?? id, inputs, properties: stateOf(type, inputs, live) };
}

export async function remove(type: ResourceType, id: string, inputs: Properties, aws: Clients): Promise<void> {
  try {
    await type.remove(id, aws, plain(inputs));
  } catch (error) {
    if (!type.gone.includes(errorCode(error))) throw error;
  }
}

async function lookUp(type: ResourceType, id: string, inputs: Properties, aws: Clients): Promise<AnyLive | undefined> {
  try {
    return await type.read(id, aws, plain(inputs));
  } catch (error) {
    if (type.gone.includes(errorCode(error))) return undefined;
    throw error;
  }
}

async function readState(type: ResourceType, id: string, inputs: Properties, aws: Clients): Promise<Properties> {
  const live = await lookUp(type, id, inputs, aws);
  if (live === undefined) throw new Error(`${type.token} "${id}" is not there right after it was written`);
  return stateOf(type, inputs, live);
}

/** Outputs: the inputs as given (secrets wrapped), what AWS added where nothing was given, and the outputs proper. */
function stateOf(type: ResourceType, inputs: Properties, live: AnyLive): Properties {
  const fields = fieldsOf(type);
  const defaults = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.default]));
  const added = Object.entries(present(live.inputs))
    .filter(([name]) => name !== "tags")
    .map(([name, value]) => [name, fields[name]?.secret ? secret(value) : value]);
  const given = Object.entries(inputs).filter(([name]) => name !== "__defaults");
  return {
    ...present(defaults),
    ...(Object.fromEntries(added) as Properties),
    ...Object.fromEntries(given),
    ...present(live.outputs),
  };
}

function plain(inputs: Properties): Properties {
  const given = Object.entries(inputs).filter(([name]) => name !== "__defaults");
  return unwrap(Object.fromEntries(given)) as Properties;
}

/** `tags` as the program would say them: without the provider's default tags. */
function splitTags(
  found: AnyLive["inputs"],
  recorded: Properties,
  defaults: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const all = (found["tags"] ?? {}) as Readonly<Record<string, string>>;
  const said = unwrap(recorded["tags"] ?? {});
  const own = Object.entries(all).filter(
    ([key, value]) => defaults[key] !== value || (isDictionary(said) && said[key] !== undefined),
  );
  return { ...found, tags: Object.fromEntries(own), tagsAll: all };
}
