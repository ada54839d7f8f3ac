import { describe, expect, it } from "@jest/globals";
import { gitCheckout } from "../../../../automation/release/checkout";
import { commit, folderWith, git, repository } from "../support/checkoutFolder";

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
    });
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
    const { sequence, ancestors, changedFiles } = await gitCheckout(folder).commit();
    expect([sequence, ancestors.length, changedFiles]).toEqual([2, 3, ["b", "c"]]);
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
