import { join } from "node:path";
import { sha256 } from "../../runtime/releases/domain";
import { Problem } from "../problem";
import { tarOf, zipOf } from "./archives";
import { type TrackedFile } from "./checkout";
import { digestOfFiles, filesBelow, readOptional } from "./files";
import { productionFiles } from "./lockfile";

export interface PackedInfrastructure {
  readonly archive: Uint8Array;
  /**
   * Over every source file, the lockfile and what counts as infrastructure elsewhere in the checkout: equal digests mean
   * equal programs with equal dependencies.
   */
  readonly digest: string;
  /** SHA-256 of the lockfile: names the layer of dependencies. */
  readonly lockDigest: string;
}

/**
 * Packs `dist/`, package.json and, only if it has dependencies, their installed files.
 * @throws Problem `failed` when the checkout is not built.
 */
export async function packApplication(checkout: string): Promise<Uint8Array> {
  const built = await folderFiles(checkout, "dist");
  if (built.length === 0) {
    throw new Problem("failed", {
      what: "dist/ is missing or empty",
      value: checkout,
      remedy: "Run npm run build first.",
    });
  }
  const manifest = await readOptional(checkout, "package.json");
  const { dependencies = {} } = JSON.parse(manifest ?? "{}") as {
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  const needed = Object.keys(dependencies).length === 0 ? [] : await productionFiles(checkout);
  return zipOf(checkout, [...built, ...(manifest === undefined ? [] : ["package.json"]), ...needed].sort());
}

/**
 * Packs `infrastructure/` without its dependencies; undefined when the checkout has none.
 * @param tracked files that count as infrastructure: those outside the folder are not packed, but part of the digest.
 */
export async function packInfrastructure(
  checkout: string,
  tracked: readonly TrackedFile[] = [],
): Promise<PackedInfrastructure | undefined> {
  const files = await infrastructureFiles(checkout);
  if (!files.includes("Pulumi.yaml")) return undefined;
  const folder = join(checkout, "infrastructure");
  const lockfile = await readOptional(folder, "package-lock.json");
  if (lockfile === undefined) {
    throw new Problem("failed", {
      what: "infrastructure/package-lock.json is missing",
      remedy: "Commit it: a release names its dependencies by the digest of their lockfile.",
    });
  }
  return {
    archive: await tarOf(folder, files),
    digest: withOthers(await digestOfFiles(folder, files), tracked),
    lockDigest: sha256(lockfile),
  };
}

function withOthers(program: string, tracked: readonly TrackedFile[]): string {
  const others = tracked.filter(({ path }) => !path.startsWith("infrastructure/"));
  if (others.length === 0) return program;
  return sha256(JSON.stringify([program, ...others.map(({ path, object }) => [path, object])]));
}

/** The installed production dependencies of the infrastructure program. */
export async function packLayer(checkout: string): Promise<Uint8Array> {
  const folder = join(checkout, "infrastructure");
  return tarOf(folder, await productionFiles(folder));
}

const infrastructureFiles = (checkout: string): Promise<string[]> => folderFiles(join(checkout, "infrastructure"), "");

async function folderFiles(parent: string, name: string): Promise<string[]> {
  try {
    const files = await filesBelow(join(parent, name), (entry) => entry !== "node_modules" && entry !== ".git");
    return files.map((file) => (name === "" ? file : `${name}/${file}`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
