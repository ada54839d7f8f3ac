/** How a type's inputs are described, and how given inputs are measured against the description. */

import { UNKNOWN, isAsset, isDictionary, isList, unwrap, type Properties, type Value } from "./values";

export interface FieldOptions {
  readonly required?: true;
  /** A change makes a new resource. */
  readonly replaces?: true;
  /** Wrapped as a secret in the state, whether the program said so or not. */
  readonly secret?: true;
  /** What AWS takes where nothing is given: given or absent makes no difference. */
  readonly default?: Value;
  /** AWS sets something of its own where nothing is given: what it set is no drift, and to stop saying it changes nothing. */
  readonly computed?: true;
}

interface PlainField extends FieldOptions {
  readonly kind: "text" | "number" | "flag" | "json" | "policy" | "asset";
}
interface ListField extends FieldOptions {
  readonly kind: "list" | "set";
  readonly of: Field;
}
export interface MapField extends FieldOptions {
  readonly kind: "map";
  readonly of: Field;
}
export interface ObjectField extends FieldOptions {
  readonly kind: "object";
  readonly fields: Fields;
}
export type Field = PlainField | ListField | MapField | ObjectField;

export type Fields = { readonly [name: string]: Field };

export const text = (options: FieldOptions = {}): Field => ({ ...options, kind: "text" });
export const number = (options: FieldOptions = {}): Field => ({ ...options, kind: "number" });
export const flag = (options: FieldOptions = {}): Field => ({ ...options, kind: "flag" });
/** A JSON document as text; compared by meaning, not by layout. */
export const json = (options: FieldOptions = {}): Field => ({ ...options, kind: "json" });
/** An IAM policy document: JSON in which a list of one is its item, and the order of names in a list means nothing. */
export const policy = (options: FieldOptions = {}): Field => ({ ...options, kind: "policy" });
export const asset = (options: FieldOptions = {}): Field => ({ ...options, kind: "asset" });
export const list = (of: Field, options: FieldOptions = {}): Field => ({ ...options, kind: "list", of });
/** A list whose order means nothing. */
export const set = (of: Field, options: FieldOptions = {}): Field => ({ ...options, kind: "set", of });
export const map = (of: Field, options: FieldOptions = {}): Field => ({ ...options, kind: "map", of });
export const object = (fields: Fields, options: FieldOptions = {}): Field => ({ ...options, kind: "object", fields });

export interface Mistake {
  /** Path of the property, e.g. `rules[0].status`. */
  readonly property: string;
  readonly reason: string;
}

const EXPECTED = {
  text: "a string",
  json: "a JSON document as a string",
  policy: "a JSON document as a string",
  number: "a number",
  flag: "true or false",
  asset: "an asset or archive",
  list: "a list",
  set: "a list",
  map: "a map",
  object: "an object",
} as const;

/** Everything that is wrong with `inputs`: unknown names (also nested), missing ones, wrong kinds. */
export function findMistakes(fields: Fields, inputs: Properties, path = ""): Mistake[] {
  const known = Object.keys(fields);
  const unknownNames = Object.keys(inputs)
    .filter((name) => name !== "__defaults" && !known.includes(name))
    .map((name) => ({
      property: path + name,
      reason: `the local provider does not know the property "${path}${name}"; known here: ${known.join(", ")}`,
    }));
  const wrong = Object.entries(fields).flatMap(([name, field]) => {
    const value = inputs[name];
    if (value === undefined || value === null) {
      return field.required ? [{ property: path + name, reason: `missing required property "${path}${name}"` }] : [];
    }
    return fieldMistakes(field, unwrap(value), path + name);
  });
  return [...unknownNames, ...wrong];
}

function fieldMistakes(field: Field, value: Value, path: string): Mistake[] {
  if (value === UNKNOWN || value === null) return [];
  const wrongKind = [{ property: path, reason: `"${path}" must be ${EXPECTED[field.kind]}` }];
  switch (field.kind) {
    case "text":
      return typeof value === "string" ? [] : wrongKind;
    case "number":
      return typeof value === "number" ? [] : wrongKind;
    case "flag":
      return typeof value === "boolean" ? [] : wrongKind;
    case "asset":
      return isAsset(value) ? [] : wrongKind;
    case "json":
    case "policy":
      return typeof value === "string" && (value.includes(UNKNOWN) || parseJson(value) !== undefined) ? [] : wrongKind;
    case "list":
    case "set":
      return isList(value) ? value.flatMap((v, i) => fieldMistakes(field.of, v, `${path}[${i}]`)) : wrongKind;
    case "map":
      return isDictionary(value)
        ? Object.entries(value).flatMap(([key, v]) => fieldMistakes(field.of, v, `${path}.${key}`))
        : wrongKind;
    case "object":
      return isDictionary(value) ? findMistakes(field.fields, value, `${path}.`) : wrongKind;
  }
}

/** The document, or undefined when the text is not JSON. */
export function parseJson(document: string): Value | undefined {
  try {
    return JSON.parse(document) as Value;
  } catch {
    return undefined;
  }
}
