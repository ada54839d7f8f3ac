import { isAlias, isMap, isScalar, isSeq, type Document, type LineCounter, type Node, type Pair } from "yaml";

/** A buildspec that cannot be used: where, and what was expected there. Lines and columns count from 1. */
export class BuildspecError extends Error {
  constructor(
    readonly line: number,
    readonly column: number,
    readonly reason: string,
  ) {
    super(`buildspec line ${line}, column ${column}: ${reason}`);
    this.name = "BuildspecError";
  }
}

/** A place in the document: a node (or nothing after a key), the way to it, and where to point at in a complaint. */
export interface Place {
  readonly node: Node | null | undefined;
  /** `phases.build.commands[2]`; empty at the top. */
  readonly path: string;
  /** Offset in the text that a complaint points at when the node itself has none. */
  readonly offset: number;
  readonly document: Document;
  readonly lines: LineCounter;
}

export type Reader<T> = (place: Place) => T;

/** Ends the parse with position, the path and what was expected. */
function fail(place: Place, expected: string): never {
  const { line, col } = place.lines.linePos(place.node?.range?.[0] ?? place.offset);
  throw new BuildspecError(line, col, place.path === "" ? expected : `${place.path}: ${expected}`);
}

/** Follows an alias to what it stands for. */
function resolved(place: Place): Node | null | undefined {
  const { node } = place;
  return isAlias(node) ? node.resolve(place.document) : node;
}

/** What the node is, in words for a complaint. */
function found(place: Place): string {
  const node = resolved(place);
  if (isMap(node)) return "a mapping";
  if (isSeq(node)) return "a list";
  if (isScalar(node) && node.value !== null) return JSON.stringify(textOf(node.value, node.source));
  return "nothing";
}

function textOf(value: unknown, source: string | undefined): string {
  if (typeof value === "string") return value;
  return source ?? String(value);
}

/** A scalar as text, numbers and booleans as they are written (`1.10` stays `1.10`). */
export function text(expected: string): Reader<string> {
  return (place) => {
    const node = resolved(place);
    if (!isScalar(node) || node.value === null) return fail(place, `expected ${expected}, found ${found(place)}`);
    return textOf(node.value, node.source);
  };
}

/** Text that may be missing after its key, which is then empty. */
export function textOrNothing(expected: string): Reader<string> {
  const read = text(expected);
  return (place) => (found(place) === "nothing" ? "" : read(place));
}

export function matching(pattern: RegExp, expected: string): Reader<string> {
  const read = text(expected);
  return (place) => {
    const value = read(place);
    return pattern.test(value) ? value : fail(place, `expected ${expected}, found ${found(place)}`);
  };
}

export function oneOf<const T extends string>(...allowed: readonly T[]): Reader<T> {
  const expected = `one of ${allowed.join(", ")}`;
  const read = text(expected);
  return (place) => {
    const value = read(place);
    return allowed.find((each) => each === value) ?? fail(place, `expected ${expected}, found ${found(place)}`);
  };
}

/** yes/no in the spellings that AWS's own examples use. */
export const yesOrNo: Reader<boolean> = (place) => {
  const value = oneOf("yes", "no", "true", "false")(place);
  return value === "yes" || value === "true";
};

export function listOf<T>(item: Reader<T>, expected: string): Reader<T[]> {
  return (place) => {
    const node = resolved(place);
    if (!isSeq(node)) return fail(place, `expected ${expected}, found ${found(place)}`);
    return node.items.map((each, index) =>
      item({ ...place, node: each as Node | null, path: `${place.path}[${index}]`, offset: offsetOf(place, node) }),
    );
  };
}

/** A mapping with free keys; each key and value is read. */
export function mapOf<T>(key: Reader<string>, value: Reader<T>, expected: string): Reader<Record<string, T>> {
  return (place) => Object.fromEntries(entries(place, expected).map((each) => [key(each.key), value(each.value)]));
}

/** A mapping with known keys only. Keys that are absent stay absent in the result. */
export function object<T extends object>(readers: { readonly [K in keyof T]-?: Reader<T[K]> }): Reader<Partial<T>> {
  const allowed = Object.keys(readers);
  return (place) => {
    const result: Partial<T> = {};
    for (const each of entries(place, `a mapping with ${allowed.join(", ")}`)) {
      const name = text("a key")(each.key);
      if (!allowed.includes(name)) {
        fail(each.key, `unknown key ${JSON.stringify(name)}, expected one of ${allowed.join(", ")}`);
      }
      const known = name as keyof T;
      result[known] = readers[known](each.value);
    }
    return result;
  };
}

/** A mapping that must have certain keys; `hints` says what each holds. */
export function requiring<T extends object, const K extends keyof T & string>(
  read: Reader<Partial<T>>,
  hints: Readonly<Record<K, string>>,
): Reader<Partial<T> & Required<Pick<T, K>>> {
  return (place) => {
    const result = read(place);
    for (const [key, hint] of Object.entries<string>(hints)) {
      if (!Object.hasOwn(result, key)) fail(place, `expected ${key}: ${hint}`);
    }
    return result as Partial<T> & Required<Pick<T, K>>;
  };
}

/** A key that AWS knows and this cloud does not serve. */
export function refused(why: string): Reader<never> {
  return (place) => fail(place, why);
}

function entries(place: Place, expected: string): { key: Place; value: Place }[] {
  const node = resolved(place);
  if (!isMap(node)) return fail(place, `expected ${expected}, found ${found(place)}`);
  return (node.items as Pair<Node | null, Node | null>[]).map(({ key, value }) => {
    const offset = key?.range?.[0] ?? offsetOf(place, node);
    const name = isScalar(key) ? textOf(key.value, key.source) : "?";
    const path = place.path === "" ? name : `${place.path}.${name}`;
    return { key: { ...place, node: key, offset }, value: { ...place, node: value, path, offset } };
  });
}

function offsetOf(place: Place, node: Node): number {
  return node.range?.[0] ?? place.offset;
}
