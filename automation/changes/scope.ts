import { sha256 } from "../../runtime/releases/domain";
import { type Classification, type ClassifiedChange, type PermissionTuple } from "./domain";

/** What a plan does, short enough to be handed from action to action: one token for each change and each permission. */
export type Scope = string;

/** The scope of a plan that changes nothing. */
export const NOTHING: Scope = "nothing";

/** The preview did not say what changes. */
const UNKNOWN_SCOPE: Scope = "unknown";

/** A CodeBuild variable and the configuration of an action take a thousand characters. */
const longestScope = 900;

/** A change as a person reads it. */
export const describeChange = ({ op, type, name }: ClassifiedChange): string => `${op} ${type} ${name}`;

/** A permission as a person reads it. */
export const describeTuple = ({ principal, action, resource, condition }: PermissionTuple): string =>
  `${principal}: ${action} on ${resource}${condition === undefined ? "" : ` if ${condition}`}`;

/** The scope of a plan. With too many changes for tokens it is their digest: then only the very same plan is within it. */
export function scopeOf(classification: Classification): Scope {
  if (classification.class === "unknown") return UNKNOWN_SCOPE;
  const tokens = [...parts(classification).keys()];
  if (tokens.length === 0) return NOTHING;
  const text = tokens.join(",");
  return text.length <= longestScope ? text : wholeDigest(tokens);
}

/** What a plan does beyond a scope, as a person reads it; empty: it is within. Nothing but itself is within an unknown one. */
export function beyond(classification: Classification, approved: Scope): readonly string[] {
  const own = scopeOf(classification);
  if (own === approved || own === NOTHING) return [];
  if (own === UNKNOWN_SCOPE) return ["what it changes is unknown"];
  const known = new Set(approved.split(","));
  const wider = [...parts(classification)].filter(([token]) => !known.has(token) && !known.has(asUpdate(token)));
  return wider.map(([, description]) => description);
}

/** Names what a plan does: for a person to acknowledge. */
export function digestOf(classification: Classification, infrastructureDigest: string | null): string {
  return sha256(JSON.stringify([infrastructureDigest, classification.class, [...parts(classification).keys()]]));
}

/** Token → description, in the order of the tokens. A change of metadata alone (`m`) is within any update (`u`) of the same resource. */
function parts({ changes, outputs }: Classification): ReadonlyMap<string, string> {
  const found: [string, string][] = [
    ...changes.flatMap((change): [string, string][] => [
      [`${change.class === "metadata-only" ? "m" : "u"}${short(describeChange(change))}`, describeChange(change)],
      ...change.adds.map((tuple): [string, string] => [`w${short(JSON.stringify(tuple))}`, describeTuple(tuple)]),
    ]),
    ...outputs.map((name): [string, string] => [`o${short(name)}`, `output ${name}`]),
  ];
  return new Map(found.sort(([one], [other]) => (one < other ? -1 : 1)));
}

const asUpdate = (token: string): string => (token.startsWith("m") ? `u${token.slice(1)}` : token);

const short = (text: string): string => sha256(text).slice(0, 10);

const wholeDigest = (tokens: readonly string[]): Scope => `#${sha256(tokens.join(","))}`;
