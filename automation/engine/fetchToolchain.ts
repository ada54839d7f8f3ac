import { access, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../../runtime/releases/domain";
import { Problem } from "../problem";
import { type Progress } from "../progress";
import { untar } from "../release/archives";

export interface FetchedToolchain {
  /** Has `bin/pulumi`. */
  readonly root: string;
  readonly pulumiHome: string;
}

/**
 * Puts the mirrored Pulumi toolchain into `{home}/.kiro/toolchain`, unless this build has it already.
 * @throws Problem `refused` when what is stored under the digest has another one.
 */
export async function fetchToolchain(
  digest: string,
  home: string,
  fetch: (key: string) => Promise<Uint8Array>,
  progress: Progress,
): Promise<FetchedToolchain> {
  const root = join(home, ".kiro", "toolchain");
  const toolchain = { root, pulumiHome: join(root, "home") };
  const complete = join(root, `${digest}.complete`);
  if (await exists(complete)) return toolchain;
  await progress.step(`fetch the Pulumi toolchain ${digest.slice(0, 12)}`, async () => {
    const archive = await fetch(`toolchain/${digest}.tar.gz`);
    const found = sha256(archive);
    if (found !== digest) {
      throw new Problem("refused", {
        what: "The Pulumi toolchain in the releases bucket is tampered",
        value: found,
        allowed: digest,
        remedy: "Find out who wrote it, then run `kiro-pipeline setup toolchain`.",
      });
    }
    await rm(root, { recursive: true, force: true });
    await mkdir(root, { recursive: true });
    await untar(archive, root);
    await writeFile(complete, "");
  });
  return toolchain;
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
