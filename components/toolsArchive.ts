import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

export interface ToolsArchiveArgs {
  readonly bucketName: pulumi.Input<string>;
  /** Folder with `tools.tar.gz` and `tools.json`, as the build leaves them; relative to the program's folder. */
  readonly folder: string;
}

const manifestSchema = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });

/**
 * The tools that builds run (driver and policies), published under their content's hash.
 *
 * Never removed: a project of an earlier `up`, to which this installation may be taken back, still fetches its own.
 */
export class ToolsArchive extends pulumi.ComponentResource {
  /** SHA-256 of the archive, in hex. */
  readonly digest: string;
  readonly key: string;
  /** Completes when the archive is where builds look for it. */
  readonly published: pulumi.Resource;

  constructor(name: string, args: ToolsArchiveArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:ToolsArchive", name, {}, opts);
    const archive = join(args.folder, "tools.tar.gz");
    this.digest = toolsDigest(args.folder, this);
    this.key = `tools/${this.digest}.tar.gz`;

    this.published = new aws.s3.BucketObjectv2(
      // With the hash in its logical name a new archive is a new object, not a change of the old one.
      `${name}-${this.digest.slice(0, 12)}`,
      { bucket: args.bucketName, key: this.key, source: new pulumi.asset.FileAsset(archive) },
      { parent: this, retainOnDelete: true },
    );
    this.registerOutputs({ digest: this.digest });
  }
}

/** @throws ResourceError when the archive was not built, or is not the one that was described. */
function toolsDigest(folder: string, resource: pulumi.Resource): string {
  const archive = join(folder, "tools.tar.gz");
  const manifest = join(folder, "tools.json");
  for (const file of [archive, manifest]) {
    if (!existsSync(file)) throw new pulumi.ResourceError(`${file} is missing: run "npm run build" first`, resource);
  }
  const described = manifestSchema.safeParse(JSON.parse(readFileSync(manifest, "utf8")));
  const actual = createHash("sha256").update(readFileSync(archive)).digest("hex");
  if (described.data?.sha256 !== actual) {
    throw new pulumi.ResourceError(
      `${manifest} does not describe ${archive}, whose SHA-256 is ${actual}: run "npm run build" again`,
      resource,
    );
  }
  return actual;
}
