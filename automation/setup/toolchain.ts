import { sha256 } from "../../runtime/releases/domain";
import { type Installation, toolchainParameter } from "../installation/names";
import { Problem } from "../problem";
import { type Progress } from "../progress";
import { type CommandResult, ok } from "../result";

export interface ToolchainPorts {
  /** The pinned toolchain as one archive; the same toolchain gives the same bytes. */
  pack(): Promise<Uint8Array>;
  /** Whether the releases bucket holds this key. */
  isPublished(key: string): Promise<boolean>;
  publish(key: string, archive: Uint8Array): Promise<void>;
  readParameter(name: string): Promise<string | undefined>;
  writeParameter(name: string, value: string): Promise<void>;
}

/** Mirrors the toolchain into the releases bucket under its digest and tells the installation's builds that digest. */
export async function setUpToolchain(
  installation: Installation,
  ports: ToolchainPorts,
  progress: Progress,
): Promise<CommandResult> {
  const archive = await progress.step("pack the toolchain", () => ports.pack());
  const digest = sha256(archive);
  const key = `toolchain/${digest}.tar.gz`;
  const published = await ports.isPublished(key);
  if (!published) await progress.step(`upload ${key}`, () => ports.publish(key, archive));
  const parameter = toolchainParameter(installation);
  const changed = (await ports.readParameter(parameter)) !== digest;
  if (changed) await ports.writeParameter(parameter, digest);
  return ok(
    {
      installation,
      digest,
      key,
      uploaded: !published,
      parameter,
      parameterChanged: changed,
      bytes: archive.byteLength,
    },
    [`toolchain of ${installation}: ${digest} (${published ? "was there already" : "uploaded"})`],
  );
}

/** The executables that the engine needs beside itself. */
export const engineExecutables = ["pulumi", "pulumi-language-nodejs", "pulumi-analyzer-policy"] as const;

/** The provider plugin of `@pulumi/aws` as declared by this project. */
export const providerPlugin = "resource-aws-v7.48.0";

/** What goes into the archive: executables under `bin/`, the provider under `home/plugins/`. */
export function toolchainFiles(
  binFiles: readonly string[],
  pluginFiles: readonly string[],
): { readonly bin: string[]; readonly plugin: string[] } {
  const missing = engineExecutables.filter((name) => !binFiles.includes(name));
  if (missing.length > 0) {
    throw new Problem("usage", {
      what: `The Pulumi toolchain lacks ${missing.join(", ")}`,
      remedy: "Run `npm run setup` and set KIRO_TOOLCHAIN to the toolchain's folder.",
    });
  }
  const plugin = pluginFiles.filter((name) => name.startsWith(`${providerPlugin}/`));
  if (plugin.length === 0) {
    throw new Problem("usage", {
      what: `The provider plugin ${providerPlugin} is not installed in PULUMI_HOME`,
      remedy: "Run `pulumi plugin install resource aws v7.48.0`.",
    });
  }
  const bin = binFiles.filter(
    (name) => name === "pulumi" || /^pulumi-(language-nodejs|analyzer-policy|resource-pulumi-nodejs)/.test(name),
  );
  return { bin: bin.sort(), plugin: plugin.sort() };
}
