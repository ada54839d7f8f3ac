import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { gitCheckout } from "../../../../automation/release/checkout";
import { addFiles, commit, folderWith, git, repository } from "../support/checkoutFolder";

describe("a git checkout", () => {
  it("knows the commit, its place on the branch and what changed against its parent", async () => {
    const folder = await repository();
    const first = await commit(folder, "feat: first", { a: "1", "dir/b": "1" });
    const second = await commit(folder, "feat: second\n\nwith a body\n", { a: "2", "ümlaut c": "1" });
    expect(await gitCheckout(folder).commit()).toEqual({
      version: second,
      sequence: 2,
      ancestors: [first],
      author: "Ada <ada@example.com>",
      message: "feat: second\n\nwith a body",
      committedAt: "2026-01-02T03:04:05+02:00",
      changedFiles: ["a", "ümlaut c"],
      mainline: [first],
      infrastructureChanges: [],
    });
  });

  it("names 200 commits of its history and of its mainline, and what touched infrastructure in them", async () => {
    const folder = await repository();
    await commit(folder, "too old", { "infrastructure/a": "1" });
    const oldest = await commit(folder, "oldest", { "infrastructure/a": "2" });
    for (let index = 0; index < 200; index++) git(folder, "commit", "--quiet", "--allow-empty", "--message", "more");
    const { ancestors, mainline, infrastructureChanges } = await gitCheckout(folder).commit();
    expect(mainline).toEqual(git(folder, "rev-list", "HEAD").split("\n").slice(1, 201));
    expect(mainline.at(-1)).toBe(oldest);
    expect(ancestors).toEqual(mainline);
    expect(infrastructureChanges).toEqual([{ version: oldest, files: ["infrastructure/a"] }]);
  });

  it("takes every file of a first commit for changed", async () => {
    const folder = await repository();
    await commit(folder, "feat: first", { b: "1", a: "1" });
    expect(await gitCheckout(folder).commit()).toMatchObject({ sequence: 1, ancestors: [], changedFiles: ["a", "b"] });
  });

  it("counts a merge as one, and its branch among the ancestors", async () => {
    const folder = await repository();
    const base = await commit(folder, "base", { a: "1" });
    git(folder, "checkout", "--quiet", "-b", "feature");
    const onBranch = await commit(folder, "on the branch", { b: "1" });
    await commit(folder, "more", { c: "1" });
    git(folder, "checkout", "--quiet", "main");
    git(folder, "merge", "--quiet", "--no-ff", "--message", "merge", "feature");
    const { sequence, ancestors, changedFiles, mainline } = await gitCheckout(folder).commit();
    expect([sequence, ancestors.length, changedFiles, mainline]).toEqual([2, 3, ["b", "c"], [base]]);
    expect(ancestors).toEqual(expect.arrayContaining([base, onBranch]));
  });

  it("refuses a shallow history, because it cannot tell the place of a commit", async () => {
    const folder = await repository();
    await commit(folder, "first", { a: "1" });
    await commit(folder, "second", { a: "2" });
    const clone = await folderWith({});
    git(clone, "clone", "--quiet", "--depth=1", `file://${folder}`, ".");
    await expect(gitCheckout(clone).commit()).rejects.toMatchObject({
      ending: "refused",
      said: { what: "The history is shallow, so the place of this commit in it is unknown" },
    });
  });

  it("refuses a folder that is no checkout", async () => {
    await expect(gitCheckout(await folderWith({})).commit()).rejects.toThrow(
      "This folder is no git checkout with a commit",
    );
  });

  it("resolves an ancestor to its place, and nothing else", async () => {
    const folder = await repository();
    const first = await commit(folder, "first", { a: "1" });
    const second = await commit(folder, "second", { a: "2" });
    const checkout = gitCheckout(folder);
    expect([await checkout.sequenceOf(first), await checkout.sequenceOf(second.slice(0, 10))]).toEqual([1, 2]);
    for (const wrong of ["0".repeat(40), "--all", "main"]) {
      await expect(checkout.sequenceOf(wrong)).rejects.toMatchObject({ ending: "refused", said: { value: wrong } });
    }
  });
});

