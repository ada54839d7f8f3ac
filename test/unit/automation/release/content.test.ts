import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { describe, expect, it } from "@jest/globals";
import { tarOf, untar } from "../../../../automation/release/archives";
import { packApplication, packInfrastructure, packLayer } from "../../../../automation/release/content";
import { type TrackedFile } from "../../../../automation/release/checkout";
import { digestOfFiles } from "../../../../automation/release/files";
import { sha256 } from "../../../../runtime/releases/domain";
import { addFiles, builtWorker, folderWith } from "../support/checkoutFolder";

describe("the application of a release", () => {
  it("is dist and package.json, byte for byte the same from every checkout and in every time zone", async () => {
    const zone = process.env["TZ"];
    try {
      process.env["TZ"] = "Pacific/Auckland";
      const one = await packApplication(await folderWith(builtWorker));
      process.env["TZ"] = "America/Los_Angeles";
      const two = await packApplication(await folderWith(reversed(builtWorker)));
      expect(sha256(one)).toBe(sha256(two));
      expect(Object.keys(unzipSync(one))).toEqual(["dist/job.js", "dist/lib/steps.js", "package.json"]);
      expect(strFromU8(unzipSync(one)["dist/job.js"] ?? new Uint8Array())).toBe("console.log('job')");
    } finally {
      process.env["TZ"] = zone;
    }
  });

  it("has the installed production dependencies when package.json names some", async () => {
    const folder = await folderWith({
      ...builtWorker,
      "package.json": '{"dependencies":{"a":"1"}}',
      "package-lock.json": '{"packages":{"":{},"node_modules/a":{},"node_modules/b":{"dev":true}}}',
      "node_modules/a/index.js": "1",
      "node_modules/b/index.js": "2",
    });
    expect(Object.keys(unzipSync(await packApplication(folder)))).toEqual([
      "dist/job.js",
      "dist/lib/steps.js",
      "node_modules/a/index.js",
      "package.json",
    ]);
  });

  it.each([
    [{ "package.json": "{}" }, "dist/ is missing or empty"],
    [{ "dist/job.js": "1", "package.json": '{"dependencies":{"a":"1"}}' }, "package-lock.json is missing"],
    [
      {
        "dist/job.js": "1",
        "package.json": '{"dependencies":{"a":"1"}}',
        "package-lock.json": '{"lockfileVersion":1}',
      },
      "package-lock.json does not list packages",
    ],
    [
      {
        "dist/job.js": "1",
        "package.json": '{"dependencies":{"a":"1"}}',
        "package-lock.json": '{"packages":{"node_modules/a":{}}}',
      },
      "node_modules/a is not installed",
    ],
  ])("is refused for %j", async (files, because) => {
    await expect(packApplication(await folderWith(files))).rejects.toThrow(because);
  });
});

describe("the infrastructure of a release", () => {
  it("is its sources without dependencies, the same bytes and digest from every checkout", async () => {
    const one = await packInfrastructure(await folderWith(builtWorker));
    const two = await packInfrastructure(await folderWith(reversed(builtWorker)));
    expect(one?.digest).toBe(two?.digest);
    expect(sha256(one?.archive ?? "")).toBe(sha256(two?.archive ?? "1"));
    expect(one?.lockDigest).toBe(sha256(builtWorker["infrastructure/package-lock.json"] ?? ""));
    expect(await unpackedFiles(one?.archive)).toEqual(["Pulumi.yaml", "index.ts", "package-lock.json", "package.json"]);
  });

  it.each([["infrastructure/index.ts"], ["infrastructure/package-lock.json"], ["infrastructure/more.ts"]])(
    "has another digest when %s changes",
    async (file) => {
      const folder = await folderWith(builtWorker);
      const before = await packInfrastructure(folder);
      await addFiles(folder, { [file]: '{"packages":{}}' });
      expect((await packInfrastructure(folder))?.digest).not.toBe(before?.digest);
    },
  );

  it("keeps its digest when anything outside changes", async () => {
    const folder = await folderWith(builtWorker);
    const before = await packInfrastructure(folder);
    await addFiles(folder, { "dist/job.js": "2", "infrastructure/node_modules/left-pad/index.js": "2" });
    expect((await packInfrastructure(folder))?.digest).toBe(before?.digest);
  });

  it("has another digest when a file elsewhere counts as infrastructure, by its name and content", async () => {
    const folder = await folderWith(builtWorker);
    const digestWith = async (...tracked: TrackedFile[]) => (await packInfrastructure(folder, tracked))?.digest;
    const digests = [
      await digestWith(),
      await digestWith({ path: "shared/a", object: "1" }),
      await digestWith({ path: "shared/a", object: "2" }),
      await digestWith({ path: "shared/b", object: "1" }),
      await digestWith({ path: "shared/a", object: "1" }, { path: "shared/b", object: "1" }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  it("has the digest of its sources alone when no file elsewhere counts", async () => {
    const folder = await folderWith(builtWorker);
    const sources = ["Pulumi.yaml", "index.ts", "package-lock.json", "package.json"];
    const tracked = sources.map((name) => ({ path: `infrastructure/${name}`, object: "1" }));
    expect((await packInfrastructure(folder, tracked))?.digest).toBe(
      await digestOfFiles(join(folder, "infrastructure"), sources),
    );
  });

  it("is absent when the worker has none", async () => {
    const folder = await folderWith({ "dist/job.js": "1" });
    expect(await packInfrastructure(folder, [{ path: "shared/a", object: "1" }])).toBeUndefined();
  });

  it("is refused without a lockfile", async () => {
    await expect(packInfrastructure(await folderWith({ "infrastructure/Pulumi.yaml": "name: x" }))).rejects.toThrow(
      "infrastructure/package-lock.json is missing",
    );
  });
});

describe("the dependency layer", () => {
  it("has what production needs and nothing that only development reads", async () => {
    expect(await unpackedFiles(await packLayer(await folderWith(builtWorker)))).toEqual([
      "node_modules/left-pad/index.js",
      "node_modules/left-pad/node_modules/nested/index.js",
    ]);
  });
});

describe("archives", () => {
  it("take names that begin with @ for names", async () => {
    const folder = await folderWith({ "@scope/a": "1" });
    expect(await unpackedFiles(await tarOf(folder, ["@scope/a"]))).toEqual(["@scope/a"]);
  });

  it("that are broken say so", async () => {
    await expect(untar(new Uint8Array([1, 2, 3]), await folderWith({}))).rejects.toThrow(
      "tar cannot unpack the archive",
    );
  });
});

// Helpers

const reversed = (files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).reverse());

async function unpackedFiles(archive: Uint8Array = new Uint8Array()): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "unpacked-"));
  await untar(archive, folder);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  for (const file of files) await readFile(join(folder, file));
  return files.sort();
}
