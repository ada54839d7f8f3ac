import { type StepEventMetadata } from "@pulumi/pulumi/automation";
import { UNKNOWN } from "../../policy/values";
import { nameOf } from "../engine/events";

/** Properties of a resource or outputs of a stack, in values of our own. */
export type Inputs = Readonly<Record<string, unknown>>;

/** The engine's marks of unknown values: text, boolean, number, list, asset, archive, object. */
const UNKNOWN_MARKS = [
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];

/** The key by which the engine marks values of its own, and what it says for a secret. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const MASK = "[secret]";

/**
 * Secrets, which the engine masks, and what it cannot know yet become `UNKNOWN`.
 * @param names to show instead of others.
 */
export function values(properties: object | null | undefined, names: ReadonlyMap<string, string> = new Map()): Inputs {
  return Object.fromEntries(Object.entries(properties ?? {}).map(([key, value]) => [key, known(value, names)]));
}

function known(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") {
    if ([MASK, ...UNKNOWN_MARKS].some((mark) => value.includes(mark))) return UNKNOWN;
    return [...names].reduce((shown, [name, stands]) => shown.replaceAll(name, stands), value);
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((inner) => known(inner, names));
  return (value as Inputs)[SIGNATURE] === SECRET ? UNKNOWN : values(value, names);
}

/**
 * Names that the provider made up for new resources, in this preview alone: the next preview and the update make up
 * others. They are shown as what they stand for, or no two plans of the same program would ever be the same.
 */
export function madeUp(told: readonly StepEventMetadata[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { op, urn, new: next } of told) {
    if (op !== "create" && op !== "create-replacement") continue;
    const name = nameOf(urn);
    const { __defaults: defaults = [], ...inputs } = (next?.inputs ?? {}) as Inputs & { __defaults?: string[] };
    for (const value of defaults.map((property) => inputs[property])) {
      if (typeof value === "string" && value.startsWith(`${name}-`) && /-[0-9a-f]{7}$/.test(value))
        names.set(value, `${name}-(new)`);
    }
  }
  return names;
}
