import { type CanaryRun, type DeploymentRecord } from "../../runtime/deployments/domain";
import { type Deployments, type Outcome } from "../../runtime/deployments/ports";
import { messageOf, Problem } from "../problem";
import { type Progress } from "../progress";

/**
 * The record after a write.
 * @throws Problem `failed` when this deployment is no longer entitled to write: somebody else acts there now.
 */
export function entitled(outcome: Outcome): DeploymentRecord {
  if (outcome.kind === "done") return outcome.record;
  throw new Problem("failed", { what: `This deployment may not go on: ${outcome.because}` });
}

/** Records a failure. Never throws: the error that led here is the one to report. */
export async function recordFailure(
  record: DeploymentRecord,
  error: unknown,
  {
    deployments,
    progress,
  }: { readonly deployments: Pick<Deployments, "fail">; readonly progress: Pick<Progress, "line"> },
  canaries?: readonly CanaryRun[],
): Promise<void> {
  try {
    const outcome = await deployments.fail(record, messageOf(error), canaries);
    if (outcome.kind === "stale") progress.line(`  the failure could not be recorded: ${outcome.because}`);
    else
      progress.line(
        `  ${record.deploymentId} is recorded as failed; it keeps the lock until it is rolled back or broken`,
      );
  } catch (second) {
    // Whoever watches the pipeline ends a record that nobody ended.
    progress.line(`  the failure could not be recorded: ${messageOf(second)}`);
  }
}
