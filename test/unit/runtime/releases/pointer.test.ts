import { GetObjectCommand } from "@aws-sdk/client-s3";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { type CurrentPointer, renderCurrentPointer } from "../../../../runtime/releases/domain";
import { s3ReleasePointer } from "../../../../runtime/releases/pointer";
import type { ReleasePointer } from "../../../../runtime/releases/ports";
import { MemoryBucket, s3Error } from "../support/memoryBucket";

const FIRST = pointerTo("a");
const SECOND = pointerTo("b");
const THIRD = pointerTo("c");

let bucket: MemoryBucket;
let pointer: ReleasePointer;
beforeEach(() => {
  bucket = new MemoryBucket();
  pointer = s3ReleasePointer(bucket.client, "artifacts");
});

describe("the pointer", () => {
  it("is nothing before the first deployment, then what it was flipped to", async () => {
    const nothing = await pointer.readCurrent();
    expect(nothing).toEqual({ current: undefined, etag: undefined });
    expect(await pointer.flip(nothing, FIRST)).toEqual({ kind: "flipped" });
    const first = await pointer.readCurrent();
    expect(first.current).toEqual(FIRST);
    expect(await pointer.flip(first, SECOND)).toEqual({ kind: "flipped" });
    expect((await pointer.readCurrent()).current).toEqual(SECOND);
  });

  it("is left alone when it already names this release for this deployment", async () => {
    await pointer.flip(await pointer.readCurrent(), FIRST);
    const again = { ...FIRST, flippedAt: "2027-01-01T00:00:00.000Z" };
    expect(await pointer.flip(await pointer.readCurrent(), again)).toEqual({ kind: "unchanged" });
    expect((await pointer.readCurrent()).current).toEqual(FIRST);
  });

  it("is never flipped over somebody else's flip", async () => {
    const nothing = await pointer.readCurrent();
    await pointer.flip(nothing, FIRST);
    expect(await pointer.flip(nothing, SECOND)).toEqual({ kind: "lost", current: FIRST });
    const first = await pointer.readCurrent();
    await pointer.flip(first, SECOND);
    expect(await pointer.flip(first, THIRD)).toEqual({ kind: "lost", current: SECOND });
  });

  it("is lost when it was deleted meanwhile", async () => {
    await pointer.flip(await pointer.readCurrent(), FIRST);
    const first = await pointer.readCurrent();
    bucket.objects.clear();
    expect(await pointer.flip(first, SECOND)).toEqual({ kind: "lost", current: undefined });
  });

  it("recognises its own flip when the answer was lost", async () => {
    const nothing = await pointer.readCurrent();
    bucket.beforePut = () => bucket.objects.set("current.json", Buffer.from(renderCurrentPointer(FIRST)));
    expect(await pointer.flip(nothing, FIRST)).toEqual({ kind: "flipped" });
  });

  it("tries again after a conflict in which nobody won, and not for ever", async () => {
    const conflict = s3Error(409, "ConditionalRequestConflict");
    const nothing = await pointer.readCurrent();
    bucket.putAnswers.push(conflict);
    expect(await pointer.flip(nothing, FIRST)).toEqual({ kind: "flipped" });
    bucket.putAnswers.push(conflict, conflict, conflict);
    expect(await pointer.flip(await pointer.readCurrent(), SECOND)).toEqual({ kind: "lost", current: FIRST });
  });

  it("throws what is no answer about the pointer", async () => {
    const nothing = await pointer.readCurrent();
    bucket.putAnswers.push(s3Error(404, "NoSuchBucket"), s3Error(403, "AccessDenied"), new Error("no network"));
    await expect(pointer.flip(nothing, FIRST)).rejects.toThrow("NoSuchBucket");
    await expect(pointer.flip(nothing, FIRST)).rejects.toThrow("AccessDenied");
    await expect(pointer.flip(nothing, FIRST)).rejects.toThrow("no network");
    bucket.missing = s3Error(403, "AccessDenied");
    await expect(pointer.readCurrent()).rejects.toThrow("AccessDenied");
    mockClient(bucket.client).on(GetObjectCommand).resolves({});
    await expect(pointer.readCurrent()).rejects.toThrow("S3 gave no content for current.json");
  });
});

function pointerTo(letter: string): CurrentPointer {
  return {
    version: letter.repeat(40),
    releaseDigest: letter.repeat(64),
    deploymentId: `test#${letter}`,
    flippedAt: "2026-01-02T03:04:05.000Z",
  };
}
