import { type EnvironmentState, type InfrastructureDecision } from "../../runtime/deployments/domain";
import { type Release, sha256 } from "../../runtime/releases/domain";
import { describeCounts } from "../engine/events";
import { type ChangeSummary } from "../engine/port";

/** What the digests alone say about the infrastructure. */
export type DigestDecision =
  | { readonly kind: "decided"; readonly decision: InfrastructureDecision }
  | { readonly kind: "preview-needed"; readonly because: string; readonly first: boolean };

/**
 * Compares the release's infrastructure with what was last applied or proven a no-op; not with the live version,
 * because a deployment can fail after its infrastructure was applied.
 */
export function decideByDigest(
  state: EnvironmentState,
  release: Pick<Release, "infrastructureDigest">,
): DigestDecision {
  const { infrastructureDigest: applied, infrastructureVersion } = state;
  const { infrastructureDigest: wanted } = release;
  if (wanted === null) {
    const because = "the release has no infrastructure";
    return { kind: "decided", decision: { action: "none", because } };
  }
  if (applied === wanted) {
    const because = `infrastructure digest ${wanted.slice(0, 12)} equals that of ${infrastructureVersion?.slice(0, 8) ?? "the last one"}`;
    return { kind: "decided", decision: { action: "none", because } };
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

/** Anything but a proven no-op is applied: an empty summary means that the engine's events could not be read. */
export function decideByPreview(counts: ChangeSummary, first: boolean): InfrastructureDecision {
  const operations = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  const done = Object.keys(operations);
  if (first) return { action: "up", because: `first deployment: ${describeCounts(operations)}`, operations };
  if (done.length === 0) return { action: "up", because: "the preview did not say what changes", operations };
  if (done.every((operation) => operation === "same")) {
    return { action: "none", because: `the preview changes nothing: ${describeCounts(operations)}`, operations };
  }
  return { action: "up", because: `the preview changes something: ${describeCounts(operations)}`, operations };
}

/** Names the inputs that an approval is given for: the release's content and its infrastructure. */
export function planDigest(release: Pick<Release, "version" | "infrastructureDigest">, releaseDigest: string): string {
  return sha256(JSON.stringify([release.version, releaseDigest, release.infrastructureDigest]));
}

/** What `CustomData` of an approval and a CodeBuild variable can carry. */
const longestSummary = 1000;

/** For the approver: one line, operations and types of resources but never a property. */
export function planSummary(
  release: Pick<Release, "version" | "message" | "sequence">,
  decision: InfrastructureDecision,
  changes: readonly string[],
  alarmsOn: readonly string[],
): string {
  const subject = (release.message.split("\n")[0] ?? "").slice(0, 120);
  const alarms = alarmsOn.length === 0 ? "" : ` Alarms already on: ${alarmsOn.join(", ")}.`;
  const head = `Release ${release.version.slice(0, 8)} (number ${release.sequence}): ${subject}. Infrastructure: ${decision.action === "up" ? "changes" : "unchanged"}, ${decision.because}.${alarms}`;
  let summary = head;
  for (const [index, change] of changes.entries()) {
    const next = `${summary}${index === 0 ? " " : ", "}${change}`;
    const rest = `, and ${changes.length - index} more`;
    if (next.length + rest.length > longestSummary) return `${summary}${rest}`;
    summary = next;
  }
  return summary.slice(0, longestSummary);
}