describe("what touched infrastructure", () => {
  it("is every commit of the mainline that did, newest first, the first and the released one among them", async () => {
    const folder = await repository();
    const first = await commit(folder, "first", { "infrastructure/b": "1", "infrastructure/.a": "1", other: "1" });
    await commit(folder, "application only", { other: "2", "not/infrastructure/c": "1", "infrastructure.md": "1" });
    await commit(folder, "nothing", {});
    const last = await commit(folder, "last", { "infrastructure/deep/c": "1" });
    expect(await changesIn(folder)).toEqual([
      { version: last, files: ["infrastructure/deep/c"] },
      { version: first, files: ["infrastructure/.a", "infrastructure/b"] },
    ]);
  });

  it("is a file that moves, on both sides of the move", async () => {
    const folder = await repository();
    const first = await commit(folder, "first", {
      "infrastructure/a": "long enough to be found again",
      b: "as long as a",
    });
    git(folder, "mv", "infrastructure/a", "a");
    const out = await commit(folder, "out", {});
    git(folder, "mv", "b", "infrastructure/b");
    const into = await commit(folder, "into", {});
    git(folder, "mv", "infrastructure/b", "infrastructure/c");
    const within = await commit(folder, "within", {});
    expect(await changesIn(folder)).toEqual([
      { version: within, files: ["infrastructure/b", "infrastructure/c"] },
      { version: into, files: ["infrastructure/b"] },
      { version: out, files: ["infrastructure/a"] },
      { version: first, files: ["infrastructure/a"] },
    ]);
  });

  it("is a file that is deleted, becomes executable or comes back by a revert", async () => {
    const folder = await repository();
    const first = await commit(folder, "first", { "infrastructure/a": "1", "infrastructure/b": "1" });
    git(folder, "rm", "--quiet", "infrastructure/a");
    const deleted = await commit(folder, "delete", {});
    git(folder, "revert", "--no-edit", deleted);
    const reverted = git(folder, "rev-parse", "HEAD");
    git(folder, "update-index", "--chmod=+x", "infrastructure/b");
    git(folder, "commit", "--quiet", "--message", "run");
    expect(await changesIn(folder)).toEqual([
      { version: git(folder, "rev-parse", "HEAD"), files: ["infrastructure/b"] },
      { version: reverted, files: ["infrastructure/a"] },
      { version: deleted, files: ["infrastructure/a"] },
      { version: first, files: ["infrastructure/a", "infrastructure/b"] },
    ]);
  });

  it("is all that its branch brought, for a merge, and nothing for the commits of the branch", async () => {
    const folder = await repository();
    await commit(folder, "base", { other: "1" });
    git(folder, "checkout", "--quiet", "-b", "feature");
    await commit(folder, "on the branch", { "infrastructure/a": "1" });
    await commit(folder, "more", { "infrastructure/b": "1" });
    git(folder, "checkout", "--quiet", "main");
    const beside = await commit(folder, "beside", { "infrastructure/c": "1" });
    git(folder, "merge", "--quiet", "--no-ff", "--message", "merge", "feature");
    expect(await changesIn(folder)).toEqual([
      { version: git(folder, "rev-parse", "HEAD"), files: ["infrastructure/a", "infrastructure/b"] },
      { version: beside, files: ["infrastructure/c"] },
    ]);
  });

  it("is found whatever its name is", async () => {
    const folder = await repository();
    const names = ["\n", "\nb", " c d", "a\nb", "ümlaut ✓", "1".repeat(40)];
    const files = names.map((name) => `infrastructure/${name}`).sort();
    const content = Object.fromEntries([...files, "\nfirst"].map((name) => [name, "1"]));
    const version = await commit(folder, "first", content);
    expect(await changesIn(folder)).toEqual([{ version, files }]);
    expect(await changesIn(folder, ["*first"])).toEqual([{ version, files: ["\nfirst", ...files] }]);
  });

  it("is a submodule even where the repository asks to ignore it", async () => {
    const folder = await repository();
    const first = await commit(folder, "first", {
      ".gitmodules": '[submodule "s"]\n\tpath = infrastructure/s\n\turl = ./s\n\tignore = all\n',
    });
    git(folder, "config", "submodule.s.ignore", "all");
    git(folder, "update-index", "--add", "--cacheinfo", `160000,${first},infrastructure/s`);
    git(folder, "commit", "--quiet", "--message", "submodule");
    const version = git(folder, "rev-parse", "HEAD");
    expect(await changesIn(folder)).toEqual([{ version, files: ["infrastructure/s"] }]);
    expect((await gitCheckout(folder).commit()).changedFiles).toEqual(["infrastructure/s"]);
  });

  it("is what the patterns say and always the program's own folder", async () => {
    const folder = await repository();
    const version = await commit(folder, "first", {
      "shared/.x/a.json": "1",
      "shared/b": "1",
      "infrastructure/c": "1",
    });
    expect(await changesIn(folder, ["shared/**/*.json"])).toEqual([
      { version, files: ["infrastructure/c", "shared/.x/a.json"] },
    ]);
  });

  it("names 50 files of one commit", async () => {
    const folder = await repository();
    const names = Array.from({ length: 51 }, (_, index) => `infrastructure/${100 + index}`);
    const version = await commit(folder, "many", Object.fromEntries(names.map((name) => [name, "1"])));
    expect(await changesIn(folder)).toEqual([{ version, files: names.slice(0, 50) }]);
  });

  it("is known without the content of files", async () => {
    const folder = await repository();
    const first = await commit(folder, "first", { "infrastructure/a": "1" });
    await commit(folder, "second", { "infrastructure/a": "2" });
    const clone = await partialClone(folder, "blob:none");
    expect(await gitCheckout(clone).commit()).toEqual(await gitCheckout(folder).commit());
    expect((await changesIn(clone))?.map(({ version }) => version)).toContain(first);
  });

  it("is unknown without the content of folders, as is what changed", async () => {
    const folder = await repository();
    const first = await commit(folder, "first", { "infrastructure/a": "1" });
    await commit(folder, "second", { "infrastructure/a": "2" });
    const clone = await partialClone(folder, "tree:0");
    const known = await gitCheckout(clone).commit();
    expect(known).not.toHaveProperty("infrastructureChanges");
    expect(known).toMatchObject({ sequence: 2, changedFiles: null, mainline: [first] });
  });

  it("is unknown when a folder of a commit is missing, and an error when it is damaged", async () => {
    const folder = await repository();
    const first = await commit(folder, "first", { "infrastructure/a": "1" });
    await commit(folder, "second", { "infrastructure/a": "2" });
    const tree = git(folder, "rev-parse", `${first}^{tree}`);
    const object = join(folder, ".git", "objects", tree.slice(0, 2), tree.slice(2));
    await rm(object);
    expect(await changesIn(folder)).toBeUndefined();
    await writeFile(object, "damaged");
    await expect(changesIn(folder)).rejects.toThrow("corrupt");
  });
});

