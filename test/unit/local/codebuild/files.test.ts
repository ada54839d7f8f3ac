import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { strToU8, zipSync } from "fflate";
import { artifactKey } from "../../../../local/codebuild/artifacts";
import { CustomCache, keepsCustomCache } from "../../../../local/codebuild/cache";
import { selectFiles } from "../../../../local/codebuild/files";
import { parseLocation } from "../../../../local/codebuild/source";
import { packZip, unpackZip, zipNames, zipText } from "../../../../local/codebuild/zip";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), name);
  }
}

const select = async (more: Partial<Parameters<typeof selectFiles>[1]>): Promise<string[]> => [
  ...(await selectFiles(folder, { files: ["**/*"], baseDirectory: ".", discardPaths: false, ...more })).keys(),
];

describe("selectFiles", () => {
  beforeEach(() => write("a", ".hidden", "d/b", "d/e/c", "node_modules/x/y"));

  it("takes everything, hidden files too, but what is excluded", async () => {
    expect(await select({ excludePaths: ["node_modules/**/*", "d/e/*"] })).toEqual([".hidden", "a", "d/b"]);
  });

  it("looks from the base directory, and may drop the paths", async () => {
    expect(await select({ baseDirectory: "d" })).toEqual(["b", "e/c"]);
    expect(await select({ baseDirectory: "d", discardPaths: true })).toEqual(["b", "c"]);
    expect(await select({ files: ["./d/b", "absent"] })).toEqual(["d/b"]);
    await expect(select({ baseDirectory: "absent" })).rejects.toThrow(
      "no matching base directory path found for absent",
    );
  });

  it("follows links to files, not to folders or to nowhere", async () => {
    await symlink("a", path.join(folder, "link"));
    await symlink("d", path.join(folder, "folder-link"));
    await symlink("nowhere", path.join(folder, "broken"));
    expect(await select({ excludePaths: ["node_modules/**/*", "d/**/*"] })).toEqual([".hidden", "a", "link"]);
  });
});

describe("zips", () => {
  it("keep contents and executable bits, and are the same for the same files", async () => {
    await write("run.sh", "d/data");
    await chmod(path.join(folder, "run.sh"), 0o755);
    const files = new Map(["run.sh", "d/data"].map((name) => [name, path.join(folder, name)]));
    const zip = await packZip(files);
    expect(zipNames(zip)).toEqual(["run.sh", "d/data"]);
    expect(Buffer.from(await packZip(files)).equals(Buffer.from(zip))).toBe(true);
    const target = path.join(folder, "out");
    await unpackZip(zip, target);
    expect(await readFile(path.join(target, "d/data"), "utf8")).toBe("d/data");
    expect((await stat(path.join(target, "run.sh"))).mode & 0o111).toBe(0o111);
    expect((await stat(path.join(target, "d/data"))).mode & 0o111).toBe(0);
    expect(zipText(zip, "run.sh")).toBe("run.sh");
    expect(() => zipText(zip, "absent")).toThrow("no absent in the zip");
  });

  it.each(["../out", "/etc/x", "a/../../x"])("do not write to %s", async (name) => {
    const zip = zipSync({ [name]: strToU8("x") });
    await expect(unpackZip(zip, path.join(folder, "in"))).rejects.toThrow("leads out of its folder");
  });

  it("make empty folders, and are refused when broken", async () => {
    await unpackZip(zipSync({ "empty/": new Uint8Array() }), folder);
    expect((await stat(path.join(folder, "empty"))).isDirectory()).toBe(true);
    expect(() => zipNames(strToU8("not a zip, but long enough for its end"))).toThrow("not a zip file");
    const zip = zipSync({ a: strToU8("x") });
    zip[zip.length - 6] = 1; // where its directory begins
    expect(() => zipNames(zip)).toThrow("the zip's directory is broken");
  });
});

describe("places in S3", () => {
  it("are read as bucket/key or ARN", () => {
    expect(parseLocation("bucket/a/b")).toEqual({ bucket: "bucket", key: "a/b" });
    expect(parseLocation("arn:aws:s3:::bucket/a")).toEqual({ bucket: "bucket", key: "a" });
    for (const bad of ["", "bucket", "bucket/", "/key"]) expect(() => parseLocation(bad)).toThrow("is not bucket/key");
  });

  it("are put together from path, build id and name", () => {
    const target = { type: "S3" as const, path: "/a/b/", name: "n" };
    expect(artifactKey(target, "spec", "u")).toBe("a/b/n");
    expect(artifactKey({ ...target, namespaceType: "BUILD_ID" }, "spec", "u")).toBe("a/b/u/n");
    expect(artifactKey({ ...target, overrideArtifactName: true }, "spec", "u")).toBe("a/b/spec");
    expect(artifactKey({ type: "S3" }, "spec", "u")).toBe("spec");
  });
});

describe("the local cache", () => {
  const open = async (build: string, said: string[] = []): Promise<CustomCache> => {
    await mkdir(path.join(folder, build, "src"), { recursive: true });
    const root = path.join(folder, build);
    return new CustomCache(path.join(folder, "cache"), "p", path.join(root, "src"), root, (line) => said.push(line));
  };

  it("moves what is named to the next build, and what the source has stays", async () => {
    const paths = ["deps/**/*", "sub/more", "own", "absent"];
    const first = await open("1");
    await first.restore(paths);
    await write("1/src/deps/x", "1/src/sub/more/y", "1/src/own");
    await first.keep(paths);
    const said: string[] = [];
    const second = await open("2", said);
    await write("2/src/own");
    await second.restore(paths);
    expect(await readFile(path.join(folder, "2/src/deps/x"), "utf8")).toBe("1/src/deps/x");
    expect(await readFile(path.join(folder, "2/src/sub/more/y"), "utf8")).toBe("1/src/sub/more/y");
    expect(await readFile(path.join(folder, "2/src/own"), "utf8")).toBe("2/src/own");
    expect(said).toEqual(["Restored from the local cache: deps", "Restored from the local cache: sub/more"]);
    await second.keep(paths);
    await second.keep(paths); // nothing left to keep: replaces the cache by an empty one
  });

  it("says which paths it does not keep", async () => {
    const said: string[] = [];
    await (await open("1", said)).keep(["/var/cache/.m2/**/*", "../other", "a*b", ".", "~/.npm"]);
    expect(said).toHaveLength(5);
  });

  it("is for LOCAL caches with LOCAL_CUSTOM_CACHE alone", () => {
    expect(keepsCustomCache({ type: "LOCAL", modes: ["LOCAL_SOURCE_CACHE", "LOCAL_CUSTOM_CACHE"] })).toBe(true);
    expect(keepsCustomCache({ type: "LOCAL", modes: ["LOCAL_SOURCE_CACHE"] })).toBe(false);
    expect(keepsCustomCache({ type: "S3", location: "b" })).toBe(false);
    expect(keepsCustomCache(undefined)).toBe(false);
  });
});
