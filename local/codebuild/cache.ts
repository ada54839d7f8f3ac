import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ProjectCache } from "@aws-sdk/client-codebuild";

interface Entry {
  /** Relative to the source. */
  readonly path: string;
  /** Folder or file in the cache. */
  readonly entry: string;
}

/**
 * The cache of one project (`LOCAL` with `LOCAL_CUSTOM_CACHE`): what `cache.paths` names is moved out of the source when
 * a build is over and into the source of the next. Moving is one `rename`, so of two builds at a time one gets the cache
 * and the other works without; a build that is stopped takes its cache with it.
 */
export class CustomCache {
  private readonly home: string;

  /** `scratch` is a folder of the build's own on the same file system. */
  constructor(
    cacheDir: string,
    project: string,
    private readonly source: string,
    private readonly scratch: string,
    private readonly say: (line: string) => void,
  ) {
    this.home = path.join(cacheDir, project);
  }

  /** Moves in what an earlier build left. What the source itself has is not touched. */
  async restore(paths: readonly string[]): Promise<void> {
    const taken = path.join(this.scratch, "cache-taken");
    if (!(await moved(this.home, taken))) return;
    const wanted = new Set(this.inside(paths));
    const entries = JSON.parse(await readFile(path.join(taken, "entries.json"), "utf8")) as readonly Entry[];
    for (const { path: relative, entry } of entries) {
      const target = path.join(this.source, relative);
      if (!wanted.has(relative) || (await exists(target))) continue;
      await mkdir(path.dirname(target), { recursive: true });
      if (await moved(path.join(taken, entry), target)) this.say(`Restored from the local cache: ${relative}`);
    }
  }

  /** Moves the paths out of the source into the cache, in place of what is there. */
  async keep(paths: readonly string[]): Promise<void> {
    const made = path.join(this.scratch, "cache-made");
    await mkdir(made, { recursive: true });
    const entries: Entry[] = [];
    for (const relative of this.inside(paths)) {
      const entry = String(entries.length);
      if (await moved(path.join(this.source, relative), path.join(made, entry)))
        entries.push({ path: relative, entry });
    }
    await writeFile(path.join(made, "entries.json"), JSON.stringify(entries));
    await mkdir(path.dirname(this.home), { recursive: true });
    await moved(this.home, path.join(this.scratch, `cache-old`));
    // Another build may have put its own there in this moment; then that one is kept.
    await rename(made, this.home).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
    await rm(path.join(this.scratch, "cache-old"), { recursive: true, force: true });
  }

  /** Normalized paths inside of the source; a trailing `/**` + `/*` means the folder. Others are left out, and said. */
  private inside(paths: readonly string[]): string[] {
    return paths.flatMap((each) => {
      const plain = path.posix.normalize(each.replace(/(\/\*\*)?\/\*?\*?$/, ""));
      const served = !path.isAbsolute(plain) && !/^\.\.?(\/|$)|[*?[\]{}]|^~/.test(plain);
      if (!served) this.say(`Cache path ${each} is not kept: the local cloud keeps folders and files of the source`);
      return served ? [plain] : [];
    });
  }
}

/** Whether a build with this setting keeps what `cache.paths` names. */
export function keepsCustomCache(cache: ProjectCache | undefined): boolean {
  return cache?.type === "LOCAL" && (cache.modes ?? []).includes("LOCAL_CUSTOM_CACHE");
}

/** False when there is nothing to move. */
async function moved(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
