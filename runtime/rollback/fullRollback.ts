import { capturedBy, type DeploymentRecord, type EnvironmentState } from "../deployments/domain";
import type { RollbackPart, RollbackProgress } from "../deployments/domainRollback";
import { ENVIRONMENTS } from "../types";
import { compatibilityOf } from "./compatibility";
import { refusedTarget } from "./domainGuards";
import { advance, isRunning, type Running, secondRound, type StepResult, withFailure } from "./domainProgress";
import type { RollbackPorts, RollbackRequest } from "./ports";

/** What a full rollback does next: one environment after the other, each by a rollback of its own. */
export type NextPart =
  | StepResult
  | { readonly kind: "claim"; readonly request: RollbackRequest }
  | { readonly kind: "resume"; readonly deploymentId: string };

type Ports = Pick<RollbackPorts, "deployments" | "releases">;

/** Production first: that is where users are. */
const ORDER = [...ENVIRONMENTS].reverse();

/** Looks at the parts in their order; each is looked up anew, because others act in these environments as well. */
export async function nextPart(record: Running, ports: Ports): Promise<NextPart> {
  const { rollback } = record;
  if (rollback.parts === undefined) return advance({ ...rollback, parts: await partsOf(record, ports) });
  for (const part of rollback.parts) {
    if (part.environment === record.environment) {
      if (rollback.round === 1) return advance(secondRound(rollback));
      continue;
    }
    const next = await ofOther(record, part, ports);
    if (next !== undefined) return next;
  }
  return advance({ ...rollback, next: "end" });
}

/** The environments in which the bad release is live now, and the one that asks. */
async function partsOf(record: Running, { deployments }: Pick<Ports, "deployments">): Promise<readonly RollbackPart[]> {
  const states = await Promise.all(ORDER.map((environment) => deployments.environmentState(environment)));
  return states.flatMap(({ environment, live }): RollbackPart[] => {
    if (environment === record.environment) return [{ environment, deploymentId: record.deploymentId }];
    return live?.version === record.version ? [{ environment, deploymentId: live.deploymentId }] : [];
  });
}

/** undefined: nothing is left to do there. */
async function ofOther(
  record: Running,
  part: RollbackPart,
  { deployments, releases }: Ports,
): Promise<NextPart | undefined> {
  const { rollback } = record;
  const { environment, deploymentId } = part;
  const other = await deployments.deployment(deploymentId);
  if (isRunning(other)) return { kind: "resume", deploymentId };
  if (other?.rollbackStatus === "done") return undefined;
  const failed = (because: string) => noted(rollback, part, because);
  if (other?.rollbackStatus === "failed") return failed(other.rollback?.outcome?.because ?? "its rollback failed");

  const state = await deployments.environmentState(environment);
  if (state.live?.version !== record.version) return undefined;
  if (other === undefined)
    return failed(`the record of ${deploymentId} has expired, so nobody knows what was there before`);
  const target = capturedBy(other);
  if (target === undefined) return failed(`it is the first release in ${environment}: there is nothing to go back to`);
  const refusal = refusedTarget(target, other, state, await compatibilityOf(other, target, releases));
  if (refusal !== undefined) return failed(refusal);
  const holder = await lockHolder(state, other, { deployments });
  if (holder === "busy") return { kind: "wait", because: `${state.lock?.deploymentId} is changing ${environment}` };
  const because = `full rollback of ${record.version} from ${record.environment}: ${rollback.because}`;
  const claim = {
    cause: rollback.cause,
    because,
    failedAlarms: [],
    target,
    root: record.deploymentId,
    // It did nothing wrong here: the budget and the quarantine are those of the environment in which it failed.
    counts: false,
  };
  return { kind: "claim", request: { record: other, state, claim, waiting: holder } };
}

/** Who else holds the lock: nobody, a deployment that has changed nothing yet, or one that is at it. */
async function lockHolder(
  { lock }: EnvironmentState,
  bad: DeploymentRecord,
  { deployments }: Pick<Ports, "deployments">,
): Promise<DeploymentRecord | undefined | "busy"> {
  if (lock === undefined || lock.deploymentId === bad.deploymentId) return undefined;
  const holder = await deployments.deployment(lock.deploymentId);
  return holder?.phase === "locked" && holder.status === "in_progress" ? holder : "busy";
}

/** A part that cannot go back is told once, and the others go on. */
function noted(rollback: RollbackProgress, part: RollbackPart, because: string): StepResult {
  const parts = rollback.parts?.filter((other) => other !== part) ?? [];
  return advance({ ...withFailure(rollback, `${part.environment}: ${because}`), parts });
}
