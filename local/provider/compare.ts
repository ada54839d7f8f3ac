/** Differences between two sets of inputs, by the description of the type. */

import { parseJson, type Field, type Fields, type MapField, type ObjectField } from "./fields";
import { UNKNOWN, canonical, isAsset, isDictionary, isList, unwrap, type Properties, type Value } from "./values";

export interface Difference {
  /** Path as the engine writes it, e.g. `tags.Owner`, `rules[0].status`. */
  readonly path: string;
  /** The top-level property. */
  readonly property: string;
  readonly kind: "add" | "delete" | "update";
  readonly replaces: boolean;
}

/** What changes between `olds` and `news`; defaults, order of sets, layout of JSON and secrecy make no difference. */
export function differences(fields: Fields, olds: Properties, news: Properties): Difference[] {
  return Object.entries(fields).flatMap(([name, field]) =>
    compare(field, olds[name], news[name], { path: name, property: name, replaces: field.replaces === true }),
  );
}

/** Whether the live value is what was recorded; what AWS filled in where nothing was recorded counts as the same. */
export function sameValue(field: Field, recorded: Value | undefined, live: Value | undefined): boolean {
  return compare(field, live, recorded, { path: "", property: "", replaces: false }).length === 0;
}

type Place = Pick<Difference, "path" | "property" | "replaces">;

function compare(field: Field, before: Value | undefined, after: Value | undefined, place: Place): Difference[] {
  const a = normal(field, before);
  const b = normal(field, after);
  if (canonical(a) === canonical(b)) return [];
  if (isEmpty(a) && isEmpty(b)) return [];
  if (a === undefined) return [{ ...place, kind: "add" }];
  if (b === undefined) return field.computed ? [] : [{ ...place, kind: "delete" }];
  switch (field.kind) {
    case "object":
    case "map":
      return isDictionary(a) && isDictionary(b) ? compareEntries(field, a, b, place) : [{ ...place, kind: "update" }];
    case "list":
    case "set":
      return isList(a) && isList(b) ? compareItems(field.of, a, b, place) : [{ ...place, kind: "update" }];
    case "text":
    case "number":
    case "flag":
    case "json":
    case "policy":
    case "asset":
      return [{ ...place, kind: "update" }];
  }
}

function compareEntries(field: MapField | ObjectField, a: Properties, b: Properties, place: Place): Difference[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.flatMap((name) => {
    const inner = field.kind === "map" ? field.of : field.fields[name];
    if (inner === undefined) return [];
    const plain = /^[A-Za-z_$][\w$]*$/.test(name);
    const path = plain ? `${place.path}.${name}` : `${place.path}[${JSON.stringify(name)}]`;
    return compare(inner, a[name], b[name], { ...place, path, replaces: place.replaces || inner.replaces === true });
  });
}

function compareItems(of: Field, a: readonly Value[], b: readonly Value[], place: Place): Difference[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) =>
    compare(of, a[index], b[index], { ...place, path: `${place.path}[${index}]` }),
  ).flat();
}

/** The value in the one form in which equal meanings are equal. */
function normal(field: Field, given: Value | undefined): Value | undefined {
  const value = given === undefined || given === null ? field.default : unwrap(given);
  if (value === undefined || value === UNKNOWN) return value;
  switch (field.kind) {
    case "json":
      return typeof value === "string" ? (parseJson(value) ?? value) : value;
    case "policy":
      return typeof value === "string" ? normalPart(parseJson(value) ?? value) : value;
    case "asset":
      return isAsset(value) ? (value["hash"] ?? value) : value;
    case "set":
      return isList(value)
        ? value.map((item) => normal(field.of, item) ?? null).sort((x, y) => (canonical(x) < canonical(y) ? -1 : 1))
        : value;
    case "list":
      return isList(value) ? value.map((item) => normal(field.of, item) ?? null) : value;
    case "map":
      return isDictionary(value) ? mapValues(value, (inner) => normal(field.of, inner)) : value;
    case "object":
      return isDictionary(value) ? normalObject(field.fields, value) : value;
    case "text":
    case "number":
    case "flag":
      return value;
  }
}

function normalObject(fields: Fields, value: Properties): Value {
  const entries = Object.entries(fields).map(([name, field]) => [name, normal(field, value[name])] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, Value] => entry[1] !== undefined));
}

function mapValues(value: Properties, change: (inner: Value) => Value | undefined): Value {
  const entries = Object.entries(value).map(([key, inner]) => [key, change(inner)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, Value] => entry[1] !== undefined));
}

/** IAM takes one value and a list of one value for the same; the order of such lists means nothing. */
function normalPart(part: Value): Value {
  if (isList(part)) {
    const items = part.map(normalPart);
    if (items.length === 1) return items[0] ?? null;
    return items.every((item) => typeof item === "string") ? [...items].sort() : items;
  }
  return isDictionary(part) ? mapValues(part, normalPart) : part;
}

/** Nothing, an empty list and an empty map are the same to AWS. */
function isEmpty(value: Value | undefined): boolean {
  return (
    value === undefined ||
    value === "" ||
    (isList(value) && value.length === 0) ||
    (isDictionary(value) && Object.keys(value).length === 0)
  );
}
