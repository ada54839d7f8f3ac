import { readFile } from "node:fs/promises";
import path from "node:path";
import { describeError } from "../clients";
import { PhaseFailure } from "../phaseFailure";
import { BuildspecError, parseBuildspec, type Buildspec } from ".";

/**
 * The buildspec of a build: inline when it has more than one line, else a file of the source, `buildspec.yml` by default.
 * @throws PhaseFailure YAML_FILE_ERROR with position and reason.
 */
export async function loadBuildspec(declared: string | undefined, source: string): Promise<Buildspec> {
  try {
    if (declared?.includes("\n")) return parseBuildspec(declared);
    const file = path.resolve(source, declared || "buildspec.yml");
    if (!file.startsWith(source + path.sep)) throw new Error(`${declared} is not a file of the source`);
    return parseBuildspec(await readFile(file, "utf8"));
  } catch (error) {
    const message = error instanceof BuildspecError ? error.message : `buildspec not found: ${describeError(error)}`;
    throw new PhaseFailure("YAML_FILE_ERROR", message, { cause: error });
  }
}
