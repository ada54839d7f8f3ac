import { UNKNOWN } from "./values";

/** A text of a statement, or one that only the update will know. */
export type Leaf = string | typeof UNKNOWN;

/** One statement of an IAM document; what is missing is empty, and a single string is a list of one. */
export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly sid?: string;
  /** `*` (also where the document says `{"AWS": "*"}`), `AWS:…`, `Service:…`, `Federated:…`; empty in identity policies. */
  readonly principals: readonly Leaf[];
  readonly notPrincipals: readonly Leaf[];
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly resources: readonly Leaf[];
  readonly notResources: readonly Leaf[];
  /** As the document says it, with `UNKNOWN` where it has to wait for the update. */
  readonly condition?: unknown;
}

export type PolicyDocument =
  | { readonly kind: "read"; readonly statements: readonly Statement[] }
  /** The document, or which effects and actions it has, is known to the update alone. */
  | { readonly kind: "unknown" }
  /** `because` continues "the document cannot be read: …" and never shows a value. */
  | { readonly kind: "unreadable"; readonly because: string };

type NotRead = Exclude<PolicyDocument, { kind: "read" }>;

const KEYS = [
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];

/** Reads an IAM document: JSON text or an object, one statement or a list of them. */
export function readDocument(value: unknown): PolicyDocument {
  if (value === UNKNOWN) return { kind: "unknown" };
  const document = typeof value === "string" ? parse(value) : value;
  if (!isRecord(document)) return unreadable("it is not a JSON object");
  const listed = document["Statement"];
  if (listed === UNKNOWN) return { kind: "unknown" };
  if (listed === undefined) return unreadable("it has no Statement");
  const statements: Statement[] = [];
  for (const [index, one] of (Array.isArray(listed) ? (listed as unknown[]) : [listed]).entries()) {
    const statement = readStatement(one, `statement ${index + 1}`);
    if ("kind" in statement) return statement;
    statements.push(statement);
  }
  return { kind: "read", statements };
}

function readStatement(value: unknown, which: string): Statement | NotRead {
  if (value === UNKNOWN) return { kind: "unknown" };
  if (!isRecord(value)) return unreadable(`${which} is not an object`);
  // What is not understood could mean anything.
  const strange = Object.keys(value).find((key) => !KEYS.includes(key));
  if (strange !== undefined) return unreadable(`${which} has the key ${strange}, which IAM does not know`);

  const { Sid: sid, Effect: effect, Condition: condition } = value;
  if (effect === UNKNOWN) return { kind: "unknown" };
  if (effect !== "Allow" && effect !== "Deny") return unreadable(`the Effect of ${which} is neither Allow nor Deny`);

  const actions = leaves(value["Action"]);
  const notActions = leaves(value["NotAction"]);
  if (actions === undefined || notActions === undefined) return unreadable(`an Action of ${which} is not a text`);
  if (actions.length + notActions.length === 0) return unreadable(`${which} has no Action`);
  if (!actions.every(isText) || !notActions.every(isText)) return { kind: "unknown" };

  const resources = leaves(value["Resource"]);
  const notResources = leaves(value["NotResource"]);
  if (resources === undefined || notResources === undefined) return unreadable(`a Resource of ${which} is not a text`);

  const principals = readPrincipals(value["Principal"]);
  const notPrincipals = readPrincipals(value["NotPrincipal"]);
  if (principals === undefined || notPrincipals === undefined)
    return unreadable(`a Principal of ${which} is neither "*" nor texts by kind`);

  return {
    effect,
    ...(typeof sid === "string" ? { sid } : {}),
    principals,
    notPrincipals,
    actions,
    notActions,
    resources,
    notResources,
    ...(condition === undefined ? {} : { condition }),
  };
}

function readPrincipals(value: unknown): readonly Leaf[] | undefined {
  if (value === undefined) return [];
  if (value === "*" || value === UNKNOWN) return [value];
  if (!isRecord(value)) return undefined;
  const read: Leaf[] = [];
  for (const [kind, listed] of Object.entries(value)) {
    const named = leaves(listed);
    if (named === undefined) return undefined;
    read.push(...named.map((name) => (name === UNKNOWN ? name : principal(kind, name))));
  }
  return read;
}

/** For AWS `{"AWS": "*"}` is the same as `"*"`. */
const principal = (kind: string, name: string): string => (kind === "AWS" && name === "*" ? "*" : `${kind}:${name}`);

/** One text or a list of them; undefined for anything else. */
function leaves(value: unknown): readonly Leaf[] | undefined {
  if (value === undefined) return [];
  const listed: readonly unknown[] = Array.isArray(value) ? value : [value];
  return listed.every((leaf): leaf is Leaf => leaf === UNKNOWN || typeof leaf === "string") ? listed : undefined;
}

const isText = (leaf: Leaf): leaf is string => leaf !== UNKNOWN;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const unreadable = (because: string): NotRead => ({ kind: "unreadable", because });

/** Undefined, which no JSON text means, when the text is none. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
