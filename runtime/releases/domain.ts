import { createHash } from "node:crypto";
import { z } from "zod";
import { UnreadableReleaseError } from "../errors";

const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 in lower-case hex");
const commitSha = z.string().regex(/^[0-9a-f]{40}$/, "a full commit SHA in lower-case hex");

/** Names under `releases/{version}/` that carry a digest in `release.json`. */
export const RELEASE_FILES = ["application.zip", "infrastructure.tar.gz"] as const;
export type ReleaseFile = (typeof RELEASE_FILES)[number];

const fileDigest = z.strictObject({ sha256: sha256Hex, size: z.int().nonnegative() });

const testResults = z.strictObject({
  unitTestsPassed: z.boolean(),
  integrationTestsPassed: z.boolean(),
  e2eTestsPassed: z.boolean(),
  coveragePercentage: z.number().min(0).max(100),
  testSummary: z.strictObject({
    total: z.int().nonnegative(),
    passed: z.int().nonnegative(),
    failed: z.int().nonnegative(),
    skipped: z.int().nonnegative(),
  }),
  failedTests: z
    .array(
      z.strictObject({ name: z.string(), suite: z.string(), error: z.string(), stackTrace: z.string().optional() }),
    )
    .optional(),
});

/** A gate that a release went through; whatever blocks never becomes a release. */
const gateResult = z.strictObject({
  gate: z.enum(["tests", "coverage", "dependencies"]),
  outcome: z.enum(["passed", "warned", "skipped"]),
  because: z.string(),
});

/** `release.json`: what a release is, and the digest of everything that belongs to it. */
export const releaseSchema = z.strictObject({
  schema: z.literal(1),
  /** Full commit SHA. */
  version: commitSha,
  /** Number of first-parent commits: orders the releases of one branch. */
  sequence: z.int().nonnegative(),
  /** Newest first. */
  ancestors: z.array(commitSha).max(200),
  author: z.string(),
  message: z.string(),
  /** ISO 8601. */
  committedAt: z.iso.datetime({ offset: true }),
  files: z.strictObject({ "application.zip": fileDigest, "infrastructure.tar.gz": fileDigest.optional() }),
  /** The infrastructure program's production dependencies, by the digest of its lockfile. */
  layer: z.strictObject({ key: z.string().min(1), sha256: sha256Hex }).optional(),
  /** null: the release has no infrastructure. */
  infrastructureDigest: sha256Hex.nullable(),
  /** Against the first parent. null: unknown, so everything may have changed. */
  changedFiles: z.array(z.string()).nullable(),
  /** The first parents, newest first, without the commit itself: the way that the branch went. Absent: unknown. */
  mainline: z.array(commitSha).max(200).optional(),
  /** The commits of that way, this one among them, that touched infrastructure, with the files. Absent: unknown. */
  infrastructureChanges: z.array(z.strictObject({ version: commitSha, files: z.array(z.string()) })).optional(),
  testResults,
  /** What was asked of the commit before it became a release; absent in releases from before there were gates. */
  gates: z.array(gateResult).optional(),
  /** The lowest sequence a rollback from this release may go back to; null: no limit. */
  rollbackCompatibleFrom: z.int().nonnegative().nullable(),
  /** SHA-256 of what built it and will deploy it. */
  tools: z.strictObject({ driver: z.string(), policyPack: z.string().optional(), toolchain: z.string() }),
});
export type Release = z.infer<typeof releaseSchema>;

/** `current.json` of an environment: the truth about what is live there. */
const currentPointerSchema = z.strictObject({
  version: commitSha,
  releaseDigest: sha256Hex,
  deploymentId: z.string().min(1),
  /** ISO 8601. */
  flippedAt: z.iso.datetime(),
});
export type CurrentPointer = z.infer<typeof currentPointerSchema>;

/**
 * Reads the text of a `release.json`.
 * @throws UnreadableReleaseError that names every mistake and shows where the text came from.
 */
export function parseRelease(text: string, where: string): Release {
  return parseJson(releaseSchema, text, where);
}

/**
 * Reads the text of a `current.json`.
 * @throws UnreadableReleaseError
 */
export function parseCurrentPointer(text: string, where: string): CurrentPointer {
  return parseJson(currentPointerSchema, text, where);
}

/** The one spelling of a release: the same release always gives the same bytes, so that its digest can be compared. */
export function renderRelease(release: Release): string {
  return `${JSON.stringify(releaseSchema.parse(release), null, 2)}\n`;
}

export function renderCurrentPointer(pointer: CurrentPointer): string {
  return `${JSON.stringify(currentPointerSchema.parse(pointer))}\n`;
}

/** Same release by the same deployment; the moment of the flip does not matter. */
export function samePointer(a: CurrentPointer, b: CurrentPointer): boolean {
  return a.version === b.version && a.releaseDigest === b.releaseDigest && a.deploymentId === b.deploymentId;
}

export function releasePrefix(version: string): string {
  return `releases/${version}/`;
}

export function releaseKey(version: string): string {
  return `${releasePrefix(version)}release.json`;
}

/** SHA-256 in lower-case hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function parseJson<T>(schema: z.ZodType<T>, text: string, where: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new UnreadableReleaseError(where, ["it is not JSON"], { cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join(".") || "(root)"}: ${issue.message}`);
  throw new UnreadableReleaseError(where, issues, { cause: parsed.error });
}
