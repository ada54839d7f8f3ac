/** What a change of infrastructure is, in rising order: a set of changes is what the highest of them is. */
export const CHANGE_CLASSES = [
  "none",
  /** Tags and descriptions. */
  "metadata-only",
  /** Nothing but what the stack tells about itself. */
  "outputs-only",
  "update",
  /** Data may go with the resource. */
  "replace-or-delete-of-stateful",
  /** Somebody may afterwards do what nobody could do before in the same way. */
  "widens-permissions",
] as const;

export type ChangeClass = (typeof CHANGE_CLASSES)[number];

/** `not(a, b)` stands for everything but these, `unknown` for what only the update will know. */
export interface PermissionTuple {
  readonly principal: string;
  /** An action; or in words what is gained by losing a guard, such as `no longer denied: s3:*`. */
  readonly action: string;
  readonly resource: string;
  /** JSON with sorted keys. */
  readonly condition?: string;
}

export interface ClassifiedChange {
  /** The engine's word; `replace` for all steps of a replacement. */
  readonly op: string;
  readonly type: string;
  /** The logical name. */
  readonly name: string;
  readonly class: ChangeClass;
  /** Paths of what changes, sorted; never values. Empty where the whole resource comes or goes, or none are told. */
  readonly properties: readonly string[];
  /** What the change allows, or no longer denies. */
  readonly adds: readonly PermissionTuple[];
}

export interface Classification {
  /** `unknown` when the engine did not tell everything: it must be taken for anything. */
  readonly class: ChangeClass | "unknown";
  /** Sorted by type, name and operation, because the engine's own order changes from run to run. */
  readonly changes: readonly ClassifiedChange[];
  /** Names of stack outputs that change, or may. */
  readonly outputs: readonly string[];
  /** Number of resources by operation, as the engine sums up. */
  readonly counts: Readonly<Record<string, number>>;
}

/** `none` for no classes at all. */
export function highest(classes: readonly ChangeClass[]): ChangeClass {
  return classes.reduce((top, one) => (rank(one) > rank(top) ? one : top), "none");
}

const rank = (one: ChangeClass): number => CHANGE_CLASSES.indexOf(one);
