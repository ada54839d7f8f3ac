import { type InfrastructureDecision } from "../../runtime/deployments/domain";
import { type Release, sha256 } from "../../runtime/releases/domain";

/** What `CustomData` of an approval and a CodeBuild variable can carry. */
const longestSummary = 1000;

/** Names the inputs that an approval is given for: the release's content and its infrastructure. */
export function planDigest(release: Pick<Release, "version" | "infrastructureDigest">, releaseDigest: string): string {
  return sha256(JSON.stringify([release.version, releaseDigest, release.infrastructureDigest]));
}

/**
 * For the approver: what is decided and why, alarms, exemptions from policies, permissions that are added, resources that
 * change; never a property. What is a risk comes first, and what does not fit is behind the link.
 *
 * @param link to the log of the build that planned, which shows all of it.
 */
export function planSummary(
  release: Pick<Release, "version" | "message" | "sequence">,
  decision: InfrastructureDecision,
  alarmsOn: readonly string[],
  link: string,
): string {
  const { changes = [], widened = [], exemptions = [], class: changeClass } = decision.proof ?? {};
  const subject = (release.message.split("\n")[0] ?? "").slice(0, 120);
  const what =
    decision.action === "up" ? `changes${changeClass === undefined ? "" : ` (${changeClass})`}` : "unchanged";
  const head = [
    `Release ${release.version.slice(0, 8)} (number ${release.sequence}): ${subject}.`,
    `Infrastructure: ${what}, ${decision.because}.`,
    ...(alarmsOn.length === 0 ? [] : [`Alarms already on: ${alarmsOn.join(", ")}.`]),
  ].join(" ");
  const tail = ` All of it: ${link}`;
  const room = longestSummary - tail.length;
  const counted = ` Changes: ${changes.length}.`.length;
  const exempt = appended(
    head,
    "Exempt from policies:",
    exemptions,
    room - counted - ` Adds permissions: ${widened.length}.`.length,
  );
  const added = appended(exempt, "Adds permissions:", widened, room - counted);
  return `${appended(added, "Changes:", changes, room).slice(0, room)}${tail}`;
}

/** As many of the items as there is room for, and how many more there are. */
function appended(text: string, title: string, items: readonly string[], room: number): string {
  let whole = text;
  for (const [index, item] of items.entries()) {
    const next = `${whole}${index === 0 ? ` ${title} ` : "; "}${item}`;
    const rest = `; and ${items.length - index} more.`;
    if (next.length + rest.length > room) return index === 0 ? `${whole} ${title} ${items.length}.` : `${whole}${rest}`;
    whole = next;
  }
  return items.length === 0 ? whole : `${whole}.`;
}
