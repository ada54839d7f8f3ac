import { describe, expect, it } from "@jest/globals";
import { type Commit } from "../../../../automation/release/checkout";
import { previewCheckout } from "../../../../automation/release/previewInfrastructure";
import { publishRelease, type PublishPorts } from "../../../../automation/release/publish";
import { buildSettings } from "../../../../automation/release/settings";
import { type PublishOutcome, type ReleaseContent } from "../../../../runtime/releases/ports";
import { releaseSchema, renderRelease, sha256 } from "../../../../runtime/releases/domain";
import { addFiles, builtWorker, clover, type Files, folderWith, junit } from "../support/checkoutFolder";
import { RecordedProgress } from "../support/progress";

describe("publishing a release", () => {
  it("describes every file by its digest and names the tools", async () => {
    const { published, result } = await publish(builtWorker);
    const { release, files, layer } = published;
    expect(releaseSchema.parse(release)).toEqual(release);
    expect(release).toMatchObject({
      schema: 1,
      version: head.version,
      sequence: 7,
      tools: { driver: "d", toolchain: "t" },
      rollbackCompatibleFrom: null,
      changedFiles: ["a"],
      testResults: { unitTestsPassed: true, integrationTestsPassed: false, coveragePercentage: 90 },
    });
    expect(release.files["application.zip"].sha256).toBe(sha256(files["application.zip"] ?? ""));
    expect(release.files["infrastructure.tar.gz"]?.sha256).toBe(sha256(files["infrastructure.tar.gz"] ?? ""));
    expect(release.layer).toEqual({
      key: `layers/${sha256(builtWorker["infrastructure/package-lock.json"] ?? "")}.tar.gz`,
      sha256: sha256(layer ?? ""),
    });
    expect(result.exports).toEqual({ RELEASE_VERSION: head.version, RELEASE_DIGEST: sha256(renderRelease(release)) });
  });

  it("does not pack a layer that is published already", async () => {
    const { published } = await publish(builtWorker, { layer: "1".repeat(64) });
    expect(published.layer).toBeUndefined();
    expect(published.release.layer?.sha256).toBe("1".repeat(64));
  });

  it("of a worker without infrastructure has no digest of it", async () => {
    const { published } = await publish(withoutInfrastructure);
    expect(published.release).toMatchObject({ infrastructureDigest: null });
    expect(Object.keys(published.files)).toEqual(["application.zip"]);
    expect(published.release.layer).toBeUndefined();
  });

  it("says that the same was published before", async () => {
    const { result } = await publish(withoutInfrastructure, { outcome: { kind: "already-published", digest: "d" } });
    expect(result.lines[0]).toContain("was published before, with the same content");
  });

  it("is refused when the version exists with another content", async () => {
    await expect(
      publish(withoutInfrastructure, { outcome: { kind: "refused", because: "it differs" } }),
    ).rejects.toMatchObject({
      ending: "refused",
      message: `release ${head.version}: it differs. A release is immutable: make a new commit.`,
    });
  });

  it("resolves how far back a rollback may go", async () => {
    const { published } = await publish({
      ...withoutInfrastructure,
      "kiro-release.json": '{"rollbackCompatibleFrom":"abcdef1"}',
    });
    expect(published.release.rollbackCompatibleFrom).toBe(3);
    const unlimited = await publish({ ...withoutInfrastructure, "kiro-release.json": "{}" });
    expect(unlimited.published.release.rollbackCompatibleFrom).toBeNull();
  });

  it.each<[string, Files, string, string]>([
    [
      "red unit tests",
      { "coverage/junit.xml": junit(1) },
      "refused",
      "The unit tests have not passed. Got: 1 of 2 failed.",
    ],
    ["no unit tests", { "coverage/junit.xml": "<testsuites/>" }, "refused", "Got: 0 of 0 failed."],
    [
      "too little coverage",
      { "coverage/clover.xml": clover(7) },
      "refused",
      "Coverage is too low. Got: 70 %. Allowed: 80 % and more.",
    ],
    ["a number for a commit", { "kiro-release.json": '{"rollbackCompatibleFrom":3}' }, "usage", "is not text. Got: 3."],
  ])("is refused for %s", async (_what, files, ending, text) => {
    await expect(publish({ ...withoutInfrastructure, ...files })).rejects.toMatchObject({
      ending,
      message: expect.stringContaining(text) as unknown,
    });
  });

  it("says what makes a missing report", async () => {
    const files = { "dist/job.js": "1", "coverage/clover.xml": clover() };
    await expect(publish(files)).rejects.toThrow("coverage/junit.xml is missing");
    await expect(publish(files)).rejects.toThrow("It is made by npm run test:coverage.");
  });
});

describe("the preview of a checkout", () => {
  it("says so when there is nothing to preview", async () => {
    expect(await previewCheckout(undefined)).toMatchObject({ ending: "ok", document: { infrastructure: false } });
  });

  it("lists what would be made", async () => {
    const result = await previewCheckout(async () => ({
      counts: { create: 2 },
      changes: [{ op: "create", type: "aws:iam/role:Role", name: "job" }],
      apply: async () => undefined,
    }));
    expect(result.lines).toEqual([
      "the worker's infrastructure, in an empty stack: 2 create",
      "  create aws:iam/role:Role job",
    ]);
  });
});

describe("the settings of a build", () => {
  const env = {
    AWS_REGION: "us-east-1",
    ACCOUNT_ID: "111122223333",
    WORKER_PREFIX: "kiro-worker",
    RELEASES_BUCKET: "releases",
    TOOLS_DIGEST: "a".repeat(64),
    TOOLCHAIN_DIGEST: "b".repeat(64),
  };

  it("are complete, with or without a threshold", () => {
    expect(buildSettings(env)).not.toHaveProperty("coverageThreshold");
    expect(buildSettings({ ...env, COVERAGE_THRESHOLD: "80" }).coverageThreshold).toBe(80);
  });

  it("are refused with every mistake at once", () => {
    expect(() => buildSettings({ ...env, ACCOUNT_ID: "1", TOOLS_DIGEST: "", COVERAGE_THRESHOLD: "much" })).toThrow(
      'ACCOUNT_ID is "1", allowed: 12 digits; TOOLS_DIGEST is not set, allowed: a SHA-256 in lower-case hex; COVERAGE_THRESHOLD is "much", allowed: a number',
    );
  });
});

// Helpers

const withoutInfrastructure = Object.fromEntries(
  Object.entries(builtWorker).filter(([name]) => !name.startsWith("infrastructure/")),
);

const head: Commit = {
  version: "c".repeat(40),
  sequence: 7,
  ancestors: ["d".repeat(40)],
  author: "Ada <ada@example.com>",
  message: "feat: x",
  committedAt: "2026-01-02T03:04:05+02:00",
  changedFiles: ["a"],
};

async function publish(files: Files, { layer, outcome }: { layer?: string; outcome?: PublishOutcome } = {}) {
  const folder = await folderWith({});
  await addFiles(folder, files);
  const taken: ReleaseContent[] = [];
  const ports: PublishPorts = {
    checkout: { commit: async () => head, sequenceOf: async () => 3 },
    layers: { find: async () => layer },
    releases: {
      publish: async (content) => {
        taken.push(content);
        return outcome ?? { kind: "published", digest: sha256(renderRelease(content.release)) };
      },
    },
    progress: new RecordedProgress(),
  };
  const result = await publishRelease({ folder, coverageThreshold: 80, tools: { driver: "d", toolchain: "t" } }, ports);
  const [published] = taken;
  if (published === undefined) throw new Error("nothing was published");
  return { published, result };
}
