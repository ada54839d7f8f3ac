import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  LocalWorkspace,
  type LocalWorkspaceOptions,
  PulumiCommand,
  type Stack,
  StackAlreadyExistsError,
  StackNotFoundError,
} from "@pulumi/pulumi/automation";
import { sha256 } from "../../runtime/releases/domain";
import { type StackConfig } from "../installation/stackConfig";
import { messageOf, Problem } from "../problem";

export interface WorkspaceOptions {
  /** Folder of the Pulumi program. */
  readonly workDir: string;
  /** `name` of the project in its Pulumi.yaml. */
  readonly project: string;
  readonly stackName: string;
  readonly backendUrl: string;
  /** For a stack that has to be made. Absent: the backend's default. */
  readonly secretsProvider?: string;
  /** Folder with `bin/pulumi`; absent: the one on PATH. */
  readonly toolchain?: string;
  /** Laid over the environment of this process for every command of the engine. */
  readonly env: Readonly<Record<string, string>>;
  /** Parent of temporary folders. */
  readonly temporary: string;
}

export interface OpenedWorkspace {
  readonly stack: Stack;
  /** What a config file must say for the engine to read the stack's secrets; taken from its state. */
  readonly secrets: StackConfig;
  /** Digest of its state when it was opened. */
  readonly state: string;
}

/**
 * Opens a stack of the real engine; undefined when there is none.
 * @throws Problem `usage` when no engine is to be had, `failed` with the engine's own words otherwise.
 */
export async function openStack(options: WorkspaceOptions): Promise<OpenedWorkspace | undefined> {
  return select(options, await workspaceOptions(options));
}

/**
 * Opens a stack, making it when there is none. A new one is made from an empty project elsewhere, because the engine
 * writes its secrets settings beside `Pulumi.yaml` and would dirty a checkout.
 */
export async function openOrMakeStack(options: WorkspaceOptions): Promise<OpenedWorkspace> {
  const { stackName, project, temporary } = options;
  const workspace = await workspaceOptions(options);
  const existing = await select(options, workspace);
  if (existing !== undefined) return existing;
  const scratch = await mkdtemp(join(temporary, "stack-"));
  try {
    await writeFile(join(scratch, "Pulumi.yaml"), `name: ${project}\nruntime: nodejs\n`);
    await makeStack(() => LocalWorkspace.createStack({ stackName, workDir: scratch }, workspace));
  } catch (error) {
    throw engineSaid(error, `making the stack ${stackName}`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  const made = await select(options, workspace);
  if (made === undefined) throw new Error(`the stack ${stackName} was made and is not there`);
  return made;
}

async function select(
  { stackName, workDir }: WorkspaceOptions,
  workspace: LocalWorkspaceOptions,
): Promise<OpenedWorkspace | undefined> {
  try {
    const stack = await LocalWorkspace.selectStack({ stackName, workDir }, workspace);
    const deployment: unknown = (await stack.exportStack()).deployment;
    return { stack, secrets: secretsIn(deployment), state: stateDigest(deployment) };
  } catch (error) {
    if (error instanceof StackNotFoundError) return undefined;
    throw engineSaid(error, `opening the stack ${stackName}`);
  }
}

/** A connection that broke says nothing about the stack, and making it twice is making it once; three times is an outage. */
async function makeStack(make: () => Promise<Stack>, attempts = 3): Promise<void> {
  try {
    await make();
  } catch (error) {
    if (error instanceof StackAlreadyExistsError) return;
    const broke = /closed network connection|connection reset|EOF/.test(messageOf(error));
    if (!broke || attempts <= 1) throw error;
    await makeStack(make, attempts - 1);
  }
}

async function workspaceOptions(options: WorkspaceOptions): Promise<LocalWorkspaceOptions> {
  const { toolchain, backendUrl, env, secretsProvider } = options;
  return {
    pulumiCommand: await engine(toolchain),
    envVars: {
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // The state of an installation is some 300 KB and written twice a resource: a tenth of it travels compressed.
      PULUMI_DIY_BACKEND_GZIP: "true",
      PULUMI_BACKEND_URL: backendUrl,
      // The engine looks for its language host beside itself, and then on PATH.
      ...(toolchain === undefined ? {} : { PATH: `${join(toolchain, "bin")}:${env["PATH"] ?? ""}` }),
      ...withoutPath(env),
    },
    ...(secretsProvider === undefined ? {} : { secretsProvider }),
  };
}

const withoutPath = (env: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => name !== "PATH"));

async function engine(toolchain: string | undefined): Promise<PulumiCommand> {
  try {
    return await PulumiCommand.get(toolchain === undefined ? {} : { root: toolchain });
  } catch (error) {
    throw new Problem(
      "usage",
      {
        what: "The Pulumi engine cannot be started",
        value: toolchain ?? "pulumi on PATH",
        remedy: "Run `npm run setup`, or put the version of @pulumi/pulumi in package.json on PATH.",
      },
      { cause: error },
    );
  }
}

/** Installs the official engine of the version of `@pulumi/pulumi` under `root`, and the provider plugin into `pulumiHome`. */
export async function installToolchain(root: string, pulumiHome: string): Promise<void> {
  const pulumiCommand = await PulumiCommand.install({ root });
  const workspace = await LocalWorkspace.create({ pulumiCommand, pulumiHome });
  await workspace.installPlugin("aws", "v7.48.0");
}

/** Names a state: every update of a stack changes it. */
export const stateDigest = (deployment: unknown): string => sha256(JSON.stringify(deployment));

/** The secrets settings that a state carries: a new data key would make the old ones unreadable. */
export function secretsIn(deployment: unknown): StackConfig {
  const { secrets_providers: provider } = (deployment ?? {}) as {
    readonly secrets_providers?: { readonly type?: string; readonly state?: Readonly<Record<string, string>> };
  };
  const { url, encryptedkey, salt } = provider?.state ?? {};
  return {
    ...(url === undefined ? {} : { secretsprovider: url }),
    ...(encryptedkey === undefined ? {} : { encryptedkey }),
    ...(salt === undefined ? {} : { encryptionsalt: salt }),
  };
}

/** The engine's own error lines: its error object repeats the whole output. */
function engineSaid(error: unknown, doing: string): Error {
  const lines = messageOf(error)
    .split("\n")
    .map((line) => line.trim().replace(/^stderr: /, ""))
    .filter((line) => line.startsWith("error:"));
  if (lines.length === 0) return error instanceof Error ? error : new Error(String(error));
  return new Problem("failed", { what: `${doing}: ${[...new Set(lines)].join("; ")}` }, { cause: error });
}
