/** What the source action reads from a repository, by the git command. No ref that looks like an option gets near it. */
import { execFile } from "node:child_process";

const LARGEST_ARCHIVE = 512 * 1024 * 1024;

export interface Commit {
  readonly id: string;
  readonly message: string;
  /** ISO 8601, as the author's date is. */
  readonly authorDate: string;
  /** Milliseconds since 1970. */
  readonly committedAt: number;
}

/**
 * The commit a branch (its head) or a full commit id stands for; undefined when the repository has no such thing.
 * @throws Error for a ref that begins with "-".
 */
export async function readCommit(
  repositoryPath: string,
  ref: { readonly branch: string } | { readonly commit: string },
): Promise<Commit | undefined> {
  const name = "branch" in ref ? `refs/heads/${checked(ref.branch)}` : checked(ref.commit);
  const id = await git(repositoryPath, [
    "rev-parse",
    "--quiet",
    "--verify",
    "--end-of-options",
    `${name}^{commit}`,
  ]).then(
    (out) => out.trim(),
    () => undefined,
  );
  if (id === undefined) return undefined;
  const out = await git(repositoryPath, ["log", "-1", "--format=%aI%x00%ct%x00%B", id]);
  const [authorDate = "", committed = "", message = ""] = out.split("\0");
  return { id, message: message.trimEnd(), authorDate, committedAt: Number(committed) * 1000 };
}

/** All files of a commit as a zip, as a CODE_ZIP artifact holds them (without history). */
export async function archive(repositoryPath: string, commit: string): Promise<Buffer> {
  return gitBytes(repositoryPath, ["archive", "--format=zip", checked(commit)]);
}

/**
 * The files that differ between what was last pushed to a branch and `commit` (all files at the first push), and
 * remembers `commit` as pushed. The memory is a ref of its own in the repository.
 */
export async function takePush(repositoryPath: string, branch: string, commit: string): Promise<readonly string[]> {
  const memory = `refs/kiro/pushed/${checked(branch)}`;
  const before = await git(repositoryPath, ["rev-parse", "--quiet", "--verify", "--end-of-options", memory]).then(
    (out) => out.trim(),
    () => undefined,
  );
  const files =
    before === undefined
      ? await git(repositoryPath, ["ls-tree", "-r", "-z", "--name-only", checked(commit)])
      : await git(repositoryPath, ["diff-tree", "-r", "-z", "--name-only", "--no-renames", before, checked(commit)]);
  await git(repositoryPath, ["update-ref", memory, commit]);
  return files.split("\0").filter((name) => name !== "");
}

/** Output of a git command on a bare repository. @throws Error with what git said. */
export async function git(repositoryPath: string, args: readonly string[]): Promise<string> {
  return (await gitBytes(repositoryPath, args)).toString("utf8");
}

async function gitBytes(repositoryPath: string, args: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    execFile(
      "git",
      ["--git-dir", repositoryPath, ...args],
      { encoding: "buffer", maxBuffer: LARGEST_ARCHIVE, env: isolated(process.env) },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`git ${args[0] ?? ""}: ${stderr.toString("utf8").trim() || error.message}`));
      },
    );
  });
}

/** No configuration of the user's and no repository of the caller's (GIT_DIR inside a hook) takes part. */
function isolated(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.entries(env).filter(([name]) => !name.startsWith("GIT_"));
  return { ...Object.fromEntries(own), GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
}

function checked(ref: string): string {
  if (ref === "" || ref.startsWith("-")) throw new Error(`"${ref}" is not the name of a branch or commit.`);
  return ref;
}
