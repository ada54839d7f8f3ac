import { join } from "node:path";
import { KMSClient } from "@aws-sdk/client-kms";
import { HeadObjectCommand, NotFound, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { installToolchain } from "../engine/workspace";
import { releasesBucket } from "../installation/names";
import { regionOf } from "../installation/settings";
import { type InstallationArgs } from "../commands";
import { type CommandResult } from "../result";
import { awsBackendResources } from "../setup/awsBackend";
import { setUpBackend } from "../setup/backend";
import { setUpToolchain, type ToolchainPorts } from "../setup/toolchain";
import { packToolchain, type ToolchainFolders, toolchainOnPath } from "../setup/toolchainFolder";
import { clientDefaults, s3Defaults, type Surroundings } from "./surroundings";

export async function setupBackend(
  { installation }: InstallationArgs,
  { env, progress }: Surroundings,
): Promise<CommandResult> {
  const region = regionOf(env);
  const kms = new KMSClient({ ...clientDefaults, region });
  const s3 = new S3Client({ ...s3Defaults(env), region });
  return setUpBackend(installation, await account(region), region, awsBackendResources(kms, s3, region), progress);
}

export async function setupToolchain(
  { installation }: InstallationArgs,
  surroundings: Surroundings,
): Promise<CommandResult> {
  const { env, progress, temporary } = surroundings;
  const region = regionOf(env);
  const bucket = releasesBucket(installation, await account(region));
  const folders = await toolchainFolders(surroundings);
  const stores = toolchainStores(
    new S3Client({ ...s3Defaults(env), region }),
    new SSMClient({ ...clientDefaults, region }),
    bucket,
  );
  return setUpToolchain(installation, { ...stores, pack: () => packToolchain(folders, temporary) }, progress);
}

/** The toolchain that the environment names, else the one on PATH, else the official one beside the user's own. */
async function toolchainFolders({ env, home, progress }: Surroundings): Promise<ToolchainFolders> {
  const pulumiHome = env["PULUMI_HOME"] ?? join(home, ".pulumi");
  const named = env["KIRO_TOOLCHAIN"];
  if (named !== undefined && named !== "") return { toolchain: named, pulumiHome };
  const onPath = await toolchainOnPath(env["PATH"] ?? "");
  if (onPath !== undefined) return { toolchain: onPath, pulumiHome };
  const toolchain = join(home, ".kiro", "pulumi");
  await progress.step("install the official toolchain", () => installToolchain(toolchain, pulumiHome));
  return { toolchain, pulumiHome };
}

function toolchainStores(s3: S3Client, ssm: SSMClient, Bucket: string): Omit<ToolchainPorts, "pack"> {
  return {
    async isPublished(Key) {
      try {
        await s3.send(new HeadObjectCommand({ Bucket, Key }));
        return true;
      } catch (error) {
        if (error instanceof NotFound) return false;
        throw error;
      }
    },
    async publish(Key, Body) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "application/gzip" }));
    },
    async readParameter(Name) {
      try {
        return (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined;
        throw error;
      }
    },
    async writeParameter(Name, Value) {
      await ssm.send(new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true }));
    },
  };
}

async function account(region: string): Promise<string> {
  const { Account: accountId } = await new STSClient({ ...clientDefaults, region }).send(
    new GetCallerIdentityCommand({}),
  );
  if (accountId === undefined) throw new Error("STS did not name the account");
  return accountId;
}
