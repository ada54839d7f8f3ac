import { type Classification } from "../changes/domain";
import { describeTuple } from "../changes/scope";
import { applyOrPlanAgain, planBound, type PlanInputs } from "../engine/boundPlan";
import { describeCounts } from "../engine/events";
import { type EngineStack } from "../engine/port";
import { runEngine } from "../engine/run";
import { stateDigest } from "../engine/workspace";
import { Problem } from "../problem";
import { type CommandResult, ok } from "../result";
import { type Installation } from "./names";

/** An installation's stack, opened. */
export interface OpenedStack {
  readonly stack: EngineStack;
  /** Digest of its state when it was opened. */
  readonly state: string;
  readonly inputs: PlanInputs;
  /** Asks before anything is changed. @throws Problem `usage` when nobody can be asked. */
  readonly confirm: (question: string) => Promise<boolean>;
}

/** Shows what `up` would do, or what the policies refuse. Writes nothing but the plan file. */
export async function previewInstallation(installation: Installation, opened: OpenedStack): Promise<CommandResult> {
  const plan = await planBound(opened.stack, opened.state, opened.inputs);
  const { classification, changes, policyPack, exemptions } = plan;
  const { counts, class: changeClass } = classification;
  return ok({ operation: "preview", installation, counts, class: changeClass, changes, policyPack, exemptions }, [
    `preview of ${installation}: ${describeCounts(counts)} (${changeClass})`,
    ...changes.map(({ op, type, name }) => `  ${op} ${type} ${name}`),
    ...widened(classification),
  ]);
}

/** Applies exactly what a preview of the same inputs, made just before, has shown. */
export async function upInstallation(installation: Installation, opened: OpenedStack): Promise<CommandResult> {
  const { stack, inputs } = opened;
  const { progress } = inputs;
  const plan = await planBound(stack, opened.state, inputs);
  const { classification } = plan;
  for (const { op, type, name } of plan.changes) progress.line(`  ${op} ${type} ${name}`);
  for (const line of widened(classification)) progress.line(line);
  // Outputs are what the stack tells about itself: nothing of the installation changes with them.
  if (classification.class !== "none" && classification.class !== "outputs-only") {
    await agreed(opened, `Update ${installation}: ${describeCounts(classification.counts)} (${classification.class})?`);
  }
  const again = async () => planBound(stack, stateDigest((await stack.exportStack()).deployment), inputs);
  const events = await applyOrPlanAgain(plan, `kiro-pipeline up ${installation}`, again, progress);
  return ok({ operation: "up", installation, counts: events.summary, changes: events.changes }, [
    `up of ${installation}: ${describeCounts(events.summary)}`,
  ]);
}

/** Destroys what may be destroyed and names what was left on purpose. */
export async function destroyInstallation(installation: Installation, opened: OpenedStack): Promise<CommandResult> {
  const { configFile, signal, progress } = opened.inputs;
  const options = { signal, ...(configFile === undefined ? {} : { configFile }) };
  await agreed(opened, `Destroy ${installation}, all but what is protected?`);
  const retained = resourcesIn((await opened.stack.exportStack()).deployment).filter(
    ({ retainOnDelete }) => retainOnDelete === true,
  );
  const { events } = await runEngine("destroy", progress, (hooks) =>
    opened.stack.destroy({ ...hooks, ...options, excludeProtected: true, showSecrets: false }),
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

/** Who may do more than before, below what changes. */
const widened = ({ changes }: Classification): string[] =>
  changes.flatMap(({ op, adds }) => (op === "create" ? [] : adds.map((tuple) => `  adds ${describeTuple(tuple)}`)));

async function agreed({ confirm }: OpenedStack, question: string): Promise<void> {
  if (!(await confirm(question))) throw new Problem("refused", { what: "You said no: nothing was changed" });
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
