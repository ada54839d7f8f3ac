#!/usr/bin/env node
// Runs the tests, the quick kinds with coverage first, and ends with one line counted from the runs themselves.
// `npm test -- ARGS` hands ARGS to one Jest run instead (no coverage thresholds): npm test -- --selectProjects unit
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const results = join(root, ".local", "test-results");
const own = process.argv.slice(2);
const runs =
  own.length > 0
    ? [{ name: "chosen", args: own }]
    : [
        { name: "quick", args: ["--coverage", "--selectProjects", "unit", "property", "integration"] },
        // A scenario fills the machine by itself: two at once would only wait for each other.
        { name: "scenario", args: ["--runInBand", "--selectProjects", "scenario"] },
      ];

rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
const total = { passed: 0, failed: 0, skipped: 0 };
let broken = false;
for (const { name, args } of runs) {
  const file = join(results, `${name}.json`);
  const code = await jest([...args, "--json", `--outputFile=${file}`]);
  const counted = count(file);
  if (counted === undefined || counted.passed + counted.failed === 0) {
    console.error(`test: the run "${name}" executed no test`);
    broken = true;
    continue;
  }
  if (code !== 0) broken = true; // failures, or coverage below the thresholds
  for (const key of Object.keys(total)) total[key] += counted[key];
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = broken ? 1 : 0;

function jest(args) {
  const child = spawn(process.execPath, [join(root, "node_modules/jest/bin/jest.js"), ...args], {
    cwd: root,
    // Jest prints its JSON on stdout as well when asked for an output file; its report goes to stderr.
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, FORCE_COLOR: process.env.FORCE_COLOR ?? (process.stderr.isTTY ? "1" : "0") },
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

function count(file) {
  try {
    const report = JSON.parse(readFileSync(file, "utf8"));
    return {
      passed: report.numPassedTests,
      // A file that cannot be loaded has no tests to fail, yet is a failure.
      failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch (error) {
    console.error(`test: no result of the run could be read: ${error.message}`);
    return undefined;
  }
}
