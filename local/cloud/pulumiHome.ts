import { chmod, copyFile, mkdir, readFile, rename } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";

interface Versions {
  /** Of `@pulumi/pulumi` and so of the toolchain. */
  readonly engine: string;
  /** Of `@pulumi/aws`: the provider is installed as the plugin of exactly this version. */
  readonly aws: string;
}

/** The versions that the project pins. */
async function pinnedVersions(root: string): Promise<Versions> {
  const { dependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  return { engine: dependencies["@pulumi/pulumi"] ?? "", aws: dependencies["@pulumi/aws"] ?? "" };
}

/** A home for the engine of the local cloud's own: the user's has the real provider under the same name and version. */
export function pulumiHome(root: string): string {
  return join(root, ".local", "pulumi-home");
}

/** The folder of the pinned `pulumi` and its companions. */
export async function toolchainBin(root: string): Promise<string> {
  return join(root, ".local", "toolchain", `v${(await pinnedVersions(root)).engine}`, "bin");
}

/**
 * Puts the local provider where the engine looks for the AWS provider, if it is not there yet as it is built now.
 * @returns false when it is not built.
 */
export async function installProvider(root: string): Promise<boolean> {
  const built = join(root, "build", "pulumi-resource-aws");
  if (!existsSync(built)) return false;
  const folder = join(pulumiHome(root), "plugins", `resource-aws-v${(await pinnedVersions(root)).aws}`);
  const installed = join(folder, "pulumi-resource-aws");
  if (existsSync(installed) && (await readFile(installed)).equals(await readFile(built))) return true;
  await mkdir(folder, { recursive: true });
  // An engine may be running the old one: it keeps its file, the name gets the new one.
  const draft = `${installed}.${process.pid}`;
  await copyFile(built, draft);
  await chmod(draft, 0o755);
  await rename(draft, installed);
  return true;
}
