import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { version as engineVersion } from "@pulumi/pulumi/version";
import { type Surroundings } from "../../../automation/composition/surroundings";
import { SERVICES } from "../../../local/cloud/services";
import { startCloud, type TestCloud } from "../../support/emulator";
import { RecordedProgress } from "../../unit/automation/support/progress";

const root = join(__dirname, "../../..");
const account = "000000000000";

/** A cloud of the test's own, and what the command is given of a process that runs in it. */
export interface Place {
  readonly cloud: TestCloud;
  readonly account: string;
  /** Removed at the end. */
  readonly folder: string;
  /** The surroundings of one command, run in `cwd` with more variables. */
  surroundings(
    cwd: string,
    env?: Readonly<Record<string, string>>,
  ): Surroundings & { readonly progress: RecordedProgress };
  leave(): Promise<void>;
}

/** SDK clients and the engine read the process's environment, so the test's own is changed until it leaves. */
export async function enter(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "automation-"));
  const before = { ...process.env };
  // Builds call the AWS CLI of the emulator's environment.
  process.env["PATH"] = [join(root, ".local/venv/bin"), before["PATH"] ?? ""].join(delimiter);
  const cloud = await startCloud(join(folder, "cloud"), SERVICES);
  const home = join(folder, "home");
  await mkdir(home);
  Object.assign(process.env, cloud.env, { PULUMI_HOME: join(folder, "pulumi-home"), PULUMI_SKIP_UPDATE_CHECK: "true" });
  delete process.env["PULUMI_BACKEND_URL"];
  return {
    cloud,
    account,
    folder,
    surroundings: (cwd, env = {}) => ({
      env: { ...process.env, KIRO_TOOLCHAIN: join(root, ".local/toolchain", `v${engineVersion}`), ...env },
      cwd,
      home,
      temporary: folder,
      bundleFolder: join(root, "build"),
      progress: new RecordedProgress(),
      signal: new AbortController().signal,
      ask: (question) => Promise.reject(new Error(`nobody can be asked: ${question}`)),
    }),
    leave: async () => {
      await cloud.stop();
      process.env = before;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

/** Lets a Pulumi program in `folder` use this project's packages. */
export async function linkPackages(folder: string): Promise<void> {
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
}

/** A package that stands for `@pulumi/pulumi`, small enough to be packed into a layer in no time. */
export const pulumiShim: Readonly<Record<string, string>> = {
  "node_modules/@pulumi/pulumi/package.json": JSON.stringify({ name: "@pulumi/pulumi", version: engineVersion }),
  "node_modules/@pulumi/pulumi/index.js": `module.exports = require(${JSON.stringify(join(root, "node_modules/@pulumi/pulumi"))});\n`,
  "node_modules/@pulumi/pulumi/cmd/run/index.js": `require(${JSON.stringify(join(root, "node_modules/@pulumi/pulumi/cmd/run"))});\n`,
};
