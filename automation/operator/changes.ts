import { type DeploymentRecord } from "../../runtime/deployments/domain";
import { type OperatorChanges } from "../../runtime/deployments/operatorManager";
import { type Deployments } from "../../runtime/deployments/ports";
import { type Installation, pipelineName } from "../installation/names";
import { Problem } from "../problem";
import { type CommandResult, ok } from "../result";
import { type StageRetries } from "./ports";

/** The one environment in which a person acknowledges changes; production has an approval of its own. */
const environment = "staging";
const stage = "StagingEnv";

export interface AcknowledgeRequest {
  readonly installation: Installation;
  /** Of the change, as the deployment that ended `needs-approval` names it. */
  readonly digest: string;
  readonly by: string;
  readonly because: string;
}

export interface AcknowledgePorts {
  readonly deployments: Pick<Deployments, "getDeploymentHistory">;
  readonly changes: Pick<OperatorChanges, "acknowledge">;
  readonly stages: StageRetries;
}

/** Lets the change that staging's last deployment stopped at happen, once, and retries the stage. Doing it twice is doing it once. */
export async function acknowledgeChange(
  { installation, digest, by, because }: AcknowledgeRequest,
  { deployments, changes, stages }: AcknowledgePorts,
): Promise<CommandResult> {
  const waiting = await waitingFor(digest, installation, deployments);
  const outcome = await changes.acknowledge(environment, digest, by, because);
  if (outcome.kind === "contested") {
    throw new Problem("busy", {
      what: `The state of ${environment} changed each time while this command wrote it`,
      remedy: "Run it again.",
    });
  }
  const pipeline = pipelineName(installation);
  const { deploymentId, pipelineExecutionId: executionId, version } = waiting;
  const retried = await stages.retry(pipeline, stage, executionId);
  const { widened = [], changes: listed = [] } = waiting.infrastructureDecision?.proof ?? {};
  return ok(
    { environment, changeDigest: digest, deploymentId, version, executionId, change: outcome.change, retried },
    [
      `acknowledged the change of release ${version} in ${environment}, by ${outcome.change.by}: ${outcome.change.because}`,
      ...listed.map((line) => `  ${line}`),
      ...widened.map((line) => `  adds ${line}`),
      retried.kind === "retried"
        ? `${stage} of ${pipeline} is tried again`
        : `${stage} of ${pipeline} cannot be tried again (${retried.because}): start the pipeline, and the change goes in`,
    ],
  );
}

/** @throws Problem `refused` unless the last deployment of the environment waits for exactly this change. */
async function waitingFor(
  digest: string,
  installation: Installation,
  deployments: AcknowledgePorts["deployments"],
): Promise<DeploymentRecord> {
  const { records } = await deployments.getDeploymentHistory(environment, { limit: 1 });
  const [last] = records;
  const proof = last?.infrastructureDecision?.proof;
  if (last?.status === "failed" && proof?.needsApproval === true && proof.changeDigest === digest) return last;
  throw new Problem("refused", {
    what: `No deployment in ${environment} waits for this change`,
    value: digest,
    allowed: last?.status === "failed" && proof?.needsApproval === true ? (proof.changeDigest ?? "none") : "none",
    remedy: `\`kiro-pipeline status ${installation}\` shows why its last deployment ended.`,
  });
}
