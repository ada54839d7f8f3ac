import { type CanaryRun, type DeploymentRecord, type InfrastructureDecision } from "../../runtime/deployments/domain";
import { type Deployments, type Outcome } from "../../runtime/deployments/ports";
import { type FailureKind } from "../../runtime/types";
import { messageOf, Problem, type Said } from "../problem";
import { type Progress } from "../progress";

/** The deployment failed for what was measured of its release, or because that could not be measured. */
export class UnprovenRelease extends Problem {
  constructor(
    readonly kind: Exclude<FailureKind, "step">,
    said: Said,
    options?: ErrorOptions,
  ) {
    super("failed", said, options);
    this.name = "UnprovenRelease";
  }
}

/** A person has to acknowledge the change first: nothing was changed. */
export class UnapprovedChange extends Problem {
  constructor(
    readonly decision: InfrastructureDecision,
    said: Said,
  ) {
    super("needs-approval", said);
    this.name = "UnapprovedChange";
  }
}

/**
 * The record after a write.
 * @throws Problem `failed` when this deployment is no longer entitled to write: somebody else acts there now.
 */
export function entitled(outcome: Outcome): DeploymentRecord {
  if (outcome.kind === "done") return outcome.record;
  throw new Problem("failed", { what: `This deployment may not go on: ${outcome.because}` });
}

/** Records a failure with its kind; whatever does not say its own is a step that broke off. Never throws: the error that led here is the one to report. */
export async function recordFailure(
  record: DeploymentRecord,
  error: unknown,
  {
    deployments,
    progress,
  }: { readonly deployments: Pick<Deployments, "fail">; readonly progress: Pick<Progress, "line"> },
  canaries?: readonly CanaryRun[],
): Promise<void> {
  const kind = error instanceof UnprovenRelease ? error.kind : "step";
  try {
    const decision = error instanceof UnapprovedChange ? error.decision : undefined;
    const outcome = await deployments.fail(record, messageOf(error), kind, { canaries, decision });
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
