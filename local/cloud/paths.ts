import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The project's root folder, found upwards from this module: it runs both from `local/cloud/` and from a bundle in
 * `build/`.
 * @throws Error when no folder above holds the emulator's wrapper.
 */
export function projectRoot(from: string = __dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "local", "emulator", "serve.py"))) return folder;
    if (folder === dirname(folder)) throw new Error(`No folder above ${from} holds local/emulator/serve.py.`);
  }
}

/** Where the local cloud of this work tree keeps its state and logs. */
export function cloudDirectory(root: string): string {
  return join(root, ".local", "cloud");
}

/** The Python interpreter that has the pinned emulator. */
export function emulatorPython(root: string): string {
  return join(root, ".local", "venv", "bin", "python");
}
