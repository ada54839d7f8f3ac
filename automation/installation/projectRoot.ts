import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { Problem } from "../problem";

/** Name of the installation's Pulumi project. */
export const projectName = "kiro-pipeline";

/**
 * The nearest folder, upwards from each start in turn, whose `Pulumi.yaml` is this project's.
 * @throws Problem `usage` when there is none.
 */
export async function findProjectRoot(starts: readonly string[]): Promise<string> {
  for (const start of starts) {
    for (let folder = start; ; folder = dirname(folder)) {
      if (await isProjectRoot(folder)) return folder;
      if (dirname(folder) === folder) break;
    }
  }
  throw new Problem("usage", {
    what: `No Pulumi project ${projectName} was found`,
    value: starts.join(", "),
    remedy: "Run the command inside a checkout of kiro-pipeline.",
  });
}

async function isProjectRoot(folder: string): Promise<boolean> {
  try {
    const project: unknown = parse(await readFile(join(folder, "Pulumi.yaml"), "utf8"));
    return (project as { readonly name?: unknown } | null)?.name === projectName;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
