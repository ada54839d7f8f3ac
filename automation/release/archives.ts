import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Zip, ZipDeflate } from "fflate";
import { create, extract } from "tar";

/**
 * The first moment that a zip can hold, in the local time that zips are written in: the same bytes in every time zone.
 */
const zipEpoch = new Date(1980, 0, 1);

/** A zip with these files in this order; the same files give the same bytes. */
export async function zipOf(folder: string, files: readonly string[]): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error !== null) throw error;
    chunks.push(chunk);
  });
  for (const file of files) {
    const entry = new ZipDeflate(file, { level: 6 });
    entry.mtime = zipEpoch;
    zip.add(entry);
    entry.push(await readFile(join(folder, file)), true);
  }
  zip.end();
  return Buffer.concat(chunks);
}

/**
 * A gzipped tar with these files in this order, without owners and times; the same files give the same bytes.
 * @param level of the compression, 1 (fast) to 9 (small).
 */
export async function tarOf(folder: string, files: readonly string[], level = 6): Promise<Uint8Array> {
  const options = {
    cwd: folder,
    gzip: { portable: true, level },
    portable: true,
    mtime: new Date(0),
    follow: true,
    noDirRecurse: true,
  };
  // A leading "@" would be read as the name of an archive to include.
  const names = files.map((file) => (file.startsWith("@") ? `./${file}` : file));
  const chunks: Buffer[] = [];
  for await (const chunk of create(options, names)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Unpacks a gzipped tar into an existing folder; a broken archive throws. */
export async function untar(archive: Uint8Array, folder: string): Promise<void> {
  const unpack = extract({ cwd: folder, strict: true });
  await new Promise<void>((resolve, reject) => {
    unpack.on("error", reject);
    unpack.on("close", () => resolve());
    unpack.end(Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength));
  });
}
