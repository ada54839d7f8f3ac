#!/usr/bin/env node
// Runs the tests with coverage and ends with one line counted from the run itself.
// `npm test -- ARGS` hands ARGS to Jest instead (no coverage thresholds): npm test -- --selectProjects=unit
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, ".local", "test-results");
const report = join(folder, "jest.json");
const own = process.argv.slice(2);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const code = await jest([
  ...(own.length > 0 ? own : ["--coverage", "--maxWorkers=3"]),
  "--json",
  `--outputFile=${report}`,
]);
const { passed, failed, skipped } = count();
const executed = passed + failed;
if (executed === 0) console.error("test: no test was executed");
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
// Jest also fails for coverage below the thresholds, which no count shows.
process.exitCode = code === 0 && failed === 0 && executed > 0 ? 0 : 1;

function jest(args) {
  const child = spawn(process.execPath, [join(root, "node_modules/jest/bin/jest.js"), ...args], {
    cwd: root,
    // Jest prints its JSON on stdout as well when asked for an output file; coverage goes there, too.
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
  });
  child.stdout.setEncoding("utf8").on("data", (text) => process.stderr.write(text.startsWith("{") ? "" : text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exit) => resolve(exit ?? 1));
  });
}

function count() {
  try {
    const result = JSON.parse(readFileSync(report, "utf8"));
    return {
      passed: result.numPassedTests,
      // A file that cannot be loaded has no tests to fail, yet is a failure.
      failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
      skipped: result.numPendingTests + result.numTodoTests,
    };
  } catch (error) {
    console.error(`test: the result of the run cannot be read: ${error.message}`);
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
