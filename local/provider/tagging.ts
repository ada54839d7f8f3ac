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

/** Keys that were there and are no longer wanted. */
export function staleKeys(olds: Tags | undefined, news: Tags | undefined): string[] {
  return Object.keys(olds ?? {}).filter((key) => news?.[key] === undefined);
}
