import { describe, expect, it } from "@jest/globals";
import { changed, classificationOf } from "../support/classification";
import { type Commit, type TrackedFile } from "../../../../automation/release/checkout";
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
      mainline: head.mainline,
      infrastructureChanges: head.infrastructureChanges,
      testResults: { unitTestsPassed: true, integrationTestsPassed: false, coveragePercentage: 90, failedTests: [] },
      gates: [
        { gate: "tests", outcome: "passed", because: "1 executed, 0 failed, 0 skipped" },
        { gate: "coverage", outcome: "passed", because: "90 % of the lines (9 of 10)" },
        { gate: "dependencies", outcome: "warned", because: "3 packages: 1 moderate" },
      ],
    });
    expect(release.files["application.zip"].sha256).toBe(sha256(files["application.zip"] ?? ""));
    expect(release.files["infrastructure.tar.gz"]?.sha256).toBe(sha256(files["infrastructure.tar.gz"] ?? ""));
    expect(release.layer).toEqual({
      key: `layers/${sha256(builtWorker["infrastructure/package-lock.json"] ?? "")}.tar.gz`,
      sha256: sha256(layer ?? ""),
    });
    expect(result.exports).toEqual({ RELEASE_VERSION: head.version, RELEASE_DIGEST: sha256(renderRelease(release)) });
  });

  it("has another digest of its infrastructure with what counts as infrastructure elsewhere", async () => {
    const { published } = await publish(builtWorker);
    const { published: shared } = await publish(builtWorker, { tracked: [{ path: "shared/a", object: "1" }] });
    expect(shared.release.infrastructureDigest).not.toBe(published.release.infrastructureDigest);
    expect(shared.release.files).toEqual(published.release.files);
  });

  it("does not say what touched infrastructure when the checkout cannot tell", async () => {
    const { infrastructureChanges, ...unsure } = head;
    expect(infrastructureChanges).toBeDefined();
    const { published } = await publish(builtWorker, { commit: unsure });
    expect(releaseSchema.parse(published.release)).not.toHaveProperty("infrastructureChanges");
  });

  it("does not pack a layer that is published already", async () => {
    const { published } = await publish(builtWorker, { layer: "1".repeat(64) });
    expect(published.layer).toBeUndefined();
    expect(published.release.layer?.sha256).toBe("1".repeat(64));
  });

  it("of a worker without infrastructure has no digest of it", async () => {
    const { published } = await publish(withoutInfrastructure, { tracked: [{ path: "shared/a", object: "1" }] });
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
      "A gate blocks this commit. Got: tests: 2 executed, 1 failed, 0 skipped. Allowed: tests: at least one test executed, none failed. blocks: tests: unit: breaks: failed: no. Mend the test or the code.",
    ],
    [
      "no unit tests and too little coverage",
      { "coverage/junit.xml": "<testsuites/>", "coverage/clover.xml": clover(7) },
      "refused",
      "Got: tests: 0 executed, 0 failed, 0 skipped; coverage: 70 % of the lines (7 of 10).",
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
    await expect(publish(files)).rejects.toThrow("tests: coverage/junit.xml is missing");
    await expect(publish(files)).rejects.toThrow("It is made by npm run test:coverage.");
  });

  it.each([
    [undefined, "is not set"],
    ["", 'is ""'],
    ["blocked: 1 critical", 'is "blocked: 1 critical"'],
  ])("is refused unless the dependency gate of this build let it pass: %j", async (dependenciesGate, got) => {
    await expect(publish(withoutInfrastructure, { dependenciesGate })).rejects.toMatchObject({
      ending: "refused",
      said: {
        value: `DEPENDENCIES_GATE ${got}`,
        remedy: "Run it before, in the same build, and source the file.",
      },
    });
  });
});

