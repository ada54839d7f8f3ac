import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { ProjectSource } from "@aws-sdk/client-codebuild";
import { z } from "zod";
import type { RoleCheck } from "./clients";
import { failingAs, PhaseFailure } from "./phaseFailure";
import { unpackZip, zipNames, zipText } from "./zip";

/** What stands in for the source when the pipeline asks for a full clone: the only file of the artifact. */
const CLONE_REFERENCE = "clone-ref.json";
const cloneReference = z.object({
  connectionArn: z.string().min(1),
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  branch: z.string().min(1),
  commit: z.string().regex(/^[0-9a-f]{40}$/),
});

export interface SourceWorld {
  readonly s3: S3Client;
  readonly gitDir: string;
  readonly roleArn: string;
  readonly check: RoleCheck;
  readonly signal: AbortSignal;
}

/** What the source turned out to be. */
export interface Fetched {
  readonly resolvedVersion?: string;
}

const run = promisify(execFile);

/**
 * Brings the source into a folder, with the rights of the build's role.
 * @throws PhaseFailure that names the bucket and key, or the connection, and what was refused.
 */
export async function fetchSource(
  source: ProjectSource,
  version: string | undefined,
  folder: string,
  world: SourceWorld,
): Promise<Fetched> {
  if (source.type === "NO_SOURCE") return {};
  if (source.type === "S3") return fetchZip(source.location ?? "", version, folder, world);
  throw new PhaseFailure("CLIENT_ERROR", `source type ${source.type} is not served here: use S3 or NO_SOURCE`);
}

async function fetchZip(
  location: string,
  version: string | undefined,
  folder: string,
  world: SourceWorld,
): Promise<Fetched> {
  const { bucket, key } = parseLocation(location);
  const { zip, versionId } = await failingAs("CLIENT_ERROR", `getting s3://${bucket}/${key}`, async () => {
    const answer = await world.s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, ...(isS3Version(version) && { VersionId: version }) }),
      { abortSignal: world.signal },
    );
    if (answer.Body === undefined) throw new Error("the object has no content");
    return { zip: await answer.Body.transformToByteArray(), versionId: answer.VersionId };
  });
  return failingAs("CLIENT_ERROR", `unpacking s3://${bucket}/${key}`, async () => {
    const names = zipNames(zip);
    if (names.length === 1 && names[0] === CLONE_REFERENCE) return clone(zip, folder, world);
    await unpackZip(zip, folder);
    return versionId === undefined ? {} : { resolvedVersion: versionId };
  });
}

/** A full clone at the commit that the source action saw, when the role may use the connection. */
async function clone(zip: Uint8Array, folder: string, world: SourceWorld): Promise<Fetched> {
  const { connectionArn, repository, branch, commit } = cloneReference.parse(
    JSON.parse(zipText(zip, CLONE_REFERENCE)) as unknown,
  );
  await failingAs("CLIENT_ERROR", "authorizing the connection", () =>
    world.check(world.roleArn, "codeconnections:UseConnection", connectionArn),
  );
  const git = (...args: string[]): Promise<unknown> => run("git", args, { cwd: folder, signal: world.signal });
  await failingAs("GIT_CLONE_FAILED", `cloning ${repository}`, async () => {
    await git("clone", "--quiet", "--no-checkout", "--", path.join(world.gitDir, `${repository}.git`), ".");
    await git("checkout", "--quiet", "-B", branch, commit);
  });
  return { resolvedVersion: commit };
}

/** `bucket/key` or `arn:aws:s3:::bucket/key`. */
export function parseLocation(location: string): { bucket: string; key: string } {
  const plain = location.replace(/^arn:aws:s3:::/, "");
  const slash = plain.indexOf("/");
  if (slash <= 0 || slash === plain.length - 1) {
    throw new PhaseFailure("CLIENT_ERROR", `source location ${JSON.stringify(location)} is not bucket/key`);
  }
  return { bucket: plain.slice(0, slash), key: plain.slice(slash + 1) };
}

/** A pipeline hands a commit or an ARN as source version; neither is the version of an object. */
function isS3Version(version: string | undefined): version is string {
  return version !== undefined && !version.startsWith("arn:") && !/^[0-9a-f]{40}$/.test(version);
}
