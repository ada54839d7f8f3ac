import { type Leaf, readDocument, type Statement } from "../../policy/documents";
import { hasUnknown } from "../../policy/values";
import { type PermissionTuple } from "./domain";

/** What resources allow and deny, one tuple for each combination. */
export interface Grants {
  readonly allows: readonly PermissionTuple[];
  readonly denies: readonly PermissionTuple[];
}

export const NOTHING: Grants = { allows: [], denies: [] };

/** Stands in a tuple for what cannot be known; it covers nothing, and only `*` covers it. */
const UNKNOWN_TOKEN = "unknown";

export const text = (leaf: unknown): string => (typeof leaf === "string" ? leaf : UNKNOWN_TOKEN);

export const together = (grants: readonly Grants[]): Grants => ({
  allows: grants.flatMap(({ allows }) => allows),
  denies: grants.flatMap(({ denies }) => denies),
});

/** Whose document it is. */
export interface Holder {
  /** For identity policies, whose statements name nobody. */
  readonly principal?: string;
  /** For trust policies, whose statements name no resource. */
  readonly resource: string;
}

/** What cannot be read could allow and deny anything. */
export function unreadable(principal: string = UNKNOWN_TOKEN): Grants {
  const anything = { principal, action: UNKNOWN_TOKEN, resource: UNKNOWN_TOKEN };
  return { allows: [anything], denies: [anything] };
}

/** The tuples of an IAM document; none where there is no document. */
export function grantsOfDocument(value: unknown, holder: Holder): Grants {
  if (value === undefined || value === null || value === "") return NOTHING;
  const document = readDocument(value);
  if (document.kind !== "read") return unreadable(holder.principal);
  const of = (effect: Statement["effect"]) =>
    document.statements.filter((statement) => statement.effect === effect).flatMap((one) => tuples(one, holder));
  return { allows: of("Allow"), denies: of("Deny") };
}

function tuples(statement: Statement, { principal, resource }: Holder): PermissionTuple[] {
  const principals =
    principal === undefined ? parts(statement.principals, statement.notPrincipals, UNKNOWN_TOKEN) : [principal];
  const actions = parts(statement.actions, statement.notActions, UNKNOWN_TOKEN);
  const resources = parts(statement.resources, statement.notResources, resource);
  return product(principals, actions, resources, conditionText(statement.condition));
}

/** Every combination, under one condition. */
export function product(
  principals: readonly string[],
  actions: readonly string[],
  resources: readonly string[],
  condition: string | undefined,
): PermissionTuple[] {
  const under = condition === undefined ? {} : { condition };
  return principals.flatMap((principal) =>
    actions.flatMap((action) => resources.map((resource) => ({ principal, action, resource, ...under }))),
  );
}

/** The listed ones, and one token for all that are not excepted. */
function parts(listed: readonly Leaf[], excepted: readonly Leaf[], otherwise: string): string[] {
  const except = excepted.map(text);
  const token = except.includes(UNKNOWN_TOKEN) ? UNKNOWN_TOKEN : `not(${except.sort().join(", ")})`;
  const all = [...listed.map(text), ...(except.length === 0 ? [] : [token])];
  return all.length === 0 ? [otherwise] : all;
}

/** One text for one meaning: keys and alternatives sorted, a list of one like its only item. No condition: undefined. */
export function conditionText(condition: unknown): string | undefined {
  if (condition === undefined || condition === null) return undefined;
  if (hasUnknown(condition)) return UNKNOWN_TOKEN;
  const canonical = JSON.stringify(normal(condition));
  return canonical === "{}" ? undefined : canonical;
}

function normal(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const alternatives = value.map(normal).sort((a, b) => (String(a) < String(b) ? -1 : 1));
    return alternatives.length === 1 ? alternatives[0] : alternatives;
  }
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, normal(inner)]),
  );
}

/** What `after` allows and `before` did not, and what it no longer denies; sorted, each once. */
export function widened(before: Grants, after: Grants): readonly PermissionTuple[] {
  const gained = after.allows.filter((tuple) => !before.allows.some((old) => covers(old, tuple)));
  const freed = before.denies
    .filter((tuple) => !after.denies.some((still) => covers(still, tuple)))
    .map((tuple) => ({ ...tuple, action: `no longer denied: ${tuple.action}` }));
  const distinct = new Map([...gained, ...freed].map((tuple) => [JSON.stringify(tuple), tuple]));
  return [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, tuple]) => tuple);
}

/** Whether everything that `narrow` means is in what `wide` means. When in doubt: no. */
export function covers(wide: PermissionTuple, narrow: PermissionTuple): boolean {
  return (
    principalCovers(wide.principal, narrow.principal) &&
    // IAM does not tell upper and lower case of actions apart.
    patternCovers(wide.action.toLowerCase(), narrow.action.toLowerCase()) &&
    patternCovers(wide.resource, narrow.resource) &&
    (wide.condition === undefined || same(wide.condition, narrow.condition))
  );
}

/** `*` is every caller by a role or user; whether it is every service as well, AWS decides by the resource's kind. */
const principalCovers = (wide: string, narrow: string): boolean =>
  same(wide, narrow) || (wide === "*" && narrow.startsWith("AWS:"));

function patternCovers(wide: string, narrow: string): boolean {
  if (wide === "*" || same(wide, narrow)) return true;
  // A set by exception is compared as a word: `not(s3:*)` is less than `not(s3:GetObject)`.
  if ([wide, narrow].some((part) => part === UNKNOWN_TOKEN || part.startsWith("not("))) return false;
  return glob(wide).test(narrow);
}

const same = (a: string, b: string | undefined): boolean => a === b && a !== UNKNOWN_TOKEN;

/** `*` takes whatever is there, wildcards of the other side too; `?` takes one character, which a `*` is not. */
function glob(pattern: string): RegExp {
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (sign) => {
    if (sign === "*") return ".*";
    return sign === "?" ? "[^*]" : `\\${sign}`;
  });
  return new RegExp(`^${source}$`, "s");
}
