import { join } from "node:path";
import { Problem } from "../problem";
import { filesBelow, readRequired } from "./files";

interface LockedPackage {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly link?: boolean;
}

/**
 * The files of a project's production dependencies as they are installed, by its `package-lock.json`: no registry is
 * needed, and nothing that only development uses gets in. Paths are relative to the project and begin with
 * `node_modules/`. Type declarations and source maps stay out: nothing reads them at run time.
 *
 * @throws Problem `failed` when a dependency is not installed or the lockfile is older than npm 7.
 */
export async function productionFiles(project: string): Promise<string[]> {
  const { packages } = JSON.parse(await readRequired(project, "package-lock.json", "npm")) as {
    readonly packages?: Readonly<Record<string, LockedPackage>>;
  };
  if (packages === undefined) {
    throw new Problem("failed", {
      what: "package-lock.json does not list packages",
      allowed: "lockfileVersion 2 or 3 (npm 7 and later)",
    });
  }
  const folders = Object.entries(packages).filter(
    ([path, { dev, link }]) => path !== "" && dev !== true && link !== true,
  );
  const files: string[] = [];
  for (const [folder, { optional }] of folders) {
    files.push(...(await packageFiles(project, folder, optional === true)));
  }
  return files.sort();
}

async function packageFiles(project: string, folder: string, optional: boolean): Promise<string[]> {
  try {
    // Nested packages are entries of the lockfile themselves.
    const files = await filesBelow(
      join(project, folder),
      (name) => name !== "node_modules" && !/\.(d\.[cm]?ts|map)$/.test(name),
    );
    return files.map((file) => `${folder}/${file}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    if (optional) return [];
    throw new Problem(
      "failed",
      { what: `${folder} is not installed`, value: project, remedy: "Run npm ci there first." },
      { cause: error },
    );
  }
}
