import { type EngineEvent } from "@pulumi/pulumi/automation";
import { UNKNOWN } from "../../policy/values";
import { type ChangeClass, type Classification, type ClassifiedChange, highest } from "./domain";
import { changedPaths, differing, isMetadata, isProvider } from "./metadata";
import { addedPermissions } from "./permissions";
import { isStateful } from "./stateful";
import { readPreview, type Step } from "./steps";

/** Says from a preview's events what an update would really change. Never shows a value outside of policy documents. */
export function classify(events: readonly EngineEvent[]): Classification {
  const { steps, outputs: told, counts, complete } = readPreview(events);
  const changes = steps.filter(isChange).map(classified).sort(byTypeNameAndOperation);
  const outputs = told === undefined ? [] : differing(told.old, told.new);
  const classes = [...changes.map((change) => change.class), ...outputs.map(() => "outputs-only" as const)];
  return { class: complete ? highest(classes) : "unknown", changes, outputs, counts };
}

/**
 * A component that changes is bookkeeping: whatever it does to its children is a change of theirs. One that comes or
 * goes is recorded by an update alone.
 */
function isChange(step: Step): boolean {
  if (step.op === "read") return false;
  if (step.op === "same") return isProvider(step.type) && toldOtherwise(step);
  return step.custom || step.op !== "update";
}

/** A provider may call itself unchanged although it is told to do something differently. */
function toldOtherwise({ old = {}, new: next = {} }: Step): boolean {
  // What is masked on both sides has been compared by the engine.
  return differing(old, next).some((name) => old[name] !== UNKNOWN || next[name] !== UNKNOWN);
}

function classified(step: Step): ClassifiedChange {
  const { op, type, name } = step;
  const comparable = op === "update" || op === "replace" || op === "same";
  const properties = comparable ? changedPaths(step) : [];
  if ((op === "update" || op === "same") && isMetadata(type, properties))
    return { op, type, name, class: "metadata-only", properties, adds: [] };
  const adds = addedPermissions(step);
  return { op, type, name, class: highest([risk(step), ...(adds.length > 0 ? widens : [])]), properties, adds };
}

const widens = ["widens-permissions"] as const;

/** What may be lost. */
function risk({ op, type, custom }: Step): ChangeClass {
  const goes = op === "delete" || op === "replace";
  return goes && custom && isStateful(type) ? "replace-or-delete-of-stateful" : "update";
}

const byTypeNameAndOperation = (a: ClassifiedChange, b: ClassifiedChange): number => (key(a) < key(b) ? -1 : 1);

const key = ({ type, name, op }: ClassifiedChange): string => `${type} ${name} ${op}`;