describe("the preview of a checkout", () => {
  it("says so when there is nothing to preview", async () => {
    expect(await previewCheckout(undefined)).toMatchObject({ ending: "ok", document: { infrastructure: false } });
  });

  it("lists what would be made", async () => {
    const result = await previewCheckout(async () => ({
      classification: classificationOf([changed("job", { op: "create" })]),
      changes: [{ op: "create", type: "aws:iam/role:Role", name: "job" }],
      policyPack: "5".repeat(64),
      exemptions: [],
      apply: () => Promise.reject(new Error("applied")),
    }));
    expect(result.lines).toEqual([
      "the worker's infrastructure, in an empty stack, passes the policies: 3 same, 1 create",
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

  it("ask for 80 % of the lines unless they say something else", () => {
    expect(buildSettings(env).coverageThreshold).toBe(80);
    for (const percent of ["0", "7", "95", "100"]) {
      expect(buildSettings({ ...env, COVERAGE_THRESHOLD: percent }).coverageThreshold).toBe(Number(percent));
    }
  });

  it.each(["", "101", "-1", "80.5", "080", "eighty"])("are refused with %j for a threshold", (value) => {
    expect(() => buildSettings({ ...env, COVERAGE_THRESHOLD: value })).toThrow("a whole number of percent, 0 to 100");
  });

  it("name the patterns of infrastructure, where the installation has some", () => {
    expect(buildSettings(env)).not.toHaveProperty("infrastructurePatterns");
    const INFRASTRUCTURE_PATTERNS = '["infrastructure/**","shared/*.json"]';
    expect(buildSettings({ ...env, INFRASTRUCTURE_PATTERNS }).infrastructurePatterns).toEqual([
      "infrastructure/**",
      "shared/*.json",
    ]);
  });

  it.each(["", "shared/**", "[]", '[""]', "[1]", "{}"])("are refused with %j for patterns", (value) => {
    expect(() => buildSettings({ ...env, INFRASTRUCTURE_PATTERNS: value })).toThrow(
      `INFRASTRUCTURE_PATTERNS is "${value}", allowed: a JSON list of patterns`,
    );
  });

  it("are refused with every mistake at once", () => {
    expect(() => buildSettings({ ...env, ACCOUNT_ID: "1", TOOLS_DIGEST: "", COVERAGE_THRESHOLD: "much" })).toThrow(
      'ACCOUNT_ID is "1", allowed: 12 digits; TOOLS_DIGEST is not set, allowed: a SHA-256 in lower-case hex; COVERAGE_THRESHOLD is "much", allowed: a whole number of percent, 0 to 100',
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
  mainline: ["d".repeat(40)],
  infrastructureChanges: [{ version: "d".repeat(40), files: ["infrastructure/index.ts"] }],
};

interface Published {
  readonly layer?: string;
  readonly outcome?: PublishOutcome;
  readonly commit?: Commit;
  readonly tracked?: readonly TrackedFile[];
  readonly dependenciesGate?: string | undefined;
}

async function publish(files: Files, options: Published = {}) {
  const { layer, outcome, commit = head, tracked = [] } = options;
  const dependenciesGate = "dependenciesGate" in options ? options.dependenciesGate : "warned: 3 packages: 1 moderate";
  const folder = await folderWith({});
  await addFiles(folder, files);
  const taken: ReleaseContent[] = [];
  const ports: PublishPorts = {
    checkout: { commit: async () => commit, infrastructureFiles: async () => tracked, sequenceOf: async () => 3 },
    layers: { find: async () => layer },
    releases: {
      publish: async (content) => {
        taken.push(content);
        return outcome ?? { kind: "published", digest: sha256(renderRelease(content.release)) };
      },
    },
    progress: new RecordedProgress(),
  };
  const result = await publishRelease(
    { folder, coverageThreshold: 80, dependenciesGate, tools: { driver: "d", toolchain: "t" } },
    ports,
  );
  const [published] = taken;
  if (published === undefined) throw new Error("nothing was published");
  return { published, result };
}
