import { beforeEach, describe, expect, it } from "@jest/globals";
import { ReleaseNotFoundError, TamperedError } from "../../../../runtime/errors";
import { type Release, renderRelease, sha256 } from "../../../../runtime/releases/domain";
import type { ReleaseContent, Releases } from "../../../../runtime/releases/ports";
import { s3Releases } from "../../../../runtime/releases/store";
import { APPLICATION, INFRASTRUCTURE, LAYER, release, VERSION } from "../support/fixtures";
import { MemoryBucket, s3Error } from "../support/memoryBucket";

const PREFIX = `releases/${VERSION}/`;
const DIGEST = sha256(renderRelease(release()));
const CONTENT: ReleaseContent = {
  release: release(),
  files: { "application.zip": APPLICATION, "infrastructure.tar.gz": INFRASTRUCTURE },
  layer: LAYER,
};
/** The same commit, built to other bytes. */
const OTHER_APPLICATION = Buffer.from("another build");
const OTHER: ReleaseContent = {
  ...CONTENT,
  release: release({ files: { ...release().files, "application.zip": described(OTHER_APPLICATION) } }),
  files: { ...CONTENT.files, "application.zip": OTHER_APPLICATION },
};

let bucket: MemoryBucket;
let releases: Releases;
beforeEach(() => {
  bucket = new MemoryBucket();
  releases = s3Releases(bucket.client, "releases");
});

describe("publishing", () => {
  it("writes release.json last", async () => {
    expect(await releases.publish(CONTENT)).toEqual({ kind: "published", digest: DIGEST });
    expect(bucket.written).toEqual([
      `${PREFIX}application.zip`,
      `${PREFIX}infrastructure.tar.gz`,
      "layers/1.tar.gz",
      `${PREFIX}release.json`,
    ]);
  });

  it("the identical release again changes nothing", async () => {
    await releases.publish(CONTENT);
    expect(await releases.publish(CONTENT)).toEqual({ kind: "already-published", digest: DIGEST });
    expect(bucket.written).toHaveLength(4);
  });

  it("the same release after another word of the audit keeps the first one's", async () => {
    const gate = (because: string) => [{ gate: "dependencies", outcome: "warned", because } as const];
    const first = { ...CONTENT, release: release({ gates: gate("1 moderate") }) };
    await releases.publish(first);
    const before = new Map(bucket.objects);
    expect(await releases.publish({ ...CONTENT, release: release({ gates: gate("2 moderate") }) })).toEqual({
      kind: "already-published",
      digest: sha256(renderRelease(first.release)),
    });
    expect(bucket.objects).toEqual(before);
  });

  it("another content under the same version is refused and leaves everything as it was", async () => {
    await releases.publish(CONTENT);
    const before = new Map(bucket.objects);
    const outcome = await releases.publish(OTHER);
    expect(outcome).toEqual({
      kind: "refused",
      because: `release ${VERSION} is published with digest ${DIGEST} and is immutable; this build made ${sha256(renderRelease(OTHER.release))}`,
    });
    expect(await releases.publish({ ...CONTENT, release: release({ message: "other" }) })).toMatchObject({
      kind: "refused",
    });
    expect(bucket.objects).toEqual(before);
  });

  it.each([404, 403])("replaces what a dead build left without release.json (missing answers %d)", async (status) => {
    bucket.missing = s3Error(status, status === 404 ? "NoSuchKey" : "AccessDenied");
    bucket.objects.set(`${PREFIX}application.zip`, Buffer.from("left behind"));
    expect((await releases.publish(CONTENT)).kind).toBe("published");
    expect(bucket.objects.get(`${PREFIX}application.zip`)).toEqual(APPLICATION);
  });

  it("is refused when another build of the commit writes at the same time", async () => {
    bucket.objects.set(`${PREFIX}application.zip`, Buffer.from("left behind"));
    bucket.putAnswers.push(s3Error(412, "PreconditionFailed"), s3Error(412, "PreconditionFailed"));
    expect(await releases.publish(CONTENT)).toMatchObject({
      kind: "refused",
      because: `${PREFIX}application.zip is being written by another build of the same commit`,
    });
  });

  it("is refused when the winner of the last write cannot be read", async () => {
    await releases.publish(CONTENT);
    const key = `${PREFIX}release.json`;
    bucket.objects.delete(key);
    bucket.putAnswers.push(...Array.from({ length: 4 }, () => s3Error(412, "PreconditionFailed")));
    expect(await releases.publish(CONTENT)).toMatchObject({
      kind: "refused",
      because: expect.stringContaining("digest unknown") as unknown,
    });
  });

  it("never replaces a layer that other releases refer to", async () => {
    bucket.objects.set("layers/1.tar.gz", Buffer.from("an older layer"));
    expect(await releases.publish(CONTENT)).toEqual({
      kind: "refused",
      because: "layers/1.tar.gz was made by another build, with another content",
    });
    expect(bucket.objects.get("layers/1.tar.gz")?.toString()).toBe("an older layer");
  });

  it("needs no layer that is already there, and no infrastructure", async () => {
    const { "application.zip": application } = release().files;
    const bare = release({ files: { "application.zip": application }, layer: undefined, infrastructureDigest: null });
    expect((await releases.publish({ release: release(), files: CONTENT.files })).kind).toBe("published");
    const version = "b".repeat(40);
    const files = { "application.zip": APPLICATION };
    expect((await releases.publish({ release: { ...bare, version }, files })).kind).toBe("published");
  });

  it("throws when the content is not what the release says, before anything is written", async () => {
    const wrong = { ...CONTENT, files: { ...CONTENT.files, "application.zip": OTHER_APPLICATION } };
    await expect(releases.publish(wrong)).rejects.toThrow("application.zip has SHA-256");
    await expect(releases.publish({ ...CONTENT, files: {} })).rejects.toThrow(
      "application.zip must be given exactly when release.json describes it",
    );
    await expect(releases.publish({ ...CONTENT, layer: APPLICATION })).rejects.toThrow("layers/1.tar.gz has SHA-256");
    expect(bucket.written).toEqual([]);
  });

  it("throws when a file vanishes between two looks, or S3 fails", async () => {
    bucket.putAnswers.push(s3Error(409, "ConditionalRequestConflict"));
    await expect(releases.publish(CONTENT)).rejects.toThrow("application.zip is being written by somebody else");
    await releases.publish(CONTENT);
    bucket.objects.delete(`${PREFIX}release.json`);
    bucket.missing = s3Error(500, "InternalError");
    await expect(releases.publish(OTHER)).rejects.toThrow("InternalError");
  });
});

