/** Whether a resource policy refuses plain HTTP: it denies everybody where `aws:SecureTransport` is false. */
import { type Statement } from "./documents";
import { isText } from "./settings";
import { UNKNOWN } from "./values";

/** What must be denied. */
interface Reach {
  /** As the service names it; `*` at its end stands for every action. */
  readonly action: string;
  /** The name of the resource. */
  readonly name: unknown;
  /** What must be covered: the name with each of these behind it. */
  readonly parts: readonly string[];
  /** What follows the service, region and account in an ARN. */
  readonly named: (arn: string) => string;
  /** Whether what is unknown in the document can only be the resource itself. */
  readonly unknownIsOwn: boolean;
}

/** No ARN has such a name: nothing covers it but `*`, and what is unknown itself. */
const NOT_KNOWN = "\n";

/** Whether the statements together refuse plain HTTP for everything in reach. */
export function refusesPlainHttp(statements: readonly Statement[], reach: Reach): boolean {
  const leaves = statements
    .filter((statement) => refuses(statement, reach.action))
    .flatMap(({ resources }) => resources);
  const patterns = leaves.filter((leaf) => leaf !== UNKNOWN).map(reach.named);
  const name = isText(reach.name) ? reach.name : NOT_KNOWN;
  const uncovered = reach.parts.filter((part) => !patterns.some((pattern) => covers(pattern, name + part)));
  // A policy of a resource can name nothing but the resource and what is in it: one unknown text for each.
  const unknown = reach.unknownIsOwn ? leaves.length - patterns.length : 0;
  return uncovered.length <= unknown;
}

function refuses({ effect, principals, actions, condition }: Statement, action: string): boolean {
  return (
    effect === "Deny" &&
    principals.includes("*") &&
    actions.some((pattern) => covers(pattern.toLowerCase(), action.toLowerCase())) &&
    isPlainHttp(condition)
  );
}

/** A second condition would let through what it does not hold for. */
function isPlainHttp(condition: unknown): boolean {
  const [operator, tested] = onlyEntry(condition) ?? [];
  const [key, value] = onlyEntry(tested) ?? [];
  const wanted: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return (
    (operator === "Bool" || operator === "BoolIfExists") &&
    key?.toLowerCase() === "aws:securetransport" &&
    (wanted === "false" || wanted === false)
  );
}

function onlyEntry(value: unknown): [string, unknown] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const [first, ...others] = Object.entries(value);
  return others.length === 0 ? first : undefined;
}

/** Whether a pattern with `*` reaches all of the text, whose own `*` stands for anything, too. */
function covers(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(text);
}
