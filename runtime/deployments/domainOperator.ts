import type { Release } from "../releases/domain";
import { type AcknowledgedChange, type EnvironmentState, stateIdOf } from "./domain";
import type { Hold, Quarantined } from "./domainRollback";
import { unchanged } from "./domainEndings";
import { assign, type Write } from "./domainWrites";

export type DeployPermission =
  | { readonly kind: "allowed" }
  | { readonly kind: "held"; readonly hold: Hold }
  | { readonly kind: "quarantined"; readonly quarantined: Quarantined };

/**
 * Whether a release may be deployed where this is the state. The test environment takes a quarantined release: that is
 * where a fix is proven, and a fix has the quarantined commit among its ancestors.
 */
export function mayDeploy(state: EnvironmentState, release: Pick<Release, "version" | "ancestors">): DeployPermission {
  if (state.hold !== undefined) return { kind: "held", hold: state.hold };
  if (state.environment === "test") return { kind: "allowed" };
  const contained = new Set([release.version, ...release.ancestors]);
  const quarantined = state.quarantine?.find(({ version }) => contained.has(version));
  return quarantined === undefined ? { kind: "allowed" } : { kind: "quarantined", quarantined };
}

/** The environment is held by an operator. */
export function held(state: EnvironmentState, hold: Hold): readonly Write[] {
  return [changed(state, [assign(["hold"], hold)], [])];
}

/** The environment takes deployments again. */
export function resumed(state: EnvironmentState): readonly Write[] {
  return [changed(state, [], [["hold"]])];
}

/** The release may be deployed here again. */
export function lifted(state: EnvironmentState, version: string): readonly Write[] {
  const rest = (state.quarantine ?? []).filter((one) => one.version !== version);
  return [
    rest.length === 0 ? changed(state, [], [["quarantine"]]) : changed(state, [assign(["quarantine"], rest)], []),
  ];
}

/** The change may happen here, once. */
export function acknowledged(state: EnvironmentState, change: AcknowledgedChange): readonly Write[] {
  return [changed(state, [assign(["acknowledgedChange"], change)], [])];
}

type Update = Extract<Write, { kind: "update" }>;

/** A token of its own for each change: whoever decided on the state as it was before decides again. */
function changed(state: EnvironmentState, set: Update["set"], remove: Update["remove"]): Write {
  return {
    kind: "update",
    key: stateIdOf(state.environment),
    set: [...set, assign(["token"], state.token + 1)],
    remove,
    when: unchanged(state),
  };
}
