import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { ReleaseNotFoundError, TamperedError } from "../../../../runtime/errors";
import { type CurrentPointer, renderRelease, sha256 } from "../../../../runtime/releases/domain";
import { s3ReleasePointer } from "../../../../runtime/releases/pointer";
import { s3Releases } from "../../../../runtime/releases/store";
import { startEmulator, type TestEmulator } from "../../../support/emulator";
import { APPLICATION, INFRASTRUCTURE, LAYER, release, VERSION } from "../../../unit/runtime/support/fixtures";
import { makeBucket, s3 } from "../support";

const CONTENT = {
  release: release(),
  files: { "application.zip": APPLICATION, "infrastructure.tar.gz": INFRASTRUCTURE },
  layer: LAYER,
};

let emulator: TestEmulator;
let client: S3Client;
beforeAll(async () => {
  emulator = await startEmulator();
  client = s3(emulator);
  await makeBucket(client, "releases");
  await makeBucket(client, "artifacts");
}, 60_000);
afterAll(async () => {
  client.destroy();
  await emulator.stop();
});

describe("releases in a real bucket", () => {
  it("are published once, read back verified, and refused when tampered with", async () => {
    const releases = s3Releases(client, "releases");
    const digest = sha256(renderRelease(release()));
    await expect(releases.readRelease(VERSION)).rejects.toThrow(ReleaseNotFoundError);
    expect(await releases.publish(CONTENT)).toEqual({ kind: "published", digest });
    expect(await releases.publish(CONTENT)).toEqual({ kind: "already-published", digest });
    expect(await releases.publish({ ...CONTENT, release: release({ message: "other" }) })).toMatchObject({
      kind: "refused",
    });
    const read = await releases.readRelease(VERSION, digest);
    expect(Buffer.from(await releases.fetchFile(read.release, "application.zip"))).toEqual(APPLICATION);
    expect(Buffer.from((await releases.fetchLayer(read.release)) ?? [])).toEqual(LAYER);

    const Key = `releases/${VERSION}/application.zip`;
    await client.send(new PutObjectCommand({ Bucket: "releases", Key, Body: "something else" }));
    await expect(releases.fetchFile(read.release, "application.zip")).rejects.toThrow(TamperedError);
  });

  it("replace what a dead build left behind", async () => {
    const version = "b".repeat(40);
    const Key = `releases/${version}/application.zip`;
    await client.send(new PutObjectCommand({ Bucket: "releases", Key, Body: "left behind" }));
    const releases = s3Releases(client, "releases");
    const content = { ...CONTENT, release: release({ version }) };
    expect((await releases.publish(content)).kind).toBe("published");
    expect(Buffer.from(await releases.fetchFile(content.release, "application.zip"))).toEqual(APPLICATION);
  });
});

describe("the pointer in a real bucket", () => {
  it("is flipped by whoever read it last, never over somebody else", async () => {
    const pointer = s3ReleasePointer(client, "artifacts");
    const nothing = await pointer.readCurrent();
    expect(nothing.current).toBeUndefined();
    expect(await pointer.flip(nothing, to("a"))).toEqual({ kind: "flipped" });
    expect(await pointer.flip(nothing, to("b"))).toEqual({ kind: "lost", current: to("a") });
    const seen = await pointer.readCurrent();
    expect(await pointer.flip(seen, to("a"))).toEqual({ kind: "unchanged" });
    const outcomes = await Promise.all(["c", "d", "e"].map((letter) => pointer.flip(seen, to(letter))));
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["flipped", "lost", "lost"]);
  });
});

function to(letter: string): CurrentPointer {
  return {
    version: letter.repeat(40),
    releaseDigest: letter.repeat(64),
    deploymentId: `test#${letter}`,
    flippedAt: "2026-01-02T03:04:05.000Z",
  };
}
