import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { basename, delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { version as pinned } from "@pulumi/pulumi/version";
import { tarOf } from "../release/archives";
import { filesBelow } from "../release/files";
import { engineExecutables, providerPlugin, toolchainFiles } from "./toolchain";

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

/** The first folder of PATH that holds every executable of the pinned version, without its `bin`. */
export async function toolchainOnPath(path: string, version: VersionOf = pulumiVersion): Promise<string | undefined> {
  for (const bin of path.split(delimiter).filter((folder) => basename(folder) === "bin")) {
    const names = await namesIn(bin);
    if (!engineExecutables.every((name) => names.includes(name))) continue;
    if ((await version(join(bin, "pulumi"))) === `v${pinned}`) return dirname(bin);
  }
  return undefined;
}

type VersionOf = (executable: string) => Promise<string>;

async function pulumiVersion(executable: string): Promise<string> {
  return (await promisify(execFile)(executable, ["version"])).stdout.trim();
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
