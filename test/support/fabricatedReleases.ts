import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tarOf, untar } from "../../automation/release/archives";
import { parseRelease, type Release, releaseKey, sha256 } from "../../runtime/releases/domain";
import { s3Releases } from "../../runtime/releases/store";

/** How a fabricated release differs from the built one that it is made from. */
export interface Fabrication {
  /** Put in front of `dist/job.js`. */
  readonly job?: string;
  /** Replacements of text in `index.ts` of its infrastructure. */
  readonly infrastructure?: Readonly<Record<string, string>>;
  /** Releases whose commits it contains. */
  readonly ancestors?: readonly string[];
}

export interface Fabricated {
  readonly version: string;
  readonly digest: string;
}

/** A job that asks for it fails; every other job, the canary among them, works. */
export const FAILS_WHEN_ASKED = 'if ((process.env.JOB ?? "").includes("fail-please")) process.exit(1);\n';
/** Every job fails. */
export const FAILS = "process.exit(1);\n";
/** Every job ends badly, but none counts as failed: the bake sees it, the alarm does not. */
export const FAILS_QUIETLY = "process.exit(2);\n";

/**
 * Publishes releases that were not built from a commit: the files of a built one, changed. They are as real as that one
 * for everything that deploys them, and take no build.
 */
export class ReleaseForge {
  private sequence = 1_000;

  constructor(
    private readonly s3: S3Client,
    private readonly bucket: string,
    private readonly base: string,
  ) {}

  async publish({ job, infrastructure, ancestors = [] }: Fabrication): Promise<Fabricated> {
    const { release, files, layer } = await this.built();
    const version = randomBytes(20).toString("hex");
    const application = job === undefined ? files.application : withJob(files.application, job);
    const program = infrastructure ? await changed(files.infrastructure, infrastructure) : files.infrastructure;
    const outcome = await s3Releases(this.s3, this.bucket).publish({
      release: {
        ...release,
        version,
        sequence: ++this.sequence,
        ancestors: [...ancestors, this.base],
        message: "fabricated",
        files: { "application.zip": digestOf(application), "infrastructure.tar.gz": digestOf(program) },
        infrastructureDigest: infrastructure ? sha256(program) : release.infrastructureDigest,
      },
      files: { "application.zip": application, "infrastructure.tar.gz": program },
      layer,
    });
    if (outcome.kind === "refused") throw new Error(outcome.because);
    return { version, digest: outcome.digest };
  }

  private async built(): Promise<{
    release: Release;
    files: { application: Uint8Array; infrastructure: Uint8Array };
    layer: Uint8Array | undefined;
  }> {
    const releases = s3Releases(this.s3, this.bucket);
    const stored = await this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key: releaseKey(this.base) }));
    const release = parseRelease((await stored.Body?.transformToString()) ?? "", this.base);
    const [application, infrastructure, layer] = await Promise.all([
      releases.fetchFile(release, "application.zip"),
      releases.fetchFile(release, "infrastructure.tar.gz"),
      releases.fetchLayer(release),
    ]);
    return { release, files: { application, infrastructure }, layer };
  }
}

function withJob(application: Uint8Array, code: string): Uint8Array {
  const files = unzipSync(application);
  const job = files["dist/job.js"];
  if (job === undefined) throw new Error("the application has no dist/job.js");
  return zipSync({ ...files, "dist/job.js": strToU8(`${code}${strFromU8(job)}`) });
}

async function changed(archive: Uint8Array, replacements: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "kiro-forge-"));
  try {
    await untar(archive, folder);
    const file = join(folder, "index.ts");
    let text = await readFile(file, "utf8");
    for (const [from, to] of Object.entries(replacements)) {
      if (!text.includes(from)) throw new Error(`index.ts does not contain ${from}`);
      text = text.replace(from, to);
    }
    await writeFile(file, text);
    return await tarOf(folder, (await readdir(folder)).sort());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const digestOf = (content: Uint8Array) => ({ sha256: sha256(content), size: content.length });
