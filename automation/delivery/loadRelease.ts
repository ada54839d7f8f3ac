import { ReleaseNotFoundError, TamperedError, UnreadableReleaseError } from "../../runtime/errors";
import { type Release } from "../../runtime/releases/domain";
import { type Releases } from "../../runtime/releases/ports";
import { messageOf, Problem } from "../problem";
import { type Progress } from "../progress";

interface Ports {
  readonly releases: Pick<Releases, "readRelease" | "fetchFile">;
  readonly progress: Progress;
}

/**
 * The release that Build published, with every byte that will run verified against the digest that Build exported.
 * @throws Problem `refused` for a release that is missing, unreadable or not what was published.
 */
export async function loadRelease(
  { releaseVersion, releaseDigest }: { readonly releaseVersion: string; readonly releaseDigest: string },
  { releases, progress }: Ports,
): Promise<{ readonly release: Release; readonly digest: string }> {
  try {
    return await progress.step(`verify release ${releaseVersion.slice(0, 8)}`, async () => {
      const published = await releases.readRelease(releaseVersion, releaseDigest);
      await releases.fetchFile(published.release, "application.zip");
      return published;
    });
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
