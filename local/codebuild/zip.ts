import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { strFromU8, unzipSync, zipSync, type Zippable } from "fflate";

const MODE_SHIFT = 16;
const UNIX = 3;
/** Every entry has the same time, so that the same files make the same zip. */
const MTIME = new Date("1980-01-01T00:00:00Z");

/** Packs files, given as path in the zip → file on disk, with their permission bits. */
export async function packZip(files: ReadonlyMap<string, string>): Promise<Uint8Array> {
  const entries: Zippable = {};
  for (const [name, file] of files) {
    const { mode } = await stat(file);
    entries[name] = [await readFile(file), { os: UNIX, attrs: (mode << MODE_SHIFT) >>> 0, mtime: MTIME }];
  }
  return zipSync(entries, { level: 6 });
}

/** Names in a zip, folders left out. */
export function zipNames(zip: Uint8Array): string[] {
  return [...permissions(zip).keys()].filter((name) => !name.endsWith("/"));
}

/** One file of a zip as text. */
export function zipText(zip: Uint8Array, name: string): string {
  const content = unzipSync(zip, { filter: (file) => file.name === name })[name];
  if (content === undefined) throw new Error(`no ${name} in the zip`);
  return strFromU8(content);
}

/**
 * Unpacks a zip into a folder, with the permission bits that it has.
 * @throws Error when a name leads out of the folder, or the zip is broken.
 */
export async function unpackZip(zip: Uint8Array, folder: string): Promise<void> {
  const modes = permissions(zip);
  for (const [name, content] of Object.entries(unzipSync(zip))) {
    const target = path.resolve(folder, name);
    if (name.includes("\0") || (target !== folder && !target.startsWith(folder + path.sep))) {
      throw new Error(`zip entry ${JSON.stringify(name)} leads out of its folder`);
    }
    if (name.endsWith("/")) {
      await mkdir(target, { recursive: true });
      continue;
    }
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, content);
    const mode = (modes.get(name) ?? 0) & 0o777;
    if (mode !== 0) await chmod(target, mode | 0o600);
  }
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END_LENGTH = 22;
const ENTRY_LENGTH = 46;

/** The Unix modes from the zip's central directory, which fflate does not hand out. */
function permissions(zip: Uint8Array): Map<string, number> {
  const view = Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength);
  const modes = new Map<string, number>();
  let end = view.length - END_LENGTH;
  while (end >= 0 && view.readUInt32LE(end) !== END_OF_DIRECTORY) end--;
  if (end < 0) throw new Error("not a zip file");
  let at = view.readUInt32LE(end + 16);
  for (let left = view.readUInt16LE(end + 10); left > 0; left--) {
    if (at + ENTRY_LENGTH > view.length || view.readUInt32LE(at) !== DIRECTORY_ENTRY) {
      throw new Error("the zip's directory is broken");
    }
    const nameLength = view.readUInt16LE(at + 28);
    const name = view.toString("utf8", at + ENTRY_LENGTH, at + ENTRY_LENGTH + nameLength);
    modes.set(name, view.readUInt32LE(at + 38) >>> MODE_SHIFT);
    at += ENTRY_LENGTH + nameLength + view.readUInt16LE(at + 30) + view.readUInt16LE(at + 32);
  }
  return modes;
}
