import {
  type Classification,
  type ClassifiedChange,
  highest,
  type PermissionTuple,
} from "../../../../automation/changes/domain";

/** One changed resource; an update unless told otherwise. */
export const changed = (name: string, details: Partial<ClassifiedChange> = {}): ClassifiedChange => ({
  op: "update",
  type: "aws:codebuild/project:Project",
  name,
  class: "update",
  properties: [],
  adds: [],
  ...details,
});

/** A role's policy that allows more than before. */
export const widening = (name: string, ...adds: readonly PermissionTuple[]): ClassifiedChange =>
  changed(name, { type: "aws:iam/rolePolicy:RolePolicy", class: "widens-permissions", adds });

/** What `classify` makes of these changes. */
export function classificationOf(
  changes: readonly ClassifiedChange[],
  outputs: readonly string[] = [],
): Classification {
  const counts: Record<string, number> = { same: 3 };
  for (const { op } of changes) counts[op] = (counts[op] ?? 0) + 1;
  const classes = [...changes.map((change) => change.class), ...outputs.map(() => "outputs-only" as const)];
  return { class: highest(classes), changes, outputs, counts };
}

/** The engine did not tell what changes. */
export const untold: Classification = { class: "unknown", changes: [], outputs: [], counts: {} };
