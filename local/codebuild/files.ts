import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import picomatch from "picomatch";

/** Which files of the source a buildspec means. */
export interface Selection {
  readonly files: readonly string[];
  readonly baseDirectory: string;
  readonly excludePaths?: readonly string[];
  readonly discardPaths: boolean;
}

/**
 * The files that a selection means, as path relative to the base directory (or the bare name) → file on disk, sorted.
 * Links to files are followed, links to folders are not. As on AWS, `**` + `/*` means everything, hidden files too.
 * @throws Error when the base directory is missing or outside of the source.
 */
export async function selectFiles(source: string, selection: Selection): Promise<Map<string, string>> {
  const base = path.resolve(source, selection.baseDirectory);
  const isFolder = await stat(base).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new Error(`no matching base directory path found for ${selection.baseDirectory}`);

  const matches = matcher(selection.files);
  const excluded = matcher(selection.excludePaths ?? []);
  const wholeFolders = (selection.excludePaths ?? []).filter((each) => each.endsWith("/**/*"));
  const skipFolder = matcher(wholeFolders.map((each) => each.slice(0, -"/**/*".length)));
  const selected = new Map<string, string>();
  for (const relative of (await walk(base, "", skipFolder)).sort()) {
    if (!matches(relative) || excluded(relative)) continue;
    selected.set(selection.discardPaths ? path.basename(relative) : relative, path.join(base, relative));
  }
  return selected;
}

function matcher(patterns: readonly string[]): (relative: string) => boolean {
  const plain = patterns.map((each) => path.posix.normalize(each));
  return plain.length === 0 ? () => false : picomatch(plain, { dot: true });
}

async function walk(base: string, relative: string, skip: (folder: string) => boolean): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(path.join(base, relative), { withFileTypes: true })) {
    const name = relative === "" ? entry.name : `${relative}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!skip(name)) found.push(...(await walk(base, name, skip)));
    } else if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(path.join(base, name))))) {
      found.push(name);
    }
  }
  return found;
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false, // a link that leads nowhere
  );
}
