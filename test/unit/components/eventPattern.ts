/** What EventBridge does with the part of its pattern language that the program uses: fields, lists of values, prefixes. */
export function matches(pattern: unknown, event: unknown): boolean {
  if (Array.isArray(pattern)) return pattern.some((wanted) => accepts(wanted, event));
  if (!isFields(pattern)) throw new Error(`no pattern: ${JSON.stringify(pattern)}`);
  return isFields(event) && Object.entries(pattern).every(([field, wanted]) => matches(wanted, event[field]));
}

function accepts(wanted: unknown, value: unknown): boolean {
  if (typeof wanted === "string") return wanted === value;
  if (isFields(wanted) && typeof wanted["prefix"] === "string" && Object.keys(wanted).length === 1) {
    return typeof value === "string" && value.startsWith(wanted["prefix"]);
  }
  throw new Error(`no matcher: ${JSON.stringify(wanted)}`);
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