describe("reading", () => {
  beforeEach(async () => {
    await releases.publish(CONTENT);
    bucket.missing = s3Error(404, "NoSuchKey");
  });

  it("gives the release with its digest", async () => {
    const expected = { release: JSON.parse(JSON.stringify(release())) as Release, digest: DIGEST };
    expect(await releases.readRelease(VERSION)).toEqual(expected);
    expect(await releases.readRelease(VERSION, DIGEST)).toEqual(expected);
  });

  it("gives files and layer as they were published", async () => {
    expect(Buffer.from(await releases.fetchFile(release(), "application.zip"))).toEqual(APPLICATION);
    expect(Buffer.from(await releases.fetchFile(release(), "infrastructure.tar.gz"))).toEqual(INFRASTRUCTURE);
    expect(Buffer.from((await releases.fetchLayer(release())) ?? [])).toEqual(LAYER);
    expect(await releases.fetchLayer(release({ layer: undefined }))).toBeUndefined();
  });

  it("refuses what is tampered, naming the file and both digests", async () => {
    const wanted = "0".repeat(64);
    const error: unknown = await releases.readRelease(VERSION, wanted).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TamperedError);
    expect(error).toMatchObject({ file: `${PREFIX}release.json`, wanted, found: DIGEST });

    bucket.objects.set(`${PREFIX}application.zip`, OTHER_APPLICATION);
    await expect(releases.fetchFile(release(), "application.zip")).rejects.toMatchObject({
      file: `${PREFIX}application.zip`,
      wanted: sha256(APPLICATION),
      found: sha256(OTHER_APPLICATION),
    });
  });

  it("names what is not there", async () => {
    await expect(releases.readRelease("c".repeat(40))).rejects.toThrow(ReleaseNotFoundError);
    const { "application.zip": application } = release().files;
    const bare = release({ files: { "application.zip": application } });
    await expect(releases.fetchFile(bare, "infrastructure.tar.gz")).rejects.toThrow(ReleaseNotFoundError);
    bucket.objects.clear();
    await expect(releases.fetchFile(release(), "application.zip")).rejects.toThrow(
      `there is no ${PREFIX}application.zip in the releases bucket`,
    );
  });
});

function described(content: Buffer): { sha256: string; size: number } {
  return { sha256: sha256(content), size: content.length };
}
