import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Problem } from "../problem";
import { sha256 } from "../../runtime/releases/domain";

/** Regular files below a folder, relative with `/`, in the order of their names on every machine. Links are not followed. */
export async function filesBelow(
  folder: string,
  enter: (name: string, path: string) => boolean = () => true,
): Promise<string[]> {
  const found: string[] = [];
  const walk = async (relative: string): Promise<void> => {
    for (const entry of await readdir(join(folder, relative), { withFileTypes: true })) {
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (!enter(entry.name, path)) continue;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile()) found.push(path);
    }
  };
  await walk("");
  return found.sort();
}

/** One digest over the names and contents of files: the same files give the same digest, whatever their times and modes. */
export async function digestOfFiles(folder: string, files: readonly string[]): Promise<string> {
  const parts: string[] = [];
  for (const file of [...files].sort()) parts.push(`${sha256(await readFile(join(folder, file)))} ${file}\n`);
  return sha256(parts.join(""));
}

/** @throws Problem `failed` that says what should have made the file. */
export async function readRequired(folder: string, file: string, madeBy: string): Promise<string> {
  const text = await readOptional(folder, file);
  if (text !== undefined) return text;
  throw new Problem("failed", { what: `${file} is missing`, value: folder, remedy: `It is made by ${madeBy}.` });
}

export async function readOptional(folder: string, file: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, file), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
