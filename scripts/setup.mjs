#!/usr/bin/env node
// Makes a fresh checkout ready: packages, the emulator's Python environment, the Pulumi toolchain, the bundles.
// Plain Node without dependencies; does nothing, quickly, when nothing is to be done.
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const local = join(root, ".local");
const stamps = join(local, "stamps");
const run = promisify(execFile);

if (process.argv.includes("--help")) {
  console.log(
    "Usage: node scripts/setup.mjs\n\nInstalls what `npm start` and `npm test` need under node_modules/, build/ and .local/.\nSafe to repeat. Example: node scripts/setup.mjs && npx kiro-pipeline local start",
  );
  process.exit(0);
}

try {
  const started = Date.now();
  requireNode();
  mkdirSync(stamps, { recursive: true });
  const python = step(
    "emulator environment",
    "emulator",
    ["local/requirements.txt"],
    [".local/venv/bin/ministack"],
    installEmulator,
  );
  await step("packages", "packages", ["package-lock.json"], ["node_modules/.package-lock.json"], () => npmCi(root));
  const toolchain = pulumiToolchain();
  const worker = step(
    "packages of the sample worker",
    "worker-packages",
    ["examples/worker/package-lock.json", "examples/worker/infrastructure/package-lock.json"],
    ["examples/worker/node_modules", "examples/worker/infrastructure/node_modules"],
    async () => {
      // One after the other: both fill the same npm cache, from which the builds of the local cloud install.
      await npmCi(join(root, "examples/worker"));
      await npmCi(join(root, "examples/worker/infrastructure"));
    },
  );
  const { bundleAll } = await import("./build.mjs");
  await Promise.all([python, toolchain, worker, bundleAll(say)]);
  const seconds = (Date.now() - started) / 1000;
  if (seconds > 2) say(`ready after ${seconds.toFixed(1)} s`);
} catch (error) {
  console.error(`setup: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

function say(line) {
  console.error(`setup: ${line}`);
}

/** Runs `work` unless the same inputs have been through it before and its results still exist. */
async function step(title, name, inputs, results, work) {
  const stamp = join(stamps, name);
  const digest = createHash("sha256");
  for (const input of inputs) digest.update(readFileSync(join(root, input)));
  digest.update(process.version);
  const wanted = digest.digest("hex");
  const done = existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
  if (done && results.every((result) => existsSync(join(root, result)))) return;
  rmSync(stamp, { force: true });
  await timed(title, work);
  writeFileSync(stamp, wanted);
}

async function timed(title, work) {
  const started = Date.now();
  say(`${title} …`);
  await work();
  say(`${title} ✔ ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function requireNode() {
  const [major] = process.versions.node.split(".").map(Number);
  if (major < 20) {
    throw new Error(
      `Node ${process.versions.node} is too old: install Node 20 or newer (https://nodejs.org) and run the command again.`,
    );
  }
}

function npmCi(folder) {
  // No install scripts: none of our packages needs one (plugins and prebuilt binaries would be downloaded by them).
  return command(
    "npm",
    ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"],
    folder,
  );
}

async function installEmulator() {
  const python = await findPython();
  const venv = join(local, "venv");
  rmSync(venv, { recursive: true, force: true });
  await command(python, ["-m", "venv", venv], root);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"];
  await command(join(venv, "bin/python"), [...pip, "-r", join(root, "local/requirements.txt")], root);
}

async function findPython() {
  for (const name of ["python3", "python3.13", "python3.12", "python3.11", "python3.10", "python"]) {
    try {
      const { stdout } = await run(name, ["-c", "import sys, venv, ensurepip; print(sys.version_info >= (3, 10))"]);
      if (stdout.trim() === "True") return name;
    } catch {
      continue; // not on PATH, or without venv: the next name may do
    }
  }
  throw new Error(
    "no Python 3.10 or newer with venv was found: install it (Debian: apt-get install python3 python3-venv) and run the command again.",
  );
}

async function pulumiToolchain() {
  const { ensureToolchain } = await import("../local/toolchain/toolchain.mjs");
  const started = Date.now();
  const { from } = await ensureToolchain(local, say);
  if (from !== "ready") say(`Pulumi toolchain (${from}) ✔ ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function command(file, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk) => {
      output = (output + chunk).slice(-8_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => reject(new Error(`${file} cannot be run: ${error.message}`)));
    child.on("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`\`${file} ${args.join(" ")}\` ended with ${code}; the last it said:\n${output}`));
    });
  });
}
