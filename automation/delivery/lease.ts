import { type DeploymentRecord, LEASE_MS } from "../../runtime/deployments/domain";
import { type Deployments } from "../../runtime/deployments/ports";
import { messageOf } from "../problem";
import { type Progress } from "../progress";

export interface LeasePorts {
  readonly deployments: Pick<Deployments, "extendLease">;
  readonly progress: Pick<Progress, "line">;
}

/**
 * Extends the lease for as long as the work takes: an update may run longer than a lease. A lease that could not be
 * extended is told and ends nothing: the write after the work shows whether the deployment still holds its lock.
 */
export async function keepingLease<T>(
  record: DeploymentRecord,
  { deployments, progress }: LeasePorts,
  work: () => Promise<T>,
  everyMs = LEASE_MS / 3,
): Promise<T> {
  const extend = async (): Promise<void> => {
    try {
      const outcome = await deployments.extendLease(record);
      if (outcome.kind === "stale") progress.line(`  the lease was not extended: ${outcome.because}`);
    } catch (error) {
      progress.line(`  the lease was not extended: ${messageOf(error)}`);
    }
  };
  let extending = Promise.resolve();
  const timer = setInterval(() => {
    extending = extending.then(extend);
  }, everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await extending;
  }
}
