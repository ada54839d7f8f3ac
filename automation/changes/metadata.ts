import { UNKNOWN } from "../../policy/values";
import { type Inputs } from "./engineValues";
import { type Step, topLevel } from "./steps";

/** Properties that change nothing that anybody could do or measure. Whatever is not listed counts as a real change. */
const METADATA: ReadonlySet<string> = new Set([
  // Own tags, and these together with the provider's default tags, as the provider works them out.
  "tags",
  "tagsAll",
  // Most types.
  "description",
  // aws.cloudwatch.MetricAlarm and CompositeAlarm.
  "alarmDescription",
  // aws.cloudfront and aws.route53.
  "comment",
]);

/** The provider's tags come into force through its resources, each of which is a change of its own. */
const PROVIDER_METADATA: ReadonlySet<string> = new Set(["defaultTags"]);

export const isProvider = (type: string): boolean => type.startsWith("pulumi:providers:");

/**
 * Paths of what changes: as the engine tells them, else by comparing what was with what will be. Empty when nothing
 * says what it is.
 */
export function changedPaths({ told, old, new: next }: Step): readonly string[] {
  if (told.length > 0) return told;
  return old === undefined || next === undefined ? [] : differing(old, next);
}

/** Whether all that changes is listed above; not so when nobody says what changes. */
export function isMetadata(type: string, paths: readonly string[]): boolean {
  const listed = isProvider(type) ? PROVIDER_METADATA : METADATA;
  return paths.length > 0 && paths.every((path) => listed.has(topLevel(path)));
}

/** Names of the properties that differ, or may: what is unknown equals nothing. Those of the engine itself are left out. */
export function differing(old: Inputs, next: Inputs): readonly string[] {
  return [...new Set([...Object.keys(old), ...Object.keys(next)])]
    .filter((name) => !name.startsWith("__") && !equal(old[name], next[name]))
    .sort();
}

function equal(a: unknown, b: unknown): boolean {
  if (a === UNKNOWN || b === UNKNOWN) return false;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Array.isArray(a) === Array.isArray(b) && [...names].every((name) => equal(at(a, name), at(b, name)));
}

const at = (holder: object, name: string): unknown => (holder as Inputs)[name];
