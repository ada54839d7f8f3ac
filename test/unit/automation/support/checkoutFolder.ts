import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export type Files = Readonly<Record<string, string>>;

/** A folder with these files, each with another time, so that nothing can depend on times. */
export async function folderWith(files: Files): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "checkout-"));
  await addFiles(folder, files);
  return folder;
}

let age = 1_000_000_000;

export async function addFiles(folder: string, files: Files): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    await utimes(file, (age += 86_400), age);
  }
}

/** Runs git as nobody in particular; returns what it printed. */
export function git(folder: string, ...args: string[]): string {
  return execFileSync("git", args, {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "Ada",
      GIT_AUTHOR_EMAIL: "ada@example.com",
      GIT_COMMITTER_NAME: "Bo",
      GIT_COMMITTER_EMAIL: "bo@example.com",
      GIT_COMMITTER_DATE: "2026-01-02T03:04:05+02:00",
      GIT_AUTHOR_DATE: "2026-01-02T03:04:05+02:00",
    },
  }).trim();
}

export async function repository(): Promise<string> {
  const folder = await folderWith({});
  git(folder, "init", "--quiet", "--initial-branch=main");
  return folder;
}

export async function commit(folder: string, message: string, files: Files): Promise<string> {
  await addFiles(folder, files);
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "--allow-empty", "--message", message);
  return git(folder, "rev-parse", "HEAD");
}

export const junit = (failed = 0): string =>
  `<testsuites><testsuite name="unit"><testcase name="adds"/>${'<testcase name="breaks"><failure message="no"/></testcase>'.repeat(failed)}</testsuite></testsuites>`;

/** Of a file with ten lines. */
export const clover = (covered = 9): string => {
  const lines = Array.from({ length: 10 }, (_, index) => `<line num="${index}" count="${index < covered ? 3 : 0}"/>`);
  return `<coverage><project><file name="job.ts">${lines.join("")}</file></project></coverage>`;
};

/** A built worker with infrastructure: `left-pad` runs, `typescript` only builds. */
export const builtWorker: Files = {
  "package.json": '{"name":"worker"}',
  "dist/job.js": "console.log('job')",
  "dist/lib/steps.js": "exports.steps = 1",
  "coverage/junit.xml": junit(),
  "coverage/clover.xml": clover(),
  "infrastructure/Pulumi.yaml": "name: kiro-worker\nruntime: nodejs\n",
  "infrastructure/index.ts": "export const a = 1;",
  "infrastructure/package.json": '{"dependencies":{"left-pad":"1"}}',
  "infrastructure/package-lock.json": JSON.stringify({
    packages: {
      "": {},
      "node_modules/left-pad": {},
      "node_modules/left-pad/node_modules/nested": {},
      "node_modules/typescript": { dev: true },
      "node_modules/fsevents": { optional: true },
    },
  }),
  "infrastructure/node_modules/left-pad/index.js": "module.exports = 1",
  "infrastructure/node_modules/left-pad/index.d.ts": "export {}",
  "infrastructure/node_modules/left-pad/index.js.map": "{}",
  "infrastructure/node_modules/left-pad/node_modules/nested/index.js": "module.exports = 2",
  "infrastructure/node_modules/typescript/tsc.js": "big",
  "infrastructure/node_modules/.bin/tsc": "link",
};
