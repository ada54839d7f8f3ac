/** `#{namespace.name}` in action configuration. */

const REFERENCE = /#\{([^{}]*)\}/g;

export type Namespaces = Readonly<Record<string, Readonly<Record<string, string>>>>;

export type Resolution =
  | { readonly configuration: Readonly<Record<string, string>>; readonly missing?: never }
  | { readonly missing: readonly string[] };

/** All references in a configuration, each once, as written between the braces. */
export function referencesIn(configuration: Readonly<Record<string, string>>): readonly string[] {
  const found = Object.values(configuration).flatMap((value) => [...value.matchAll(REFERENCE)].map((m) => m[1] ?? ""));
  return [...new Set(found)];
}

/** Puts values in; names every reference that has none. An empty value counts as one. */
export function resolveConfiguration(
  configuration: Readonly<Record<string, string>>,
  namespaces: Namespaces,
): Resolution {
  const missing = referencesIn(configuration).filter((reference) => lookUp(reference, namespaces) === undefined);
  if (missing.length > 0) return { missing };
  const resolved = Object.entries(configuration).map(([key, value]) => [
    key,
    value.replace(REFERENCE, (_, reference: string) => forJson(key, lookUp(reference, namespaces) ?? "")),
  ]);
  return { configuration: Object.fromEntries(resolved) as Record<string, string> };
}

/** The namespace before the first period of a reference; undefined when it has none. */
export function namespaceOf(reference: string): string | undefined {
  const dot = reference.indexOf(".");
  return dot > 0 && dot < reference.length - 1 ? reference.slice(0, dot) : undefined;
}

/** EnvironmentVariables is JSON text: a value with a quote or a line break must not tear it. */
function forJson(key: string, value: string): string {
  return key === "EnvironmentVariables" ? JSON.stringify(value).slice(1, -1) : value;
}

function lookUp(reference: string, namespaces: Namespaces): string | undefined {
  const namespace = namespaceOf(reference);
  if (namespace === undefined || !Object.hasOwn(namespaces, namespace)) return undefined;
  const variables = namespaces[namespace] ?? {};
  const name = reference.slice(namespace.length + 1);
  return Object.hasOwn(variables, name) ? variables[name] : undefined;
}
