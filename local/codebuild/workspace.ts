import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Folders } from "./environment";

/** The folders of one build. `root` holds everything and goes when the build is over. */
export interface Workspace extends Folders {
  readonly root: string;
  /** Of the shell driver. */
  readonly scratch: string;
}

export async function makeWorkspace(stateDir: string, uuid: string): Promise<Workspace> {
  const root = path.join(stateDir, "builds", uuid);
  const workspace = {
    root,
    source: path.join(root, "output", "src"),
    home: path.join(root, "home"),
    temporary: path.join(root, "tmp"),
    scratch: path.join(root, "shell"),
  };
  for (const folder of Object.values(workspace)) await mkdir(folder, { recursive: true });
  return workspace;
}

export async function removeWorkspace(workspace: Pick<Workspace, "root">): Promise<void> {
  // A process that the build left in a group of its own may still write for a moment.
  await rm(workspace.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
