import { capturedBy, type DeploymentRecord, type EnvironmentState } from "../deployments/domain";
import type { RollbackTarget } from "../deployments/domainRollback";
import type { Environment } from "../types";

/** How far back a release allows to go; `unknown` never lets it go back. */
export type Compatibility =
  | {
      readonly kind: "known";
      /** The lowest sequence the bad release may go back to; null: no limit. */
      readonly compatibleFrom: number | null;
      readonly targetSequence: number;
    }
  | { readonly kind: "unknown"; readonly because: string };

export type TargetFound =
  { readonly kind: "found"; readonly target: RollbackTarget } | { readonly kind: "none"; readonly because: string };

/** Where the deployment goes back to: what an operator named, else what its own record captured before any change. */
export function targetOf(blamed: DeploymentRecord, named: RollbackTarget | undefined): TargetFound {
  const target = named ?? capturedBy(blamed);
  if (target !== undefined) return { kind: "found", target };
  return {
    kind: "none",
    because: `it is the first release in ${blamed.environment}: there is nothing to go back to`,
  };
}

/** Why the target may not be gone back to; undefined: it may. */
export function refusedTarget(
  target: RollbackTarget,
  blamed: DeploymentRecord,
  state: EnvironmentState,
  compatibility: Compatibility | undefined,
): string | undefined {
  if (target.version === blamed.version) return `${target.version} is what would be taken back`;
  if (state.quarantine?.some(({ version }) => version === target.version)) {
    return `${target.version} is quarantined in ${blamed.environment}`;
  }
  if (compatibility === undefined) return undefined;
  if (compatibility.kind === "unknown") return compatibility.because;
  const { compatibleFrom, targetSequence } = compatibility;
  if (compatibleFrom === null || targetSequence >= compatibleFrom) return undefined;
  return `${blamed.version} may go back to release number ${compatibleFrom} at the lowest, ${target.version} is number ${targetSequence}`;
}

interface Budget {
  readonly budget: Readonly<Partial<Record<Environment, number>>>;
  readonly budgetWindowMs: number;
}

/** Why no more automatic rollbacks happen for now; undefined: there is budget left. */
export function spentBudget(
  { automaticRollbacks = [] }: EnvironmentState,
  environment: Environment,
  { budget, budgetWindowMs }: Budget,
  now: number,
): string | undefined {
  const limit = budget[environment] ?? Number.POSITIVE_INFINITY;
  const recent = automaticRollbacks.filter((at) => at > now - budgetWindowMs).length;
  if (recent < limit) return undefined;
  const hours = Math.round(budgetWindowMs / 3_600_000);
  return `${environment} has spent its budget of ${limit} automatic rollbacks in ${hours} h`;
}
