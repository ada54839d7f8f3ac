#!/usr/bin/env node
// Runs the benchmarks: `npm run bench`. Figures are for the machine and the moment; compare those of one run.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { commandBundle } from "../local/cloud/bundle.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, ".local", "bench");
mkdirSync(folder, { recursive: true });
const bundle = join(folder, "changes.cjs");
await build({ ...commandBundle("bench/changes.ts", bundle), absWorkingDir: root, logLevel: "error" });
spawn(process.execPath, [bundle], { cwd: root, stdio: "inherit" }).on("close", (code) => {
  process.exitCode = code ?? 1;
});
