/** The bytes behind an asset or archive that the program handed over. */

import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { zipSync, type Zippable } from "fflate";
import { isArchive, isAsset, isDictionary, type Dictionary, type Value } from "./values";

/** Zip entries carry a time; a fixed one gives equal bytes for equal content. */
const EPOCH = new Date("1980-01-01T00:00:00Z");

/** @throws Error for what is neither, and for remote assets, which need the internet. */
export function bytesOf(given: unknown): Uint8Array {
  const value = given as Value | undefined;
  if (isArchive(value)) return archiveBytes(value);
  if (!isAsset(value)) throw new Error("expected an asset or archive");
  if (typeof value["text"] === "string") return Buffer.from(value["text"], "utf8");
  if (typeof value["path"] === "string") return readFileSync(value["path"]);
  throw new Error("the local provider reads assets from text and files only");
}

function archiveBytes(archive: Dictionary): Uint8Array {
  const { path, assets } = archive;
  if (typeof path === "string" && statSync(path).isFile()) return readFileSync(path);
  const entries: Record<string, Uint8Array> = {};
  if (typeof path === "string") addFolder(entries, "", path);
  else if (isDictionary(assets)) addAssets(entries, "", assets);
  else throw new Error("the local provider reads archives from files, folders and assets only");
  const names = Object.keys(entries).sort();
  const zippable: Zippable = {};
  for (const name of names) zippable[name] = [entries[name] ?? new Uint8Array(), { mtime: EPOCH }];
  return zipSync(zippable);
}

function addFolder(entries: Record<string, Uint8Array>, prefix: string, folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const inside = join(folder, entry.name);
    if (entry.isDirectory()) addFolder(entries, `${prefix}${entry.name}/`, inside);
    else entries[prefix + entry.name] = readFileSync(inside);
  }
}

function addAssets(entries: Record<string, Uint8Array>, prefix: string, assets: Dictionary): void {
  for (const [name, asset] of Object.entries(assets)) {
    if (isArchive(asset) && typeof asset["path"] === "string") addFolder(entries, `${prefix}${name}/`, asset["path"]);
    else if (isArchive(asset) && isDictionary(asset["assets"]))
      addAssets(entries, `${prefix}${name}/`, asset["assets"]);
    else entries[prefix + name] = bytesOf(asset);
  }
}
