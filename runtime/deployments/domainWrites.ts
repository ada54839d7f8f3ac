import type { Notice } from "../notices/domain";
import type { DeploymentRecord, EnvironmentState, Lock } from "./domain";

/** Attribute path inside an item, e.g. `["lock", "token"]`. */
export type Path = readonly [string, ...string[]];

export type Condition =
  | { readonly kind: "missing"; readonly path: Path }
  | { readonly kind: "equals"; readonly path: Path; readonly value: string | number }
  | { readonly kind: "one-of"; readonly path: Path; readonly values: readonly string[] }
  | { readonly kind: "at-most"; readonly path: Path; readonly value: number };

export interface Assignment {
  readonly path: Path;
  /** `undefined` assigns nothing. */
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
  /** Queued with what it tells. One with the same id that exists already is written over: conditions of the others decide. */
  | { readonly kind: "notice"; readonly notice: Notice; readonly when: readonly Condition[] }
  | { readonly kind: "check"; readonly key: string; readonly when: readonly Condition[] };

export interface Snapshot {
  readonly record: DeploymentRecord | undefined;
  readonly state: EnvironmentState;
}

/** One step of a deployment's life: a transaction as data, and how to see that it has already happened. */
export interface Moment {
  readonly writes: readonly Write[];
  /** The record as the transaction leaves it. */
  readonly record: DeploymentRecord;
  /** Whether an earlier issue of this very moment went through, though its answer was lost. */
  readonly happened: (snapshot: Snapshot) => boolean;
}

/** Long texts come from outside and an item may have 400 KB: the beginning says what happened. */
export const MAX_TEXT = 4_000;

/** Holds for exactly this lock: no earlier and no later one has its token. */
export function holds(lock: Pick<Lock, "deploymentId" | "token">): readonly Condition[] {
  return [
    { kind: "equals", path: ["lock", "deploymentId"], value: lock.deploymentId },
    { kind: "equals", path: ["lock", "token"], value: lock.token },
  ];
}

export function assign(path: Path, value: unknown): Assignment {
  return { path, value };
}

/** One assignment for each property; `undefined` ones write nothing. */
export function assignments(changes: object): Assignment[] {
  return Object.entries(changes).map(([name, value]) => assign([name], value));
}

/** The notice goes out when what it tells is written. */
export function queued(notice: Notice): Write {
  return { kind: "notice", notice, when: [] };
}