describe("the infrastructure of a commit", () => {
  it("is every tracked file that counts, named with its content as git knows it", async () => {
    const folder = await repository();
    await commit(folder, "first", {
      "infrastructure/index.ts": "1",
      "shared/a\nb ü": "2",
      "shared/.c": "1",
      "src/d": "1",
    });
    await addFiles(folder, { "shared/untracked": "1", "shared/.c": "built" });
    const blob = (name: string): string => git(folder, "rev-parse", `HEAD:${name}`);
    expect(await gitCheckout(folder, ["shared/**"]).infrastructureFiles()).toEqual([
      { path: "infrastructure/index.ts", object: blob("infrastructure/index.ts") },
      { path: "shared/.c", object: blob("shared/.c") },
      { path: "shared/a\nb ü", object: blob("shared/a\nb ü") },
    ]);
  });
});

// Helpers

async function changesIn(folder: string, patterns: readonly string[] = []) {
  return (await gitCheckout(folder, patterns).commit()).infrastructureChanges;
}

/** A clone that lacks what the filter leaves out, and cannot fetch it any more. */
async function partialClone(folder: string, filter: string): Promise<string> {
  git(folder, "config", "uploadpack.allowFilter", "true");
  const clone = await folderWith({});
  git(clone, "clone", "--quiet", `--filter=${filter}`, `file://${folder}`, ".");
  git(clone, "remote", "set-url", "origin", `file://${join(clone, "gone")}`);
  return clone;
}
