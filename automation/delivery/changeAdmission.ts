import { type EnvironmentState, type InfrastructureDecision } from "../../runtime/deployments/domain";
import { losesOrWidens } from "../changes/decide";
import { type Detected } from "../changes/detector";
import { type Classification } from "../changes/domain";
import { beyond } from "../changes/scope";
import { type Installation } from "../installation/names";
import { Problem } from "../problem";
import { UnapprovedChange } from "./record";

/**
 * What was approved is the most that may be done: the plan was made before the approval, and the world may have moved.
 *
 * @param approved `PLAN_SCOPE` of the approved plan; undefined where no approval is asked for.
 * @throws Problem `refused` that names what nobody approved.
 */
export function refuseWider(
  classification: Classification,
  { action }: Pick<InfrastructureDecision, "action">,
  approved: string | undefined,
): void {
  if (approved === undefined || action === "none") return;
  const wider = beyond(classification, approved);
  if (wider.length === 0) return;
  throw new Problem("refused", {
    what: "The deployment would do more than what was approved",
    value: wider.join("; "),
    allowed: "what the approved plan listed",
    remedy: "Start the pipeline again, so that a new plan is made and approved.",
  });
}

/**
 * Staging is where a change that loses data or widens permissions is first applied next to real work, so a person sees
 * it before. Where there was nothing, nothing is lost: a first deployment is not asked for.
 *
 * @throws UnapprovedChange with the command that acknowledges the change.
 */
export function refuseUnacknowledged(
  installation: Installation,
  { decision, plan, first }: Detected,
  { environment, acknowledgedChange }: Pick<EnvironmentState, "environment" | "acknowledgedChange">,
): void {
  if (environment !== "staging" || first || plan === undefined || !losesOrWidens(plan.classification)) return;
  const changeDigest = decision.proof?.changeDigest ?? "";
  if (acknowledgedChange?.digest === changeDigest) return;
  const { changes = [], widened = [] } = decision.proof ?? {};
  throw new UnapprovedChange(
    {
      ...decision,
      proof: { ...decision.proof, wantedDigest: decision.proof?.wantedDigest ?? null, needsApproval: true },
    },
    {
      what: `The change is of the class ${plan.classification.class}, which a person has to acknowledge before staging takes it`,
      value: [...changes, ...widened.map((one) => `adds ${one}`)].join("; "),
      remedy: `Nothing was changed. \`kiro-pipeline approve ${installation} --change ${changeDigest}\` acknowledges it and retries the stage.`,
    },
  );
}
