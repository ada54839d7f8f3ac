import type { DeploymentRecord } from "../deployments/domain";
import type { RollbackTarget } from "../deployments/domainRollback";
import { ReleaseNotFoundError, TamperedError, UnreadableReleaseError } from "../errors";
import type { Releases } from "../releases/ports";
import type { Compatibility } from "./domainGuards";

/** Reads from both releases whether the one may go back to the other; each must be what it was when it was live. */
export async function compatibilityOf(
  bad: DeploymentRecord,
  target: RollbackTarget,
  releases: Pick<Releases, "readRelease">,
): Promise<Compatibility> {
  try {
    const [from, to] = await Promise.all([
      releases.readRelease(bad.version, bad.releaseDigest),
      releases.readRelease(target.version, target.releaseDigest),
    ]);
    return {
      kind: "known",
      compatibleFrom: from.release.rollbackCompatibleFrom,
      targetSequence: to.release.sequence,
    };
  } catch (error) {
    if (!isUnusable(error)) throw error;
    return { kind: "unknown", because: error.message };
  }
}

/** What is stored will not be another at the next look; everything else that is thrown may be. */
export function isUnusable(error: unknown): error is Error {
  return (
    error instanceof ReleaseNotFoundError || error instanceof TamperedError || error instanceof UnreadableReleaseError
  );
}
