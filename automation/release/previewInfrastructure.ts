import { describeCounts } from "../engine/events";
import { type PreviewedInfrastructure } from "../delivery/ports";
import { type CommandResult, ok } from "../result";

/**
 * Proves that the checkout's infrastructure program can be previewed, without ever seeing an environment's state.
 * @param preview undefined when the checkout has no infrastructure.
 */
export async function previewCheckout(
  preview: (() => Promise<PreviewedInfrastructure>) | undefined,
): Promise<CommandResult> {
  if (preview === undefined) {
    return ok({ infrastructure: false }, ["the worker has no infrastructure of its own: nothing to preview"]);
  }
  const { counts, changes } = await preview();
  return ok({ infrastructure: true, counts, changes }, [
    `the worker's infrastructure, in an empty stack: ${describeCounts(counts)}`,
    ...changes.map(({ op, type, name }) => `  ${op} ${type} ${name}`),
  ]);
}
