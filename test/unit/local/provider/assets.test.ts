import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { strFromU8, unzipSync } from "fflate";
import { bytesOf } from "../../../../local/provider/assets";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const asset = (of: object): object => ({ [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", ...of });
const archive = (of: object): object => ({ [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7", ...of });
const names = (bytes: Uint8Array): Record<string, string> =>
  Object.fromEntries(Object.entries(unzipSync(bytes)).map(([name, content]) => [name, strFromU8(content)]));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assets-"));
  mkdirSync(join(folder, "lib"));
  writeFileSync(join(folder, "index.js"), "main");
  writeFileSync(join(folder, "lib", "a.js"), "inner");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("bytes of assets", () => {
  test("text and files are taken as they are", () => {
    expect(strFromU8(bytesOf(asset({ text: "hello" })))).toBe("hello");
    expect(strFromU8(bytesOf(asset({ path: join(folder, "index.js") })))).toBe("main");
    expect(strFromU8(bytesOf(archive({ path: join(folder, "index.js") })))).toBe("main");
  });

  test("folders and maps of assets become a zip with the same bytes every time", () => {
    const zip = bytesOf(archive({ path: folder }));
    expect(names(zip)).toEqual({ "index.js": "main", "lib/a.js": "inner" });
    expect(bytesOf(archive({ path: folder }))).toEqual(zip);
    const nested = archive({ assets: { "x.txt": asset({ text: "x" }) } });
    const mixed = archive({ assets: { "a.txt": asset({ text: "a" }), in: archive({ path: folder }), deep: nested } });
    expect(names(bytesOf(mixed))).toEqual({
      "a.txt": "a",
      "in/index.js": "main",
      "in/lib/a.js": "inner",
      "deep/x.txt": "x",
    });
  });

  test("what needs the internet, or is no asset, is refused", () => {
    expect(() => bytesOf(asset({ uri: "https://example.com" }))).toThrow("text and files only");
    expect(() => bytesOf(archive({ uri: "https://example.com" }))).toThrow("folders and assets only");
    expect(() => bytesOf("text")).toThrow("expected an asset");
  });
});
