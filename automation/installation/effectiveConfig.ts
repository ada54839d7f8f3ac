import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Problem } from "../problem";
import { type Installation } from "./names";
import { layOver, parseStackConfig, renderStackConfig, type StackConfig } from "./stackConfig";

/**
 * The committed config of an installation with the overlay laid over it. The committed file is only read: the engine,
 * which writes its secrets settings into the config file it uses, gets another one.
 */
export async function effectiveConfig(
  projectRoot: string,
  installation: Installation,
  overlayFile: string,
): Promise<StackConfig> {
  const committed = join(projectRoot, `Pulumi.${installation}.yaml`);
  const stack = parseStackConfig((await readOr(committed)) ?? "", committed);
  const overlay = parseStackConfig(await readOverlay(overlayFile), overlayFile);
  return layOver(stack, overlay);
}

/** Writes it into a folder of the command's own, so that two commands in one checkout never read each other's. */
export async function writeEffectiveConfig(
  folder: string,
  installation: Installation,
  config: StackConfig,
): Promise<string> {
  const file = join(folder, `Pulumi.${installation}.yaml`);
  await writeFile(file, renderStackConfig(config));
  return file;
}

async function readOverlay(file: string): Promise<string> {
  const text = await readOr(file);
  if (text !== undefined) return text;
  throw new Problem("usage", {
    what: "KIRO_CONFIG_OVERLAY names a file that does not exist",
    value: file,
    allowed: "a YAML file whose `config` holds stack config values, or the variable unset",
  });
}

async function readOr(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
