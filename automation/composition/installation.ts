import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { HeadBucketCommand, NotFound, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { policyRun } from "../engine/policies";
import { openOrMakeStack } from "../engine/workspace";
import { effectiveConfig, writeEffectiveConfig } from "../installation/effectiveConfig";
import { type Installation } from "../installation/names";
import { destroyInstallation, type OpenedStack, previewInstallation, upInstallation } from "../installation/operations";
import { findProjectRoot, projectName } from "../installation/projectRoot";
import { type Backend, chooseBackend, missingBackend, regionOf } from "../installation/settings";
import { parseStackConfig, type StackConfig, withSecrets } from "../installation/stackConfig";
import { type ChangeArgs, type InstallationArgs } from "../commands";
import { type CommandResult } from "../result";
import { clientDefaults, optional, s3Defaults, type Surroundings } from "./surroundings";

export const up = (args: ChangeArgs, surroundings: Surroundings) => onStack(args, surroundings, upInstallation);
export const preview = (args: InstallationArgs, surroundings: Surroundings) =>
  onStack({ ...args, yes: true }, surroundings, previewInstallation);
export const destroy = (args: ChangeArgs, surroundings: Surroundings) =>
  onStack(args, surroundings, destroyInstallation);

type Operation = (installation: Installation, opened: OpenedStack) => Promise<CommandResult>;

async function onStack(
  { installation, yes }: ChangeArgs,
  surroundings: Surroundings,
  operation: Operation,
): Promise<CommandResult> {
  const { env, cwd, bundleFolder, temporary, progress, signal } = surroundings;
  const workDir = await findProjectRoot([cwd, bundleFolder]);
  const region = regionOf(env);
  const backend = await reachableBackend(installation, surroundings, region);
  const overlaid = await overlaidConfig(workDir, installation, env["KIRO_CONFIG_OVERLAY"]);
  const secretsProvider =
    backend.secretsProvider ?? (overlaid ?? (await committedConfig(workDir, installation))).secretsprovider;
  const folder = await mkdtemp(join(temporary, "kiro-pipeline-"));
  try {
    const { stack, secrets, state } = await progress.step(`open the stack ${installation}`, () =>
      openOrMakeStack({
        workDir,
        project: projectName,
        stackName: installation,
        backendUrl: backend.url,
        temporary: folder,
        env: { AWS_REGION: region, PATH: env["PATH"] ?? "" },
        ...optional("secretsProvider", secretsProvider),
        ...optional("toolchain", env["KIRO_TOOLCHAIN"]),
      }),
    );
    const configFile =
      overlaid === undefined
        ? undefined
        : await writeEffectiveConfig(folder, installation, withSecrets(overlaid, secrets));
    const confirm = yes ? async () => true : surroundings.ask;
    const policies = await policyRun({
      pack: join(bundleFolder, "policy"),
      program: workDir,
      level: "mandatory",
      temporary: folder,
    });
    const inputs = {
      policies,
      judgeUpdate: true,
      stackFile: join(workDir, `Pulumi.${installation}.yaml`),
      temporary: folder,
      signal,
      progress,
      ...optional("configFile", configFile),
    };
    return await operation(installation, { stack, state, inputs, confirm });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function overlaidConfig(
  workDir: string,
  installation: Installation,
  overlayFile: string | undefined,
): Promise<StackConfig | undefined> {
  return overlayFile === undefined || overlayFile === ""
    ? undefined
    : effectiveConfig(workDir, installation, overlayFile);
}

async function committedConfig(workDir: string, installation: Installation): Promise<StackConfig> {
  const file = join(workDir, `Pulumi.${installation}.yaml`);
  return parseStackConfig(await readFile(file, "utf8"), file);
}

async function reachableBackend(installation: Installation, { env }: Surroundings, region: string): Promise<Backend> {
  const brought = env["PULUMI_BACKEND_URL"] ?? "";
  if (brought !== "") return chooseBackend(installation, env, "", region);
  const { Account: accountId = "" } = await new STSClient({ ...clientDefaults, region }).send(
    new GetCallerIdentityCommand({}),
  );
  const backend = chooseBackend(installation, env, accountId, region);
  if (backend.bucket === undefined) return backend;
  try {
    await new S3Client({ ...s3Defaults(env), region }).send(new HeadBucketCommand({ Bucket: backend.bucket }));
    return backend;
  } catch (error) {
    if (error instanceof NotFound) throw missingBackend(installation, backend.bucket);
    throw error;
  }
}
