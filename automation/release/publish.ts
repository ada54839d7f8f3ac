import { type Release, sha256 } from "../../runtime/releases/domain";
import { type ReleaseContent, type Releases } from "../../runtime/releases/ports";
import { Problem } from "../problem";
import { type Progress } from "../progress";
import { type CommandResult, ok } from "../result";
import { type Checkout } from "./checkout";
import { packApplication, packInfrastructure, packLayer } from "./content";
import { readOptional } from "./files";
import { provenBy } from "./proven";

/** Layers that are published already. */
export interface Layers {
  /** SHA-256 (hex) of the layer's archive, undefined when there is none under this key. */
  find(key: string): Promise<string | undefined>;
}

export interface PublishPorts {
  readonly checkout: Checkout;
  readonly releases: Pick<Releases, "publish">;
  readonly layers: Layers;
  readonly progress: Progress;
}

export interface PublishOptions {
  /** Folder of the built checkout. */
  readonly folder: string;
  /** Least percent of covered lines; the worker's gate. */
  readonly coverageThreshold: number;
  /** What the dependency gate of this build exported. */
  readonly dependenciesGate: string | undefined;
  readonly tools: Release["tools"];
}

/** Packs the built checkout and publishes it as the release of its commit. Publishing the same again changes nothing. */
export async function publishRelease(
  options: PublishOptions,
  ports: PublishPorts,
): Promise<CommandResult & { readonly exports: Record<string, string> }> {
  const { folder, tools } = options;
  const { progress, checkout } = ports;
  const { testResults, gates } = await provenBy(folder, options.coverageThreshold, options.dependenciesGate);
  const { changedFiles, ancestors, ...commit } = await checkout.commit();
  const packed = await progress.step("pack", async () => ({
    application: await packApplication(folder),
    infrastructure: await packInfrastructure(folder, await checkout.infrastructureFiles()),
  }));
  const layer =
    packed.infrastructure === undefined ? undefined : await layerOf(folder, packed.infrastructure.lockDigest, ports);
  const compatible = await rollbackCompatibleFrom(folder);
  const release: Release = {
    schema: 1,
    ...commit,
    ancestors: [...ancestors],
    files: {
      "application.zip": describe(packed.application),
      ...(packed.infrastructure === undefined
        ? {}
        : { "infrastructure.tar.gz": describe(packed.infrastructure.archive) }),
    },
    ...(layer === undefined ? {} : { layer: { key: layer.key, sha256: layer.sha256 } }),
    infrastructureDigest: packed.infrastructure?.digest ?? null,
    changedFiles: changedFiles === null ? null : [...changedFiles],
    testResults,
    gates,
    rollbackCompatibleFrom: compatible === undefined ? null : await checkout.sequenceOf(compatible),
    tools,
  };
  const content: ReleaseContent = {
    release,
    files: {
      "application.zip": packed.application,
      ...(packed.infrastructure === undefined ? {} : { "infrastructure.tar.gz": packed.infrastructure.archive }),
    },
    ...(layer?.content === undefined ? {} : { layer: layer.content }),
  };
  const outcome = await progress.step("publish", () => ports.releases.publish(content));
  if (outcome.kind === "refused") {
    throw new Problem("refused", {
      what: `release ${release.version}: ${outcome.because}`,
      remedy: "A release is immutable: make a new commit.",
    });
  }
  const { digest } = outcome;
  const said = outcome.kind === "published" ? "published" : "was published before, with the same content";
  return {
    ...ok(
      {
        version: release.version,
        digest,
        sequence: release.sequence,
        outcome: outcome.kind,
        infrastructureDigest: release.infrastructureDigest,
      },
      [`release ${release.version} (number ${release.sequence}) ${said}`, `  digest ${digest}`],
    ),
    exports: { RELEASE_VERSION: release.version, RELEASE_DIGEST: digest },
  };
}

const describe = (content: Uint8Array): { sha256: string; size: number } => ({
  sha256: sha256(content),
  size: content.byteLength,
});

interface Layer {
  readonly key: string;
  readonly sha256: string;
  /** Absent when it is published already. */
  readonly content?: Uint8Array;
}

async function layerOf(folder: string, lockDigest: string, { layers, progress }: PublishPorts): Promise<Layer> {
  const key = `layers/${lockDigest}.tar.gz`;
  const published = await layers.find(key);
  if (published !== undefined) return { key, sha256: published };
  const content = await progress.step("pack the dependencies of the infrastructure", () => packLayer(folder));
  return { key, sha256: sha256(content), content };
}

/** What `kiro-release.json` says about how far back a rollback from this release may go. */
async function rollbackCompatibleFrom(folder: string): Promise<string | undefined> {
  const text = await readOptional(folder, "kiro-release.json");
  if (text === undefined) return undefined;
  const { rollbackCompatibleFrom: from } = JSON.parse(text) as { readonly rollbackCompatibleFrom?: unknown };
  if (from === undefined || typeof from === "string") return from;
  throw new Problem("usage", {
    what: "rollbackCompatibleFrom in kiro-release.json is not text",
    value: JSON.stringify(from),
    allowed: "the SHA of the oldest commit that a rollback may go back to",
  });
}
