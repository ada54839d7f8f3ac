import { type Installation, pipelineName } from "../installation/names";
import { type CommandResult, ok } from "../result";
import { type Approvals, type Verdict } from "./ports";

/** AWS allows 512 characters in the summary of an approval. */
const longestReason = 512;

/** Decides the approval that the installation's pipeline waits for now, with the token read just before. */
export async function decideApproval(
  installation: Installation,
  verdict: Verdict,
  reason: string | undefined,
  approvals: Approvals,
): Promise<CommandResult> {
  const pipeline = pipelineName(installation);
  const [approval] = await approvals.pending(pipeline);
  if (approval === undefined) {
    return refused(
      pipeline,
      `${pipeline} waits for no approval. \`kiro-pipeline status ${installation}\` shows where it is.`,
    );
  }
  const said = (reason ?? `${verdict === "approve" ? "Approved" : "Rejected"} with kiro-pipeline`).slice(
    0,
    longestReason,
  );
  if (!(await approvals.decide(pipeline, approval, verdict, said))) {
    return refused(
      pipeline,
      `${approval.stage}/${approval.action} of ${pipeline} was decided by somebody else just now.`,
    );
  }
  const { stage, action, executionId } = approval;
  const done = verdict === "approve" ? "approved" : "rejected";
  return ok({ pipeline, stage, action, executionId, verdict: done, reason: said }, [
    `${done} ${stage}/${action} of ${pipeline}: ${said}`,
  ]);
}

const refused = (pipeline: string, because: string): CommandResult => ({
  ending: "refused",
  document: { pipeline, because },
  lines: [because],
});
