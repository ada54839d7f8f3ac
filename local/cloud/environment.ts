import { delimiter, dirname, join } from "node:path";
import { REGION } from "./cloud";
import { pulumiHome, toolchainBin } from "./pulumiHome";

export interface EnvironmentOptions {
  readonly root: string;
  readonly directory: string;
  readonly endpoint: string;
}

/** Variables that would lead a tool past the local cloud, or give it somebody else's credentials. */
const UNSET: readonly string[] = [
  "AWS_SESSION_TOKEN",
  "AWS_PROFILE",
  "AWS_DEFAULT_PROFILE",
  "AWS_ENDPOINT_URL_S3",
  "AWS_ENDPOINT_URL_STS",
  "AWS_ENDPOINT_URL_IAM",
  "AWS_ENDPOINT_URL_DYNAMODB",
  "AWS_ENDPOINT_URL_CODEBUILD",
  "AWS_ENDPOINT_URL_CODEPIPELINE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
];

/** What makes the plain `pulumi`, `aws` and any SDK work against the local cloud, without PATH. */
export function environment({ root, directory, endpoint }: EnvironmentOptions): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "false",
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    PULUMI_HOME: pulumiHome(root),
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    KIRO_CONFIG_OVERLAY: join(root, "local", "overlay.yaml"),
    KIRO_LOCAL_CLOUD: "true",
    KIRO_LOCAL_DIR: directory,
    KIRO_LOCAL_GIT_DIR: join(directory, "git"),
  };
}

/** The folders that come first on PATH: the pinned toolchain, then the AWS CLI of the emulator's environment. */
async function pathFolders(root: string): Promise<string[]> {
  return [await toolchainBin(root), join(root, ".local", "venv", "bin")];
}

/** All but PATH; `KIRO_TOOLCHAIN` is the folder that `setup toolchain` mirrors instead of downloading one. */
async function variables(options: EnvironmentOptions): Promise<Record<string, string>> {
  return { ...environment(options), KIRO_TOOLCHAIN: dirname(await toolchainBin(options.root)) };
}

/** The environment as lines for a POSIX shell's `eval`. */
export async function shellExports(options: EnvironmentOptions): Promise<string> {
  const folders = (await pathFolders(options.root)).map(quote).join(delimiter);
  const lines = Object.entries(await variables(options)).map(([name, value]) => `export ${name}=${quote(value)}`);
  return [`unset ${UNSET.join(" ")}`, ...lines, `export PATH=${folders}${delimiter}"$PATH"`].join("\n");
}

/** The environment with the whole PATH, for programs. */
export async function environmentWithPath(options: EnvironmentOptions, path: string): Promise<Record<string, string>> {
  const folders = await pathFolders(options.root);
  const others = path.split(delimiter).filter((folder) => folder !== "" && !folders.includes(folder));
  return { ...(await variables(options)), PATH: [...folders, ...others].join(delimiter) };
}

/** One word of a POSIX shell, whatever the text holds. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * What the background process is given of its starter's environment: nothing that speaks of a real account or of another
 * engine, and the AWS CLI of the emulator's environment on PATH, since builds call it.
 */
export function daemonEnvironment(root: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !/^(AWS|PULUMI)_/.test(name));
  const path = [join(root, ".local", "venv", "bin"), env["PATH"] ?? ""].join(delimiter);
  // Otherwise each start begins the log with the SDK's advice for a year that has not come.
  return { ...Object.fromEntries(kept), PATH: path, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };
}
