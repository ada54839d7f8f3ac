import { z } from "zod";
import { type Finding } from "./domain";

/** Where a worker says which advisories it knows and ships with. */
export const allowlistFile = "kiro-release.json";

const entrySchema = z.strictObject(
  {
    advisory: z
      .string("is missing: name one advisory, GHSA-xxxx-xxxx-xxxx")
      .regex(/^GHSA(-[0-9a-z]{4}){3}$/, "is not the id of an advisory, GHSA-xxxx-xxxx-xxxx"),
    justification: z
      .string("is missing: say why it does no harm here")
      .trim()
      .min(1, "is empty: say why it does no harm here"),
    expires: z.iso.date("is not a date, YYYY-MM-DD"),
  },
  {
    error: ({ code }) =>
      code === "invalid_type" ? "is not an object with advisory, justification and expires" : undefined,
  },
);
type AllowedAdvisory = z.infer<typeof entrySchema>;

export interface Allowlist {
  /** Only what is justified and has not expired. */
  readonly entries: readonly AllowedAdvisory[];
  /** Entries that allow nothing, and block until they are mended or removed. */
  readonly faults: readonly Finding[];
}

/**
 * Reads `auditAllowlist` of a worker's `kiro-release.json`.
 * @param text undefined when the worker has no such file.
 * @param today YYYY-MM-DD in UTC; an entry holds through the day on which it expires.
 */
export function readAllowlist(text: string | undefined, today: string): Allowlist {
  if (text === undefined) return { entries: [], faults: [] };
  const list = listIn(text);
  if (typeof list === "string") return { entries: [], faults: [fault("auditAllowlist", list)] };
  const entries: AllowedAdvisory[] = [];
  const faults: Finding[] = [];
  list.forEach((item, index) => {
    const where = `auditAllowlist[${index}]`;
    const { success, data: entry, error } = entrySchema.safeParse(item);
    if (!success) faults.push(...error.issues.map(({ path, message }) => fault([where, ...path].join("."), message)));
    else if (entry.expires < today) faults.push(fault(where, `${entry.advisory} expired on ${entry.expires}`));
    else entries.push(entry);
  });
  return { entries, faults };
}

/** The list, or what is wrong with the file. */
function listIn(text: string): readonly unknown[] | string {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return "the file is not JSON";
  }
  const parsed = z.looseObject({ auditAllowlist: z.array(z.unknown()).default([]) }).safeParse(document);
  return parsed.success ? parsed.data.auditAllowlist : "is not a list in an object";
}

const fault = (where: string, message: string): Finding => ({
  rule: where,
  resource: allowlistFile,
  message,
  remedy: "Mend the entry, or remove it.",
  effect: "blocks",
});
