import { describeCounts } from "../engine/events";
import { type ChangeSummary, type EngineStack } from "../engine/port";
import { runEngine } from "../engine/run";
import { Problem } from "../problem";
import { type Progress } from "../progress";
import { type CommandResult, ok } from "../result";
import { type Installation } from "./names";

/** An installation's stack, opened, with the config file to pass to the engine when it is not the committed one. */
export interface OpenedStack {
  readonly stack: EngineStack;
  readonly configFile?: string;
  readonly signal: AbortSignal;
  /** Asks before anything is changed. @throws Problem `usage` when nobody can be asked. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** File for the plan of this run; in a folder that only this run uses. */
  readonly planFile: string;
}

/** Shows what `up` would do. Writes nothing but the plan file. */
export async function previewInstallation(
  installation: Installation,
  opened: OpenedStack,
  progress: Progress,
): Promise<CommandResult> {
  const { counts, changes } = await preview(opened, progress);
  return ok({ operation: "preview", installation, counts, changes }, [
    `preview of ${installation}: ${describeCounts(counts)}`,
    ...changes.map(({ op, type, name }) => `  ${op} ${type} ${name}`),
  ]);
}

/** Applies exactly what a preview of the same inputs, made just before, has shown. */
export async function upInstallation(
  installation: Installation,
  opened: OpenedStack,
  progress: Progress,
): Promise<CommandResult> {
  const { counts, changes } = await preview(opened, progress);
  for (const { op, type, name } of changes) progress.line(`  ${op} ${type} ${name}`);
  if (!isKnownNoop(counts)) await agreed(opened, `Update ${installation}: ${describeCounts(counts)}?`);
  const { stack, planFile: plan } = opened;
  const { events } = await runEngine("up", progress, (hooks) =>
    stack.up({
      ...hooks,
      ...engineOptions(opened),
      plan,
      message: `kiro-pipeline up ${installation}`,
      showSecrets: false,
    }),
  );
  return ok({ operation: "up", installation, counts: events.summary, changes: events.changes }, [
    `up of ${installation}: ${describeCounts(events.summary)}`,
  ]);
}

/** Destroys what may be destroyed and names what was left on purpose. */
export async function destroyInstallation(
  installation: Installation,
  opened: OpenedStack,
  progress: Progress,
): Promise<CommandResult> {
  await agreed(opened, `Destroy ${installation}, all but what is protected?`);
  const retained = resourcesIn((await opened.stack.exportStack()).deployment).filter(
    ({ retainOnDelete }) => retainOnDelete === true,
  );
  const { events } = await runEngine("destroy", progress, (hooks) =>
    opened.stack.destroy({ ...hooks, ...engineOptions(opened), excludeProtected: true, showSecrets: false }),
  );
  const remaining = resourcesIn((await opened.stack.exportStack()).deployment).filter(
    ({ protect }) => protect === true,
  );
  const left = [...remaining.map(leftBecause("protected")), ...retained.map(leftBecause("retained"))];
  return ok({ operation: "destroy", installation, counts: events.summary, left }, [
    `destroy of ${installation}: ${describeCounts(events.summary)}`,
    ...(left.length === 0
      ? []
      : ["left on purpose:", ...left.map(({ type, id, because }) => `  ${type} ${id} (${because})`)]),
  ]);
}

async function preview(opened: OpenedStack, progress: Progress) {
  const { result, events } = await runEngine("preview", progress, (hooks) =>
    opened.stack.preview({ ...hooks, ...engineOptions(opened), plan: opened.planFile }),
  );
  return { counts: result.changeSummary, changes: events.changes };
}

async function agreed({ confirm }: OpenedStack, question: string): Promise<void> {
  if (!(await confirm(question))) throw new Problem("refused", { what: "You said no: nothing was changed" });
}

/** An empty summary means that the events could not be read: unknown, so not a no-op. */
function isKnownNoop(counts: ChangeSummary): boolean {
  const operations = Object.entries(counts).filter(([, count]) => count > 0);
  return operations.length > 0 && operations.every(([op]) => op === "same");
}

function engineOptions({ configFile, signal }: OpenedStack): { signal: AbortSignal; configFile?: string } {
  return configFile === undefined ? { signal } : { signal, configFile };
}

interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
}

function resourcesIn(deployment: unknown): readonly StateResource[] {
  return (deployment as { readonly resources?: readonly StateResource[] } | null)?.resources ?? [];
}

const leftBecause =
  (because: string) =>
  ({ type, urn, id }: StateResource) => ({ type, id: id ?? urn, because });
