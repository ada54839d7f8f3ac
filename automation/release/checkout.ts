import picomatch from "picomatch";
import { simpleGit, type SimpleGit } from "simple-git";
import { type Release } from "../../runtime/releases/domain";
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
  /** The first parents, newest first, without the commit itself. */
  readonly mainline: string[];
  /**
   * The commits of that way, this one among them, that touched infrastructure, newest first, each with the files that it
   * touched; a list of 50 may have been cut. Absent when one of the commits is not all there.
   */
  readonly infrastructureChanges?: InfrastructureChange[];
}

type InfrastructureChange = NonNullable<Release["infrastructureChanges"]>[number];

/** A file of the commit and git's name for its content. */
export interface TrackedFile {
  readonly path: string;
  readonly object: string;
}

export interface Checkout {
  commit(): Promise<Commit>;
  /** What the commit holds of infrastructure, in the order of git's tree. */
  infrastructureFiles(): Promise<readonly TrackedFile[]>;
  /** @throws Problem `refused` unless `commit` is an ancestor of the released one or itself. */
  sequenceOf(commit: string): Promise<number>;
}

/** How many ancestors a release names: enough for any release that is still in an environment. */
const namedAncestors = 200;
/** A commit that touches more is known for it; the release must stay readable. */
const namedFiles = 50;

/**
 * @param patterns of further files that count as infrastructure, from the repository's root on. The program's own folder
 *   always counts, so that what is listed and what has a digest agree.
 */
export function gitCheckout(folder: string, patterns: readonly string[] = []): Checkout {
  const git = simpleGit({ baseDir: folder });
  // "s": a name may hold a line break, which must not hide the file.
  const isInfrastructure = picomatch(["infrastructure/**", ...patterns], { dot: true, flags: "s" });
  return {
    async commit() {
      const version = await head(git, folder);
      await refuseShallow(git);
      const format = await git.raw(["log", "--max-count=1", "--format=%an <%ae>%x00%cI%x00%B", version]);
      const [author = "", committedAt = "", message = ""] = format.split("\0");
      const infrastructureChanges = await touched(git, version, isInfrastructure);
      return {
        version,
        sequence: await countFirstParents(git, version),
        ancestors: await before(git, version),
        author,
        message: message.trim(),
        committedAt,
        changedFiles: await changedFiles(git, version),
        mainline: await before(git, version, "--first-parent"),
        ...(infrastructureChanges === undefined ? {} : { infrastructureChanges }),
      };
    },
    async infrastructureFiles() {
      const entries = await git.raw(["ls-tree", "-r", "-z", "--full-tree", await head(git, folder)]);
      return nul(entries)
        .map(trackedFile)
        .filter(({ path }) => isInfrastructure(path));
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

/** Newest first. */
async function before(git: SimpleGit, version: string, ...options: readonly string[]): Promise<string[]> {
  return lines(await git.raw(["rev-list", `--max-count=${namedAncestors + 1}`, ...options, version])).slice(1);
}

async function changedFiles(git: SimpleGit, version: string): Promise<string[] | null> {
  const [, parent] = (await git.raw(["rev-list", "--parents", "--max-count=1", version])).trim().split(" ");
  if (parent === undefined) return nul(await git.raw(["ls-tree", "-r", "-z", "--name-only", version])).sort();
  const files = await unlessMissing(git.raw(["diff", ...namesOfChanges, parent, version]));
  return files === undefined ? null : nul(files).sort();
}

// A submodule may ask to be ignored, and a moved file counts where it was and where it is.
const namesOfChanges = ["--no-renames", "--ignore-submodules=none", "--name-only", "-z"];

/** One call for the whole way, on which a merge shows all that its branch brought. */
async function touched(
  git: SimpleGit,
  version: string,
  isInfrastructure: (file: string) => boolean,
): Promise<InfrastructureChange[] | undefined> {
  const way = ["--first-parent", `--max-count=${namedAncestors + 1}`];
  const log = await unlessMissing(git.raw(["log", ...way, ...namesOfChanges, `--format=${commitMark}%H`, version]));
  if (log === undefined) return undefined;
  return changesOf(log).flatMap(({ version: commit, files }) => {
    const found = files.filter(isInfrastructure).slice(0, namedFiles);
    return found.length === 0 ? [] : [{ version: commit, files: found }];
  });
}

/** No path in a repository begins with it. */
const commitMark = "/";

function changesOf(log: string): InfrastructureChange[] {
  const changes: InfrastructureChange[] = [];
  for (const entry of nul(log)) {
    const current = changes.at(-1);
    if (entry.startsWith(commitMark)) changes.push({ version: entry.slice(commitMark.length), files: [] });
    // A line break stands between a commit and its first file.
    else current?.files.push(current.files.length === 0 ? entry.slice(1) : entry);
  }
  return changes;
}

/** A partial clone has the commits but not all of their content: what changed is unknown, which is a value of its own. */
async function unlessMissing(output: Promise<string>): Promise<string | undefined> {
  try {
    return await output;
  } catch (error) {
    if (error instanceof Error && /bad object|unable to read|could not fetch/.test(error.message)) return undefined;
    throw error;
  }
}

/** Of `{mode} {type} {object}⇥{path}`. */
function trackedFile(entry: string): TrackedFile {
  const tab = entry.indexOf("\t");
  return { path: entry.slice(tab + 1), object: entry.slice(0, tab).split(" ").at(-1) ?? "" };
}

async function isAncestor(git: SimpleGit, commit: string, version: string): Promise<boolean> {
  const known = lines(await git.raw(["rev-list", version]));
  return known.some((sha) => sha.startsWith(commit));
}

const countFirstParents = async (git: SimpleGit, commit: string): Promise<number> =>
  Number((await git.raw(["rev-list", "--count", "--first-parent", commit])).trim());

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");

const nul = (text: string): string[] => text.split("\0").filter((entry) => entry !== "");
