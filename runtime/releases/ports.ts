import type { CurrentPointer, Release, ReleaseFile } from "./domain";

export interface PublishedRelease {
  readonly release: Release;
  /** SHA-256 (hex) of `release.json` as stored. */
  readonly digest: string;
}

export type PublishOutcome =
  | { readonly kind: "published"; readonly digest: string }
  | { readonly kind: "already-published"; readonly digest: string }
  /** The version exists with another content: a release is immutable. */
  | { readonly kind: "refused"; readonly because: string };

export interface ReleaseContent {
  readonly release: Release;
  readonly files: Readonly<Partial<Record<ReleaseFile, Uint8Array>>>;
  /** Content of `release.layer`; needed only when the release names a layer. */
  readonly layer?: Uint8Array | undefined;
}

/** Published releases. Everything that is read is verified against a digest. */
export interface Releases {
  /** @throws ReleaseNotFoundError, TamperedError, UnreadableReleaseError */
  readRelease(version: string, expectedDigest?: string): Promise<PublishedRelease>;
  /** @throws TamperedError when the content is not what `release.json` says, ReleaseNotFoundError */
  fetchFile(release: Release, name: ReleaseFile): Promise<Uint8Array>;
  /** The release's dependency layer; undefined when it names none. @throws as `fetchFile` */
  fetchLayer(release: Release): Promise<Uint8Array | undefined>;
  /** `release.json` is written last: a release without it does not exist. */
  publish(content: ReleaseContent): Promise<PublishOutcome>;
}

/** The pointer as it was read, with what a conditional write needs. */
export interface PointerSnapshot {
  /** Undefined: nothing was ever deployed. */
  readonly current: CurrentPointer | undefined;
  readonly etag: string | undefined;
}

export type FlipOutcome =
  | { readonly kind: "flipped" }
  /** It already named this release for this deployment. */
  | { readonly kind: "unchanged" }
  /** Somebody else flipped it since it was read. */
  | { readonly kind: "lost"; readonly current: CurrentPointer | undefined };

/** What names the live release of one environment. */
export interface ReleasePointer {
  readCurrent(): Promise<PointerSnapshot>;
  flip(expected: PointerSnapshot, next: CurrentPointer): Promise<FlipOutcome>;
}
