import type { S3Client } from "@aws-sdk/client-s3";
import { ReleaseNotFoundError, TamperedError } from "../errors";
import {
  parseRelease,
  type Release,
  RELEASE_FILES,
  type ReleaseFile,
  releaseKey,
  releasePrefix,
  renderRelease,
  sha256,
} from "./domain";
import { getObject, putObject, statusOf } from "./objects";
import type { PublishedRelease, PublishOutcome, ReleaseContent, Releases } from "./ports";

const CONTENT_TYPES = { "application.zip": "application/zip", "infrastructure.tar.gz": "application/gzip" } as const;

/** Releases in the releases bucket: `releases/{version}/…` and the dependency layers that they name. */
export function s3Releases(client: S3Client, bucket: string): Releases {
  /** Puts content that must never change: the same content again is fine. */
  async function store(Key: string, Body: Uint8Array, ContentType: string): Promise<"stored" | { etag: string }> {
    const object = { Bucket: bucket, Key, Body, ContentType };
    if ((await putObject(client, object, "absent")) === "written") return "stored";
    const there = await getObject(client, bucket, Key);
    if (there === undefined) throw new Error(`${Key} is being written by somebody else`);
    return sha256(there.body) === sha256(Body) ? "stored" : { etag: there.etag };
  }

  async function verified(key: string, wanted: string): Promise<Uint8Array> {
    const found = await getObject(client, bucket, key);
    if (found === undefined) throw new ReleaseNotFoundError(key);
    const digest = sha256(found.body);
    if (digest !== wanted) throw new TamperedError(key, wanted, digest);
    return found.body;
  }

  async function published(version: string): Promise<{ readonly text: string; readonly digest: string } | undefined> {
    try {
      const found = await getObject(client, bucket, releaseKey(version));
      return found && { text: Buffer.from(found.body).toString("utf8"), digest: sha256(found.body) };
    } catch (error) {
      // The publisher may read what it wrote but need not be allowed to list: S3 then says 403 for what is not there.
      if (statusOf(error) === 403) return undefined;
      throw error;
    }
  }

  return {
    async readRelease(version: string, expectedDigest?: string): Promise<PublishedRelease> {
      const key = releaseKey(version);
      const found = await getObject(client, bucket, key);
      if (found === undefined) throw new ReleaseNotFoundError(key);
      const digest = sha256(found.body);
      if (expectedDigest !== undefined && digest !== expectedDigest) {
        throw new TamperedError(key, expectedDigest, digest);
      }
      return { release: parseRelease(Buffer.from(found.body).toString("utf8"), `s3://${bucket}/${key}`), digest };
    },

    async fetchFile(release: Release, name: ReleaseFile): Promise<Uint8Array> {
      const key = `${releasePrefix(release.version)}${name}`;
      const described = release.files[name];
      if (described === undefined) throw new ReleaseNotFoundError(key);
      return verified(key, described.sha256);
    },

    async fetchLayer(release: Release): Promise<Uint8Array | undefined> {
      return release.layer && verified(release.layer.key, release.layer.sha256);
    },

    async publish(content: ReleaseContent): Promise<PublishOutcome> {
      const { release } = content;
      const text = renderRelease(release);
      const digest = sha256(text);
      const files = contentOf(content);

      for (const { key, body, type, shared } of files) {
        const stored = await store(key, body, type);
        if (stored === "stored") continue;
        const before = await published(release.version);
        if (before !== undefined) return refused(release.version, before.digest, digest);
        if (shared) return { kind: "refused", because: `${key} was made by another build, with another content` };
        // Left by a build that died before its release.json: nobody has used it, and nobody may have replaced it since.
        const replaced = await putObject(client, { Bucket: bucket, Key: key, Body: body, ContentType: type }, stored);
        if (replaced === "lost") {
          return { kind: "refused", because: `${key} is being written by another build of the same commit` };
        }
      }

      const Key = releaseKey(release.version);
      const object = { Bucket: bucket, Key, Body: text, ContentType: "application/json" };
      if ((await putObject(client, object, "absent")) === "written") return { kind: "published", digest };
      const before = await published(release.version);
      // What an audit says changes with time, without the commit: the first build's word stays.
      return before !== undefined && sameButGates(parseRelease(before.text, `s3://${bucket}/${Key}`), release)
        ? { kind: "already-published", digest: before.digest }
        : refused(release.version, before?.digest ?? "unknown", digest);
    },
  };
}

const sameButGates = (one: Release, other: Release): boolean =>
  renderRelease({ ...one, gates: undefined }) === renderRelease({ ...other, gates: undefined });

interface FileToStore {
  readonly key: string;
  readonly body: Uint8Array;
  readonly type: string;
  /** Other releases refer to it as well: never replaced. */
  readonly shared: boolean;
}

/** The files that go with the release. What does not match its own description is a bug of the caller. */
function contentOf({ release, files, layer }: ReleaseContent): FileToStore[] {
  const toStore: FileToStore[] = [];
  for (const name of RELEASE_FILES) {
    const described = release.files[name];
    const body = files[name];
    if ((described === undefined) !== (body === undefined)) {
      throw new Error(`${name} must be given exactly when release.json describes it`);
    }
    if (described === undefined || body === undefined) continue;
    requireDigest(name, body, described.sha256);
    toStore.push({ key: `${releasePrefix(release.version)}${name}`, body, type: CONTENT_TYPES[name], shared: false });
  }
  if (release.layer !== undefined && layer !== undefined) {
    requireDigest(release.layer.key, layer, release.layer.sha256);
    toStore.push({ key: release.layer.key, body: layer, type: "application/gzip", shared: true });
  }
  return toStore;
}

function requireDigest(name: string, body: Uint8Array, wanted: string): void {
  const found = sha256(body);
  if (found !== wanted) throw new Error(`${name} has SHA-256 ${found}, but release.json says ${wanted}`);
}

function refused(version: string, published: string, digest: string): PublishOutcome {
  return {
    kind: "refused",
    because: `release ${version} is published with digest ${published} and is immutable; this build made ${digest}`,
  };
}
