#!/usr/bin/env node
// Writes docs/policies.md as the policy pack's rules have it.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const { outputFiles } = await build({
  entryPoints: ["policy/docs.ts"],
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  write: false,
  logLevel: "error",
});
const { policiesPage } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
writeFileSync(join(root, "docs", "policies.md"), policiesPage());
