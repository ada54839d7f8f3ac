/**
 * Property values as the engine sends them: JSON, in which unknowns, secrets and assets are marked.
 * A secret stays wrapped everywhere but in the AWS call, so that the state file only ever holds its ciphertext.
 */

import { Struct } from "google-protobuf/google/protobuf/struct_pb";

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };
/** The properties of one resource; absent and undefined are the same. */
export type Properties = { readonly [key: string]: Value };

/** The engine's string for "not known during preview". */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

export type Dictionary = { readonly [key: string]: Value };

export function isDictionary(value: Value | undefined): value is Dictionary {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

function isMarked(value: Value | undefined, signature: string): value is Dictionary {
  return isDictionary(value) && value[SIGNATURE] === signature;
}

export function isSecret(value: Value | undefined): value is Dictionary {
  return isMarked(value, SECRET);
}

/** An asset or archive: a file, text or folder that the program handed over. */
export function isAsset(value: Value | undefined): value is Dictionary {
  return isMarked(value, ASSET) || isMarked(value, ARCHIVE);
}

export function isArchive(value: Value | undefined): value is Dictionary {
  return isMarked(value, ARCHIVE);
}

export function secret(value: Value): Value {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** True if the value, or anything inside it, is secret. */
export function holdsSecret(value: Value | undefined): boolean {
  return (
    isSecret(value) ||
    (isList(value) && value.some(holdsSecret)) ||
    (isDictionary(value) && Object.values(value).some(holdsSecret))
  );
}

/** True if the value, or anything inside it, is not known yet. */
export function holdsUnknown(value: Value | undefined): boolean {
  return (
    value === UNKNOWN ||
    (isList(value) && value.some(holdsUnknown)) ||
    (isDictionary(value) && Object.values(value).some(holdsUnknown))
  );
}

/** The value without any secret mark: for comparing, and for the AWS call alone. */
export function unwrap(value: Value): Value {
  if (isSecret(value)) return unwrap(value["value"] ?? null);
  if (isList(value)) return value.map(unwrap);
  if (isDictionary(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrap(inner)]));
  }
  return value;
}

export function fromStruct(struct: Struct | undefined): Properties {
  return struct?.toJavaScript() ?? {};
}

/** Through JSON first: `Struct` refuses `undefined`, which JSON drops. */
export function toStruct(properties: object): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)) as Record<string, never>);
}

/** JSON text with sorted keys: equal values give equal text. */
export function canonical(value: Value | undefined): string {
  return JSON.stringify(value, (_key, inner: Value) =>
    isDictionary(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

/** Drops what is undefined; `null` from AWS counts as undefined too. */
export function present(properties: Readonly<Record<string, unknown>>): Properties {
  const kept = Object.entries(properties).filter(([, value]) => value !== undefined && value !== null);
  return JSON.parse(JSON.stringify(Object.fromEntries(kept))) as Properties;
}
