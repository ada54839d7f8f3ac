import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { UnreadableReleaseError } from "../../../../runtime/errors";
import { parseRelease, type Release, renderRelease } from "../../../../runtime/releases/domain";
import { release } from "../../../unit/runtime/support/fixtures";

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const releases: fc.Arbitrary<Release> = fc
  .record({
    version: hex(40),
    sequence: fc.nat(),
    ancestors: fc.array(hex(40), { maxLength: 5 }),
    author: fc.string(),
    message: fc.string(),
    infrastructureDigest: fc.option(hex(64)),
    changedFiles: fc.option(fc.array(fc.string(), { maxLength: 5 })),
    rollbackCompatibleFrom: fc.option(fc.nat()),
  })
  .map(release);

describe("release.json", () => {
  it("is read as it was written, and written the same from whatever order of its parts", () => {
    fc.assert(
      fc.property(releases, (written) => {
        const text = renderRelease(written);
        const read = parseRelease(text, "here");
        expect(renderRelease(read)).toBe(text);
        const reversed = Object.fromEntries(Object.entries(read).reverse()) as Release;
        expect(renderRelease(reversed)).toBe(text);
      }),
    );
  });

  it("is named when it is unreadable, whatever was lost or broken", () => {
    fc.assert(
      fc.property(releases, fc.constantFrom(...Object.keys(release())), fc.anything(), (written, part, junk) => {
        fc.pre(part !== "layer" && !["string", "number"].includes(typeof junk) && junk !== null);
        fc.pre(!Array.isArray(junk));
        const text = JSON.stringify({ ...written, [part]: junk });
        expect(() => parseRelease(text, "here")).toThrow(UnreadableReleaseError);
      }),
    );
  });
});
