#!/usr/bin/env node
// Starts the bundled command. `local …` is a bundle of its own, so that the product works without the local cloud.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bundle = join(root, "build", process.argv[2] === "local" ? "local.cjs" : "kiro-pipeline.cjs");
if (existsSync(bundle)) {
  createRequire(import.meta.url)(bundle);
} else {
  console.error(`kiro-pipeline is not built yet: run \`node scripts/setup.mjs\` in ${root} and try again.`);
  process.exitCode = 2;
}
