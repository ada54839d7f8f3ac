import { type Release } from "../../runtime/releases/domain";

/** What touched infrastructure, or why nobody can tell. */
type InfrastructureFiles =
  | {
      readonly kind: "known";
      /** Newest first. */
      readonly commits: readonly string[];
      /** Distinct, in the order of their names; not all of them when one commit touched very many. */
      readonly files: readonly string[];
    }
  | { readonly kind: "unknown"; readonly because: string };

/**
 * What touched infrastructure after `base`, the commit whose infrastructure was applied last, up to the release: across
 * every commit in between, whether its run was skipped, superseded or failed.
 */
export function infrastructureFilesSince(
  release: Pick<Release, "version" | "mainline" | "infrastructureChanges">,
  base: string | undefined,
): InfrastructureFiles {
  const { version, mainline, infrastructureChanges } = release;
  if (base === undefined) return unknown("it is not known which commit's infrastructure was applied last");
  if (base === version) return { kind: "known", commits: [], files: [] };
  if (mainline === undefined || infrastructureChanges === undefined) {
    return unknown(`release ${version} does not say which commits touched infrastructure`);
  }
  const distance = mainline.indexOf(base);
  if (distance < 0) {
    return unknown(
      `${base}, whose infrastructure was applied last, is not among the first parents that ${version} names`,
    );
  }
  const since = new Set([version, ...mainline.slice(0, distance)]);
  const changes = infrastructureChanges.filter((change) => since.has(change.version));
  return {
    kind: "known",
    commits: changes.map((change) => change.version),
    files: [...new Set(changes.flatMap(({ files }) => files))].sort(),
  };
}

const unknown = (because: string): InfrastructureFiles => ({ kind: "unknown", because });
