import { execFile, spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { LANGUAGE_HOST_VERSION, PULUMI_VERSION } from "./version.mjs";

const run = promisify(execFile);

/** How long the official download may stay silent before we build from Go modules instead: a closed network answers at once or never. */
const INSTALLER_PATIENCE_MS = 5_000;

/** Executables that the engine looks for beside `pulumi`; from elsewhere on PATH it warns. */
const BESIDE = ["pulumi-language-nodejs", "pulumi-analyzer-policy"];

/** `root/toolchain/v3.220.0`: `bin/` holds the CLI, its Node language host and the policy analyzer. */
const toolchainDir = (root) => join(root, "toolchain", `v${PULUMI_VERSION}`);

/**
 * Makes the pinned Pulumi toolchain available under `root` and says where it came from.
 * PATH, then the official installer, then a build from Go modules.
 * @returns {Promise<{bin: string, from: "ready" | "path" | "installer" | "go"}>}
 * @throws an Error whose message is one sentence with the remedy.
 */
export async function ensureToolchain(root, say) {
  const dir = toolchainDir(root);
  const bin = join(dir, "bin");
  if (await isComplete(bin)) return { bin, from: "ready" };

  const onPath = await findOnPath();
  if (onPath) {
    await assemble(dir, (target) => copyAll(onPath, target));
    return { bin, from: "path" };
  }
  say(`pulumi ${PULUMI_VERSION} is not on PATH, asking the official installer`);
  if (await install(dir, say)) return { bin, from: "installer" };

  const go = await goVersion();
  if (go === undefined || go < 1.25) {
    throw new Error(
      `Pulumi ${PULUMI_VERSION} is neither on PATH nor to be downloaded, and Go ${go ?? "is not installed"}${go ? " is too old" : ""}: ` +
        `install Go 1.25 or newer (https://go.dev/dl), or put pulumi ${PULUMI_VERSION} on PATH, and run the command again.`,
    );
  }
  say(`the installer cannot be reached, building pulumi ${PULUMI_VERSION} from its Go modules (about 4 minutes, once)`);
  await assemble(dir, buildFromModules);
  return { bin, from: "go" };
}

async function isComplete(bin) {
  return (
    BESIDE.every((name) => existsSync(join(bin, name))) && (await versionOf(join(bin, "pulumi"))) === PULUMI_VERSION
  );
}

async function versionOf(pulumi) {
  try {
    const { stdout } = await run(pulumi, ["version"], { timeout: 20_000 });
    return stdout.trim().replace(/^v/, "");
  } catch {
    return undefined; // absent, not executable, or not a pulumi: whichever, it is not the pinned one
  }
}

async function findOnPath() {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const candidate = join(folder, "pulumi");
    if (!existsSync(candidate)) continue;
    const real = dirname(realpathSync(candidate));
    if (BESIDE.every((name) => existsSync(join(real, name))) && (await versionOf(candidate)) === PULUMI_VERSION)
      return real;
  }
  return undefined;
}

async function install(dir, say) {
  const require = createRequire(import.meta.url);
  let timer;
  const silence = new Promise((resolve) => {
    timer = setTimeout(() => resolve(false), INSTALLER_PATIENCE_MS);
  });
  const reachable = fetch("https://get.pulumi.com/install.sh", { method: "HEAD" }).then(
    (response) => response.ok,
    () => false,
  );
  const answered = await Promise.race([reachable, silence]);
  clearTimeout(timer);
  if (!answered) return false;
  try {
    // Without a version it installs the one of the SDK itself, which a test keeps equal to PULUMI_VERSION.
    await require("@pulumi/pulumi/automation").PulumiCommand.install({ root: dir });
    return true;
  } catch (error) {
    say(`the official installer failed (${String(error).split("\n")[0]})`);
    return false;
  }
}

async function goVersion() {
  try {
    const { stdout } = await run("go", ["env", "GOVERSION"]);
    const match = /^go(\d+\.\d+)/.exec(stdout.trim());
    return match ? minor(match[1]) : undefined;
  } catch {
    return undefined; // no go on PATH
  }
}

/** "1.26" → 1.26, "1.9" → 1.09: comparable as a number. */
function minor(version) {
  const [major, second] = version.split(".").map(Number);
  return major + second / 100;
}

async function buildFromModules(bin) {
  const here = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname);
  const stamp = (version) => `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
  // One after the other: each build uses every core, and the first fills the cache of the second.
  await goBuild(
    join(here, "pulumi"),
    "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    stamp(PULUMI_VERSION),
    join(bin, "pulumi"),
  );
  await goBuild(
    join(here, "language-nodejs"),
    "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    stamp(LANGUAGE_HOST_VERSION),
    join(bin, "pulumi-language-nodejs"),
  );
  // The engine starts a nodejs policy pack through this executable; the pack's own @pulumi/pulumi holds the runner.
  writeFileSync(
    join(bin, "pulumi-analyzer-policy"),
    `#!/bin/sh\nexec node -e "require('@pulumi/pulumi/cmd/run-policy-pack')" "$0" "$@"\n`,
  );
  chmodSync(join(bin, "pulumi-analyzer-policy"), 0o755);
}

function goBuild(module, mainPackage, ldflags, output) {
  const args = ["build", "-trimpath", "-mod=readonly", "-ldflags", ldflags, "-o", output, mainPackage];
  return new Promise((resolve, reject) => {
    const child = spawn("go", args, {
      cwd: module,
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, GOFLAGS: "-buildvcs=false" },
    });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors = (errors + chunk).slice(-4_000);
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`go build of ${mainPackage} ended with ${code}; the last it said:\n${errors}`));
    });
  });
}

/** Fills a folder beside the target and renames it, so that an interrupted build never looks complete. */
async function assemble(dir, fill) {
  const draft = `${dir}.draft-${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(join(draft, "bin"), { recursive: true });
  try {
    await fill(join(draft, "bin"));
    rmSync(dir, { recursive: true, force: true });
    renameSync(draft, dir);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function copyAll(from, to) {
  for (const name of ["pulumi", ...BESIDE]) copyFileSync(join(from, name), join(to, name));
}
