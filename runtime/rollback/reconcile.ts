import type { Deployments } from "../deployments/ports";
import type { RollbackDeployments } from "../deployments/rollbackPorts";
import type { ReleasePointer } from "../releases/ports";
import type { Environment } from "../types";
import type { RollbackLog } from "./ports";

export interface ReconcilePorts {
  readonly deployments: Pick<Deployments, "environmentState">;
  readonly rollbacks: Pick<RollbackDeployments, "reconcile">;
  readonly pointer: (environment: Environment) => Pick<ReleasePointer, "readCurrent">;
  readonly log: RollbackLog;
}

/**
 * The pointer is the truth about what is live. Where somebody flipped it by hand, the environment's state follows, so
 * that no alarm is blamed on a release that does not run. Whoever holds the lock brings both together himself.
 */
export async function reconcile(environment: Environment, ports: ReconcilePorts): Promise<void> {
  const state = await ports.deployments.environmentState(environment);
  if (state.lock !== undefined) return;
  const { current } = await ports.pointer(environment).readCurrent();
  const { live } = state;
  if (current === undefined || (live?.version === current.version && live.releaseDigest === current.releaseDigest))
    return;
  const written = await ports.rollbacks.reconcile(state, current);
  const was = live?.version ?? "nothing";
  ports.log.warn("the pointer was flipped by hand", { environment, was, is: current.version, written });
}
