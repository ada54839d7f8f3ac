import { type EnvironmentState, type InfrastructureDecision } from "../../runtime/deployments/domain";
import { type Release } from "../../runtime/releases/domain";
import { describeCounts } from "../engine/events";
import { CHANGE_CLASSES, type Classification } from "./domain";
import { describeChange, describeTuple, digestOf } from "./scope";

/** How much of each list a record keeps. */
const longestList = 20;

/** What the digests alone say about the infrastructure. */
export type DigestDecision =
  | { readonly kind: "decided"; readonly because: string }
  | { readonly kind: "preview-needed"; readonly because: string; readonly first: boolean };

/**
 * Compares the release's infrastructure with what was last applied or proven a no-op; not with the live version,
 * because a deployment can fail after its infrastructure was applied.
 */
export function decideByDigest(
  state: Pick<EnvironmentState, "infrastructureDigest" | "infrastructureVersion">,
  release: Pick<Release, "infrastructureDigest">,
): DigestDecision {
  const { infrastructureDigest: applied, infrastructureVersion } = state;
  const { infrastructureDigest: wanted } = release;
  if (wanted === null) return { kind: "decided", because: "the release has no infrastructure" };
  if (applied === wanted) {
    const because = `infrastructure digest ${wanted.slice(0, 12)} equals that of ${infrastructureVersion?.slice(0, 8) ?? "the last one"}`;
    return { kind: "decided", because };
  }
  if (infrastructureVersion === undefined) {
    return { kind: "preview-needed", first: true, because: "no infrastructure was applied here before" };
  }
  const from = applied === undefined ? "unknown" : (applied?.slice(0, 12) ?? "none");
  return {
    kind: "preview-needed",
    first: false,
    because: `infrastructure digest ${wanted.slice(0, 12)} differs from the applied one (${from} of ${infrastructureVersion.slice(0, 8)})`,
  };
}

/**
 * Whether an update has to run: always, but for what provably changes nothing, or tags and descriptions alone. Those
 * come along with the next update: the engine compares with what is there, not with the commit before.
 */
export function decideByClass(
  classification: Classification,
  first: boolean,
): Pick<InfrastructureDecision, "action" | "because" | "operations"> {
  const operations = Object.fromEntries(Object.entries(classification.counts).filter(([, count]) => count > 0));
  const counted = describeCounts(operations);
  if (first) return { action: "up", because: `first deployment: ${counted}`, operations };
  switch (classification.class) {
    case "unknown":
      return { action: "up", because: "the preview did not say what changes", operations };
    case "none":
      return { action: "none", because: `the preview changes nothing: ${counted}`, operations };
    case "metadata-only": {
      const because = `the preview changes tags and descriptions alone, which the next update brings along: ${counted}`;
      return { action: "none", because, operations };
    }
    case "outputs-only":
      return { action: "up", because: `the preview changes outputs: ${classification.outputs.join(", ")}`, operations };
    case "update":
    case "replace-or-delete-of-stateful":
    case "widens-permissions":
      return {
        action: "up",
        because: `the preview changes something (${classification.class}): ${counted}`,
        operations,
      };
    default:
      return classification.class satisfies never;
  }
}

/** Whether a person must see the change before staging takes it: data may go with it, or somebody may do more than before. */
export function losesOrWidens(classification: Classification): boolean {
  const bar = CHANGE_CLASSES.indexOf("replace-or-delete-of-stateful");
  return classification.class !== "unknown" && CHANGE_CLASSES.indexOf(classification.class) >= bar;
}

/** The part of a decision's proof that a preview gives. */
export function previewProof(classification: Classification, infrastructureDigest: string | null) {
  return {
    class: classification.class,
    changes: cut(classification.changes.map(describeChange)),
    widened: cut(classification.changes.flatMap(({ adds }) => adds.map(describeTuple))),
    changeDigest: digestOf(classification, infrastructureDigest),
  };
}

/** The first of a list, and how many more there are. */
export function cut(all: readonly string[], longest = longestList): readonly string[] {
  return all.length <= longest ? all : [...all.slice(0, longest - 1), `and ${all.length - longest + 1} more`];
}
