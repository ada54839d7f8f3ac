import { type EngineEvent, type StepEventMetadata } from "@pulumi/pulumi/automation";
import { nameOf } from "../engine/events";
import { type Inputs, madeUp, values } from "./engineValues";

/** What a preview says about one resource, in values of our own. */
export interface Step {
  /** The engine's word; all steps of a replacement are one `replace`. */
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** Whether a provider manages it: components are bookkeeping of the engine alone. */
  readonly custom: boolean;
  readonly old?: Inputs;
  readonly new?: Inputs;
  /** Changed paths, as far as the engine tells them. */
  readonly told: readonly string[];
}

export interface Preview {
  readonly steps: readonly Step[];
  /** Of the stack before and after; absent when the stream ended before the program did. */
  readonly outputs?: { readonly old: Inputs; readonly new: Inputs };
  readonly counts: Readonly<Record<string, number>>;
  /** Whether all that the engine's summary counts was told as well. */
  readonly complete: boolean;
}

const STACK = "pulumi:pulumi:Stack";

/** Reads a preview's events. Secrets, which the engine masks, and what it cannot know yet become `UNKNOWN` here. */
export function readPreview(events: readonly EngineEvent[]): Preview {
  const begun = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
  const ended = events.flatMap(({ resOutputsEvent }) => resOutputsEvent?.metadata ?? []);
  // It comes twice: when the stack is registered, with its old outputs, and when the program has ended.
  const stack = ended.findLast(({ type }) => type === STACK);
  const counts = events.findLast(({ summaryEvent }) => summaryEvent !== undefined)?.summaryEvent?.resourceChanges ?? {};
  const names = madeUp(begun);
  const steps = [...grouped(begun.filter(({ type }) => type !== STACK)).values()].map((group) => stepOf(group, names));
  return {
    steps,
    ...(stack === undefined ? {} : { outputs: { old: values(stack.old?.outputs), new: values(stack.new?.outputs) } }),
    counts,
    complete:
      stack !== undefined && Object.keys(counts).length > 0 && tellsAll(begun, counts) && steps.every(hasItsSides),
  };
}

/** The steps of one replacement are told apart by their operation alone. */
const REPLACEMENT = ["replace", "create-replacement", "delete-replaced", "import-replacement"];

const operation = (op: string): string => (REPLACEMENT.includes(op) ? "replace" : op);

function grouped(told: readonly StepEventMetadata[]): Map<string, StepEventMetadata[]> {
  const groups = new Map<string, StepEventMetadata[]>();
  for (const metadata of told) {
    const key = `${operation(metadata.op)} ${metadata.urn}`;
    groups.set(key, [...(groups.get(key) ?? []), metadata]);
  }
  return groups;
}

function stepOf(group: readonly StepEventMetadata[], names: ReadonlyMap<string, string>): Step {
  const [{ op, urn, type }] = group as [StepEventMetadata];
  // The engine's log says null for a side that is not there, though the Automation API's types do not.
  const before = group.map((step) => step.old ?? undefined).find((side) => side !== undefined);
  const after = group.map((step) => step.new ?? undefined).find((side) => side !== undefined);
  return {
    op: operation(op),
    urn,
    type,
    name: nameOf(urn),
    custom: (after ?? before)?.custom === true,
    ...(before === undefined ? {} : { old: values(before.inputs) }),
    ...(after === undefined ? {} : { new: values(after.inputs, names) }),
    told: [...new Set(group.flatMap(toldPaths))].sort(),
  };
}

/** The detailed paths, and the properties of the coarser list that have none. */
function toldPaths({ detailedDiff, diffs }: StepEventMetadata): string[] {
  const detailed = Object.keys(detailedDiff ?? {});
  const named = new Set(detailed.map(topLevel));
  return [...detailed, ...(diffs ?? []).filter((property) => !named.has(topLevel(property)))];
}

/** The property that a path such as `tags.Owner` or `rules[0].status` is in. */
export const topLevel = (path: string): string => path.replace(/[.[].*$/s, "");

function tellsAll(told: readonly StepEventMetadata[], counts: Readonly<Record<string, number>>): boolean {
  return Object.entries(counts).every(
    ([op, count]) => new Set(told.filter((step) => step.op === op).map(({ urn }) => urn)).size >= count,
  );
}

/** Without what was and what will be, nothing can be compared. */
function hasItsSides({ op, old, new: next }: Step): boolean {
  if (op === "delete") return old !== undefined;
  if (op === "create" || op === "import") return next !== undefined;
  if (op === "update" || op === "replace") return old !== undefined && next !== undefined;
  return true;
}
