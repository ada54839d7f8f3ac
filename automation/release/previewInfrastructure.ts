import { type BoundPlan } from "../engine/boundPlan";
import { describeCounts } from "../engine/events";
import { type CommandResult, ok } from "../result";

/**
 * Proves that the checkout's infrastructure program can be previewed and passes the policies, without ever seeing an environment's state.
 * @param preview undefined when the checkout has no infrastructure.
 */
export async function previewCheckout(preview: (() => Promise<BoundPlan>) | undefined): Promise<CommandResult> {
  if (preview === undefined) {
    return ok({ infrastructure: false }, ["the worker has no infrastructure of its own: nothing to preview"]);
  }
  const { classification, changes, policyPack, exemptions } = await preview();
  const { counts } = classification;
  return ok({ infrastructure: true, counts, changes, policyPack, exemptions }, [
    `the worker's infrastructure, in an empty stack, passes the policies: ${describeCounts(counts)}`,
    ...changes.map(({ op, type, name }) => `  ${op} ${type} ${name}`),
  ]);
}
