import { Problem } from "../problem";
import { type Progress } from "../progress";
import { type EngineOptions, type EngineStack } from "./port";
import { runEngine } from "./run";

/** An operation that an update began and whose end it never recorded: it was killed. */
export interface PendingOperation {
  /** Such as `creating`. */
  readonly kind: string;
  readonly urn: string;
}

export interface RepairOptions extends Pick<EngineOptions, "configFile" | "signal"> {
  /**
   * Proves, before each step that an update of somebody else would not survive, that nobody else updates the stack.
   * What it throws ends the repair.
   */
  readonly alone: () => Promise<void>;
  readonly progress: Progress;
}

/**
 * Brings a stack whose update was killed into a state from which the engine goes on. Creations that were under way are
 * forgotten: what they made, if they did, belongs to nobody.
 *
 * @returns what was pending.
 */
export async function forgetPending(
  stack: EngineStack,
  { alone, progress, ...engine }: RepairOptions,
): Promise<readonly PendingOperation[]> {
  const pending = pendingIn((await stack.exportStack()).deployment);
  if (pending.length === 0) return pending;
  for (const { kind, urn } of pending) progress.line(`  never ended: ${kind} ${urn}`);
  await withoutDeadLock(stack, { alone, progress }, () =>
    runEngine("refresh", progress, (hooks) =>
      stack.refresh({ ...hooks, ...engine, clearPendingCreates: true, showSecrets: false }),
    ),
  );
  return pending;
}

/** Runs a step that writes to the stack. A lock that is in its way is one that a killed update left behind. */
export async function withoutDeadLock<T>(
  stack: Pick<EngineStack, "cancel">,
  { alone, progress }: Pick<RepairOptions, "alone" | "progress">,
  step: () => Promise<T>,
): Promise<T> {
  await alone();
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof Problem) || error.ending !== "busy") throw error;
    progress.line(`  ${error.said.what}`);
  }
  await alone();
  await progress.step("free the stack from the update that was killed", () => stack.cancel());
  await alone();
  return step();
}

function pendingIn(deployment: unknown): readonly PendingOperation[] {
  const { pending_operations: pending } = (deployment ?? {}) as {
    readonly pending_operations?: readonly { readonly type: string; readonly resource: { readonly urn: string } }[];
  };
  return (pending ?? []).map(({ type, resource }) => ({ kind: type, urn: resource.urn }));
}
