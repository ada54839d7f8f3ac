import { describe, expect, it } from "@jest/globals";
import { UnreadableReleaseError } from "../../../../runtime/errors";
import {
  type CurrentPointer,
  parseCurrentPointer,
  parseRelease,
  releaseKey,
  renderCurrentPointer,
  renderRelease,
  samePointer,
  sha256,
} from "../../../../runtime/releases/domain";
import { release, VERSION } from "../support/fixtures";

const POINTER: CurrentPointer = {
  version: VERSION,
  releaseDigest: "d".repeat(64),
  deploymentId: "test#1",
  flippedAt: "2026-01-02T03:04:05.000Z",
};

describe("a release", () => {
  it("survives being written and read", () => {
    expect(parseRelease(renderRelease(release()), "here")).toEqual(JSON.parse(JSON.stringify(release())));
  });

  it("has one spelling, whatever the order it was made in", () => {
    const { schema, ...rest } = release();
    expect(renderRelease({ ...rest, schema })).toBe(renderRelease(release()));
  });

  it("that is unreadable is named with all its mistakes", () => {
    const text = JSON.stringify({ ...release(), version: "main", sequence: -1, surplus: true });
    const error = errorOf(() => parseRelease(text, "s3://releases/release.json"));
    expect(error.where).toBe("s3://releases/release.json");
    expect(error.issues.map((issue) => issue.split(":")[0])).toEqual(["version", "sequence", "(root)"]);
  });

  it("that is not JSON says so", () => {
    expect(errorOf(() => parseRelease("<xml/>", "here")).message).toBe("here is unreadable: it is not JSON");
  });

  it("lies under its version", () => {
    expect(releaseKey(VERSION)).toBe(`releases/${VERSION}/release.json`);
  });
});

describe("the pointer", () => {
  it("survives being written and read", () => {
    expect(parseCurrentPointer(renderCurrentPointer(POINTER), "here")).toEqual(POINTER);
    expect(() => parseCurrentPointer("{}", "here")).toThrow(UnreadableReleaseError);
  });

  it("is the same for the same release by the same deployment, whenever it was flipped", () => {
    expect(samePointer(POINTER, { ...POINTER, flippedAt: "2027-01-01T00:00:00.000Z" })).toBe(true);
    const others = [{ version: "b" }, { releaseDigest: "b" }, { deploymentId: "test#2" }];
    expect(others.some((other) => samePointer(POINTER, { ...POINTER, ...other }))).toBe(false);
  });
});

describe("sha256", () => {
  it("is the digest of text and of bytes in hex", () => {
    const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    expect([sha256(""), sha256(new Uint8Array())]).toEqual([empty, empty]);
  });
});

function errorOf(read: () => unknown): UnreadableReleaseError {
  try {
    read();
  } catch (error) {
    if (error instanceof UnreadableReleaseError) return error;
  }
  throw new Error("expected an UnreadableReleaseError");
}
