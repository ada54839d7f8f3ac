/** Tags between Pulumi's map and AWS's lists of pairs. */

type Tags = Readonly<Record<string, string>>;

/** The pairs, in the words of the service (`Key`/`Value`, `TagKey`/`TagValue`, `key`/`value`), sorted by key. */
export function keyed<K extends string, V extends string>(
  tags: Tags | undefined,
  key: K,
  value: V,
): Record<K | V, string>[] {
  return Object.entries(tags ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => ({ [key]: k, [value]: v }) as Record<K | V, string>);
}

export const pairs = (tags: Tags | undefined): { Key: string; Value: string }[] => keyed(tags, "Key", "Value");

/** The map from AWS's pairs; tags of AWS's own (`aws:…`) are none of the program's. */
export function fromPairs(
  found: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): Record<string, string> {
  const own = (found ?? []).filter(({ Key }) => Key !== undefined && !Key.startsWith("aws:"));
  return Object.fromEntries(own.map(({ Key = "", Value = "" }): [string, string] => [Key, Value]));
}

/** Brings tags from `olds` to `news`, by calls on AWS only where there is something to do. */
export async function settleTags(
  olds: Tags | undefined,
  news: Tags | undefined,
  calls: { readonly untag: (keys: string[]) => Promise<unknown>; readonly tag: (tags: Tags) => Promise<unknown> },
): Promise<void> {
  const wanted = news ?? {};
  const stale = Object.keys(olds ?? {}).filter((key) => wanted[key] === undefined);
  if (stale.length > 0) await calls.untag(stale);
  if (Object.keys(wanted).length > 0) await calls.tag(wanted);
}
