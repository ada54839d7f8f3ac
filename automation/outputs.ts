import { appendFile } from "node:fs/promises";

/** Exported values as lines of shell that assign exactly them, whatever they hold. */
export function shellLines(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}='${value.replaceAll("'", "'\\''")}'\n`)
    .join("");
}

/** Appends to the file that the buildspec sources; without a file the values are only in the result. */
export async function writeOutputs(file: string | undefined, values: Readonly<Record<string, string>>): Promise<void> {
  if (file !== undefined) await appendFile(file, shellLines(values));
}
