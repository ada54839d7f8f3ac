import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { BuildArtifacts, ProjectArtifacts } from "@aws-sdk/client-codebuild";
import type { ArtifactsSpec } from "./buildspec";
import { selectFiles } from "./files";
import { failingAs, PhaseFailure } from "./phaseFailure";
import { packZip } from "./zip";

export interface UploadContext {
  readonly s3: S3Client;
  readonly source: string;
  /** The build's uuid, for `namespaceType: BUILD_ID`. */
  readonly buildId: string;
  readonly encryptionKey: string | undefined;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/**
 * Uploads what the buildspec calls its artifacts to where the build wants them.
 * @throws PhaseFailure that names what was refused, or says that nothing matched.
 */
export async function uploadArtifacts(
  target: ProjectArtifacts,
  spec: ArtifactsSpec | undefined,
  context: UploadContext,
): Promise<BuildArtifacts | undefined> {
  if (target.type !== "S3") return undefined;
  if (spec === undefined) throw new PhaseFailure("CLIENT_ERROR", "the buildspec has no artifacts section");

  context.say(`Expanding base directory path: ${spec.baseDirectory}`);
  const files = await failingAs("CLIENT_ERROR", "artifacts", () => selectFiles(context.source, spec));
  if (files.size === 0) throw new PhaseFailure("CLIENT_ERROR", "no matching artifact paths found");
  context.say(`Found ${files.size} file(s)`);

  const bucket = target.location ?? "";
  const key = artifactKey(target, spec.name, context.buildId);
  const arn = `arn:aws:s3:::${bucket}/${key}`;
  const settings = {
    ...(target.overrideArtifactName !== undefined && { overrideArtifactName: target.overrideArtifactName }),
    encryptionDisabled: target.encryptionDisabled ?? false,
  };
  if (target.packaging === "ZIP") {
    const zip = await packZip(files);
    await put(bucket, key, zip, target, context);
    const digest = (algorithm: string): string => createHash(algorithm).update(zip).digest("hex");
    return { location: arn, sha256sum: digest("sha256"), md5sum: digest("md5"), ...settings };
  }
  for (const [name, file] of files) await put(bucket, `${key}/${name}`, await readFile(file), target, context);
  return { location: arn, ...settings };
}

/** `path/[build id/]name`, as AWS puts it together. */
export function artifactKey(target: ProjectArtifacts, specName: string | undefined, buildId: string): string {
  const name = target.overrideArtifactName ? (specName ?? target.name) : (target.name ?? specName);
  const parts = [target.path, target.namespaceType === "BUILD_ID" ? buildId : undefined, name];
  return parts
    .flatMap((part) => part?.split("/") ?? [])
    .filter((part) => part !== "")
    .join("/");
}

async function put(
  bucket: string,
  key: string,
  body: Uint8Array,
  target: ProjectArtifacts,
  { s3, encryptionKey, signal }: UploadContext,
): Promise<void> {
  const encryption =
    encryptionKey === undefined || target.encryptionDisabled
      ? {}
      : { ServerSideEncryption: "aws:kms" as const, SSEKMSKeyId: encryptionKey };
  await failingAs("CLIENT_ERROR", `putting s3://${bucket}/${key}`, () =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ...encryption }), { abortSignal: signal }),
  );
}
