import { mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { tarOf } from "../release/archives";
import { filesBelow } from "../release/files";
import { providerPlugin, toolchainFiles } from "./toolchain";

export interface ToolchainFolders {
  /** Has `bin/pulumi`. */
  readonly toolchain: string;
  /** The engine's home; has `plugins/`. */
  readonly pulumiHome: string;
}

/** Packs the executables as `bin/…` and the provider plugin as `home/plugins/…`. */
export async function packToolchain(
  { toolchain, pulumiHome }: ToolchainFolders,
  temporary: string,
): Promise<Uint8Array> {
  const plugins = join(pulumiHome, "plugins");
  const { bin, plugin } = toolchainFiles(await namesIn(join(toolchain, "bin")), await pluginFiles(plugins));
  const staged = await mkdtemp(join(temporary, "toolchain-"));
  try {
    await mkdir(join(staged, "home"));
    await symlink(join(toolchain, "bin"), join(staged, "bin"));
    await symlink(plugins, join(staged, "home", "plugins"));
    // Speed before size: builds fetch it inside one region, and unpack it each time.
    return await tarOf(
      staged,
      [...bin.map((name) => `bin/${name}`), ...plugin.map((name) => `home/plugins/${name}`)],
      1,
    );
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

async function pluginFiles(plugins: string): Promise<string[]> {
  const files = await namesIn(join(plugins, providerPlugin), filesBelow);
  return files.map((name) => `${providerPlugin}/${name}`);
}

async function namesIn(folder: string, read: (folder: string) => Promise<string[]> = readdir): Promise<string[]> {
  try {
    return await read(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
