import type { DeploymentRecord } from "./domain";

/** Attribute path inside an item, e.g. `["lock", "token"]`. */
export type Path = readonly [string, ...string[]];

export type Condition =
  | { readonly kind: "missing"; readonly path: Path }
  | { readonly kind: "equals"; readonly path: Path; readonly value: string | number }
  | { readonly kind: "one-of"; readonly path: Path; readonly values: readonly string[] }
  | { readonly kind: "at-most"; readonly path: Path; readonly value: number };

export interface Assignment {
  readonly path: Path;
  readonly value: unknown;
}

/** One item's part of a transaction; every condition of every part must hold. */
export type Write =
  | {
      readonly kind: "put";
      readonly key: string;
      readonly record: DeploymentRecord;
      readonly when: readonly Condition[];
    }
  | {
      readonly kind: "update";
      readonly key: string;
      readonly set: readonly Assignment[];
      readonly remove: readonly Path[];
      readonly when: readonly Condition[];
    }
  | { readonly kind: "check"; readonly key: string; readonly when: readonly Condition[] };
