/** How rules read settings: what is unknown stays unknown, and each answer says what to do. */
import { type Declared, type Program } from "./program";
import { type Violation } from "./rule";
import { UNKNOWN } from "./values";

const KEYS = [
  "aws:kms/key:Key",
  "aws:kms/replicaKey:ReplicaKey",
  "aws:kms/externalKey:ExternalKey",
  "aws:kms/alias:Alias",
];

/** The value at a path such as `pointInTimeRecovery.enabled`; unknown as soon as anything on the way is. */
export function at(holder: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => {
    if (typeof value !== "object" || value === null) return value === UNKNOWN ? UNKNOWN : undefined;
    return (value as Readonly<Record<string, unknown>>)[key];
  }, holder);
}

/** Nothing when the value at the path is true, else what to do about it. */
export function unlessTrue(holder: unknown, path: string, because: string): string[] {
  const value = at(holder, path);
  if (value === true) return [];
  return value === UNKNOWN ? [notKnown(path, "write true itself", because)] : [`set ${path} to true: ${because}`];
}

/** Nothing when the property is a KMS key, or will be one because it is made from one; else what to do about it. */
export function unlessKey(program: Program, resource: Declared, property: string, because: string): string[] {
  const value = resource.props[property];
  if (isText(value)) return [];
  if (value !== UNKNOWN) return [`set ${property} to a KMS key: ${because}`];
  return program.madeFrom(resource, property, KEYS)
    ? []
    : [notKnown(property, "take a key of this program, or the ARN of one from the config", because)];
}

/** What is wrong with each resource. */
export const judgeEach = (
  resources: readonly Declared[],
  faults: (resource: Declared) => readonly string[],
): readonly Violation[] => resources.flatMap((resource) => faults(resource).map((message) => ({ resource, message })));

/** What is wrong with what is set for a resource; nothing set is wrong, too. */
export const unlessDeclared = (
  settings: readonly Declared[],
  declare: string,
  faults: (setting: Declared) => readonly string[],
): readonly string[] => (settings.length === 0 ? [`declare ${declare}`] : settings.flatMap(faults));

/** A value that decides a rule must be there before anything changes. */
export const notKnown = (path: string, instead: string, because: string): string =>
  `${path} is not known before the update; ${instead}: ${because}`;

export const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** The elements of a list; undefined when it is none. */
export const listOf = (value: unknown): readonly unknown[] | undefined =>
  Array.isArray(value) ? (value as readonly unknown[]) : undefined;
