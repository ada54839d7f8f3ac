import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mustRun } from "./shell";

/** A checkout of the sample worker whose `origin` is the repository that the local pipeline watches. */
export interface WorkerRepository {
  readonly dir: string;
  /** Replaces text in a file of the checkout. @throws when the text does not occur. */
  edit(file: string, from: string, to: string): Promise<void>;
  write(file: string, content: string): Promise<void>;
  /** Commits everything and pushes to `main`, which starts the pipeline; returns the commit's full SHA. */
  push(message: string): Promise<string>;
}

/** Copies the sample worker (without what is installed or built) into a fresh git repository at `dir`. */
export async function createWorkerRepository(sample: string, dir: string, origin: string): Promise<WorkerRepository> {
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  const skipped = new Set(["node_modules", "dist", "coverage", "test-results", "build", ".pulumi"]);
  await cp(sample, dir, { recursive: true, filter: (path) => !skipped.has(path.slice(path.lastIndexOf("/") + 1)) });

  // The demo's commits are nobody's: no identity, hook or signing of the user's own configuration takes part.
  const identity = {
    GIT_AUTHOR_NAME: "Demo",
    GIT_AUTHOR_EMAIL: "demo@example.com",
    GIT_COMMITTER_NAME: "Demo",
    GIT_COMMITTER_EMAIL: "demo@example.com",
  };
  const env = { ...process.env, ...identity, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  const git = (...args: string[]) => mustRun("git", args, { cwd: dir, env });
  await git("init", "--quiet", "--initial-branch=main");
  await git("remote", "add", "origin", origin);

  return {
    dir,
    async edit(file, from, to) {
      const before = await readFile(join(dir, file), "utf8");
      if (!before.includes(from))
        throw new Error(`${file} of the sample worker does not contain ${JSON.stringify(from)}`);
      await writeFile(join(dir, file), before.replace(from, to));
    },
    write: (file, content) => writeFile(join(dir, file), content),
    async push(message) {
      await git("add", "--all");
      await git("commit", "--quiet", "--allow-empty", "--message", message);
      const sha = (await git("rev-parse", "HEAD")).trim();
      await git("push", "--quiet", "origin", "HEAD:main");
      return sha;
    },
  };
}
