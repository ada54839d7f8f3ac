import { ReleaseNotFoundError, TamperedError, UnreadableReleaseError } from "../../runtime/errors";
import { type PublishedRelease, type Releases } from "../../runtime/releases/ports";
import { messageOf, Problem } from "../problem";
import { type Progress } from "../progress";

interface Named {
  readonly releaseVersion: string;
  /** SHA-256 of its `release.json`. */
  readonly releaseDigest: string;
}

/**
 * The release that Build published, with every byte that will run verified against the digest that Build exported.
 * @throws Problem `refused` for a release that is missing, unreadable or not what was published.
 */
export function loadRelease(
  { releaseVersion, releaseDigest }: Named,
  {
    releases,
    progress,
  }: { readonly releases: Pick<Releases, "readRelease" | "fetchFile">; readonly progress: Progress },
): Promise<PublishedRelease> {
  return verified(releaseVersion, progress, async () => {
    const published = await releases.readRelease(releaseVersion, releaseDigest);
    await releases.fetchFile(published.release, "application.zip");
    return published;
  });
}

/**
 * What the release says of itself, verified; its application is not looked at.
 * @throws Problem `refused` as `loadRelease`.
 */
export function describedRelease(
  { releaseVersion, releaseDigest }: Named,
  { releases, progress }: { readonly releases: Pick<Releases, "readRelease">; readonly progress: Progress },
): Promise<PublishedRelease> {
  return verified(releaseVersion, progress, () => releases.readRelease(releaseVersion, releaseDigest));
}

async function verified(
  version: string,
  progress: Progress,
  read: () => Promise<PublishedRelease>,
): Promise<PublishedRelease> {
  try {
    return await progress.step(`verify release ${version.slice(0, 8)}`, read);
  } catch (error) {
    if (
      error instanceof TamperedError ||
      error instanceof ReleaseNotFoundError ||
      error instanceof UnreadableReleaseError
    ) {
      throw new Problem(
        "refused",
        { what: messageOf(error), remedy: "Never repair it: find out who wrote it, then make a new commit." },
        { cause: error },
      );
    }
    throw error;
  }
}
