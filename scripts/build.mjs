#!/usr/bin/env node
// Bundles the command, the policy pack, the rollback function, the local cloud and its provider into build/, and packs the tools that a build in the pipeline fetches.
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const output = join(root, "build");
const stamp = join(output, "sources.sha256");
const SOURCES = [
  "automation",
  "runtime",
  "policy",
  "local",
  "scripts/build.mjs",
  "scripts/emptyTypeScript.mjs",
  "package-lock.json",
];

/** Rebuilds everything when any source changed since the last build; says how long it took. */
export async function bundleAll(say) {
  const digest = sourcesDigest();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  const started = Date.now();
  rmSync(stamp, { force: true });
  mkdirSync(output, { recursive: true });

  const { build } = await import("esbuild");
  const { driverBundle } = await import("../automation/bundle.mjs");
  const { completePack, policyBundle } = await import("../policy/bundle.mjs");
  const { rollbackBundle } = await import("../runtime/bundle.mjs");
  const bundles = [
    driverBundle(join(output, "kiro-pipeline.cjs")),
    policyBundle(join(output, "policy")),
    rollbackBundle(join(output, "rollback", "index.js")),
  ];
  // Without the folder local/ the product is complete, for AWS alone.
  if (existsSync(join(root, "local"))) {
    const { providerBundle } = await import("../local/provider/bundle.mjs");
    const { commandBundle } = await import("../local/cloud/bundle.mjs");
    bundles.push(
      providerBundle(join(output, "pulumi-resource-aws")),
      commandBundle("local/cli.ts", join(output, "local.cjs")),
      commandBundle("local/demo/main.ts", join(output, "demo.cjs")),
    );
  }
  await Promise.all(bundles.map((options) => build({ ...options, absWorkingDir: root, logLevel: "error" })));
  for (const name of ["kiro-pipeline.cjs", "pulumi-resource-aws"]) {
    if (existsSync(join(output, name))) chmodSync(join(output, name), 0o755);
  }
  completePack(root, join(output, "policy"));
  await packTools();
  writeFileSync(stamp, digest);
  say(`bundles ✔ ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function sourcesDigest() {
  const hash = createHash("sha256");
  for (const file of SOURCES.flatMap((name) => filesBelow(name)))
    hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

function filesBelow(name) {
  const path = join(root, name);
  if (!existsSync(path)) return [];
  if (/\.\w+$/.test(name)) return [name];
  return filesIn(path)
    .filter((file) => !file.includes("node_modules"))
    .map((file) => join(name, file));
}

/** Relative to the folder, in the order of their names. */
function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** `build/tools.tar.gz`, the same bytes for the same content wherever it is made, and its digest beside it. */
async function packTools() {
  const { create } = await import("tar");
  const folder = join(output, "tools");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(output, "kiro-pipeline.cjs"), join(folder, "kiro-pipeline.cjs"));
  cpSync(join(output, "policy"), join(folder, "policy"), { recursive: true });
  const archive = join(output, "tools.tar.gz");
  await create(
    { file: archive, cwd: folder, gzip: { portable: true }, portable: true, mtime: new Date(0) },
    filesIn(folder),
  );
  const sha256 = createHash("sha256").update(readFileSync(archive)).digest("hex");
  writeFileSync(join(output, "tools.json"), `${JSON.stringify({ sha256 }, null, 2)}\n`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await bundleAll((line) => console.error(`build: ${line}`));
}
