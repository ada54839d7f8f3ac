import { simpleGit, type SimpleGit } from "simple-git";
import { Problem } from "../problem";

/** What git knows about the commit that is released. */
export interface Commit {
  /** Full SHA. */
  readonly version: string;
  /** Number of first-parent commits up to and including this one. */
  readonly sequence: number;
  /** Newest first, without the commit itself. */
  readonly ancestors: readonly string[];
  readonly author: string;
  readonly message: string;
  readonly committedAt: string;
  /** Against the first parent; every file for a first commit; null when the parent is not there. */
  readonly changedFiles: readonly string[] | null;
}

export interface Checkout {
  commit(): Promise<Commit>;
  /** @throws Problem `refused` unless `commit` is an ancestor of the released one or itself. */
  sequenceOf(commit: string): Promise<number>;
}

/** How many ancestors a release names: enough for any release that is still in an environment. */
const namedAncestors = 200;

export function gitCheckout(folder: string): Checkout {
  const git = simpleGit({ baseDir: folder });
  return {
    async commit() {
      const version = await head(git, folder);
      await refuseShallow(git);
      const format = await git.raw(["show", "--no-patch", "--format=%an <%ae>%x00%cI%x00%B", version]);
      const [author = "", committedAt = "", message = ""] = format.split("\0");
      const ancestors = lines(await git.raw(["rev-list", `--max-count=${namedAncestors + 1}`, version])).slice(1);
      return {
        version,
        sequence: await countFirstParents(git, version),
        ancestors,
        author,
        message: message.trim(),
        committedAt,
        changedFiles: await changedFiles(git, version),
      };
    },
    async sequenceOf(commit) {
      const version = await head(git, folder);
      if (!/^[0-9a-f]{7,40}$/.test(commit) || !(await isAncestor(git, commit, version))) {
        throw new Problem("refused", {
          what: "rollbackCompatibleFrom in kiro-release.json does not name an ancestor of this commit",
          value: commit,
          allowed: "the SHA of a commit in this commit's history",
        });
      }
      return countFirstParents(git, commit);
    },
  };
}

async function head(git: SimpleGit, folder: string): Promise<string> {
  try {
    return (await git.raw(["rev-parse", "--verify", "HEAD"])).trim();
  } catch (error) {
    throw new Problem(
      "usage",
      {
        what: "This folder is no git checkout with a commit",
        value: folder,
        remedy: "Releases are made from a full clone.",
      },
      { cause: error },
    );
  }
}

/** Releases are ordered by their number of commits, which a truncated history cannot tell. */
async function refuseShallow(git: SimpleGit): Promise<void> {
  if ((await git.raw(["rev-parse", "--is-shallow-repository"])).trim() !== "true") return;
  throw new Problem("refused", {
    what: "The history is shallow, so the place of this commit in it is unknown",
    remedy: "Clone the whole history: CODEBUILD_CLONE_REF for CodeConnections, or git fetch --unshallow.",
  });
}

async function changedFiles(git: SimpleGit, version: string): Promise<string[] | null> {
  const [, parent] = (await git.raw(["rev-list", "--parents", "--max-count=1", version])).trim().split(" ");
  if (parent === undefined) return nul(await git.raw(["ls-tree", "-r", "-z", "--name-only", version]));
  try {
    return nul(await git.raw(["diff", "--no-renames", "--name-only", "-z", parent, version]));
  } catch (error) {
    // A partial clone has the commit but not its content: what changed is unknown, which is a value of its own.
    if (error instanceof Error && /bad object|unable to read/.test(error.message)) return null;
    throw error;
  }
}

async function isAncestor(git: SimpleGit, commit: string, version: string): Promise<boolean> {
  const known = lines(await git.raw(["rev-list", version]));
  return known.some((sha) => sha.startsWith(commit));
}

const countFirstParents = async (git: SimpleGit, commit: string): Promise<number> =>
  Number((await git.raw(["rev-list", "--count", "--first-parent", commit])).trim());

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");

const nul = (text: string): string[] =>
  text
    .split("\0")
    .filter((name) => name !== "")
    .sort();
