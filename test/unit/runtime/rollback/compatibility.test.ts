import { describe, expect, it } from "@jest/globals";
import { ReleaseNotFoundError, TamperedError, UnreadableReleaseError } from "../../../../runtime/errors";
import { compatibilityOf } from "../../../../runtime/rollback/compatibility";
import { deploymentRecord, rollbackProgress } from "../support/deploymentRecord";
import { release } from "../support/fixtures";

const BAD = deploymentRecord();
const { target: TARGET } = rollbackProgress();

/** The two releases; the target's is answered as given. */
const between = (target: () => Promise<never> = () => Promise.reject(new Error("not asked"))) =>
  compatibilityOf(BAD, TARGET, {
    readRelease: async (version, digest) => {
      if (version !== BAD.version) return target();
      return { release: release({ rollbackCompatibleFrom: 3 }), digest: digest ?? "" };
    },
  });

describe("whether a release may go back to another", () => {
  it("is read from both, each as it was when it was live", async () => {
    const read: unknown[] = [];
    const compatibility = await compatibilityOf(BAD, TARGET, {
      readRelease: async (version, digest) => {
        read.push([version, digest]);
        const bad = version === BAD.version;
        return { release: release({ sequence: bad ? 9 : 4, rollbackCompatibleFrom: bad ? 3 : 1 }), digest: "" };
      },
    });
    expect(compatibility).toEqual({ kind: "known", compatibleFrom: 3, targetSequence: 4 });
    expect(read).toEqual([
      [BAD.version, BAD.releaseDigest],
      [TARGET.version, TARGET.releaseDigest],
    ]);
  });

  it.each([
    ["gone", new ReleaseNotFoundError("releases/b/release.json")],
    ["tampered with", new TamperedError("release.json", "f", "0")],
    ["unreadable", new UnreadableReleaseError("release.json", ["schema: 2"])],
  ])("is unknown when one of them is %s", async (_, error) => {
    expect(await between(() => Promise.reject(error))).toEqual({ kind: "unknown", because: error.message });
  });

  it("is for another look when the bucket cannot be read", async () => {
    await expect(between(() => Promise.reject(new Error("SlowDown")))).rejects.toThrow("SlowDown");
  });
});
