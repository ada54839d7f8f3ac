import { access, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { getObject, statusOf } from "../../runtime/releases/objects";
import { sha256 } from "../../runtime/releases/domain";
import { s3Releases } from "../../runtime/releases/store";
import { projectOf, workerStackName, workerConfig } from "../delivery/workerProgram";
import { openThrowAway, planInputs } from "../delivery/workerStacks";
import { type BoundPlan, planBound } from "../engine/boundPlan";
import { fetchToolchain } from "../engine/fetchToolchain";
import { packDigest } from "../engine/policies";
import { dependenciesVariable } from "../gates/proof";
import { writeOutputs } from "../outputs";
import { type OutputsArgs } from "../commands";
import { gitCheckout } from "../release/checkout";
import { previewCheckout } from "../release/previewInfrastructure";
import { type Layers, publishRelease as publish } from "../release/publish";
import { type BuildSettings, buildSettings } from "../release/settings";
import { type CommandResult } from "../result";
import { s3Defaults, type Surroundings } from "./surroundings";

export async function publishRelease(
  { outputs }: OutputsArgs,
  { env, cwd, bundleFolder, progress }: Surroundings,
): Promise<CommandResult> {
  const settings = buildSettings(env);
  const { region, releasesBucket, coverageThreshold, toolsDigest, toolchainDigest } = settings;
  const s3 = new S3Client({ ...s3Defaults(env), region });
  const policyPack = await packDigest(join(bundleFolder, "policy"));
  const tools = { driver: toolsDigest, policyPack, toolchain: toolchainDigest };
  const { exports, ...result } = await publish(
    { folder: cwd, tools, coverageThreshold, dependenciesGate: env[dependenciesVariable] },
    {
      checkout: gitCheckout(cwd, settings.infrastructurePatterns),
      releases: s3Releases(s3, releasesBucket),
      layers: s3Layers(s3, releasesBucket),
      progress,
    },
  );
  await writeOutputs(outputs, exports);
  return result;
}

export async function previewInfrastructure(surroundings: Surroundings): Promise<CommandResult> {
  const settings = buildSettings(surroundings.env);
  const program = join(surroundings.cwd, "infrastructure");
  if (!(await exists(join(program, "Pulumi.yaml")))) return previewCheckout(undefined);
  const folder = await mkdtemp(join(surroundings.temporary, "kiro-pipeline-"));
  try {
    return await previewCheckout(() => previewInThrowAway(program, folder, settings, surroundings));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function previewInThrowAway(
  program: string,
  temporary: string,
  settings: BuildSettings,
  { env, home, bundleFolder, progress, signal }: Surroundings,
): Promise<BoundPlan> {
  const { region, accountId, workerPrefix, releasesBucket, toolchainDigest } = settings;
  const s3 = new S3Client({ ...s3Defaults(env), region });
  const toolchain = await fetchToolchain(toolchainDigest, home, fetcher(s3, releasesBucket), progress);
  const project = await projectOf(program);
  const stackName = workerStackName(workerPrefix, "test");
  const { stack, secrets, state } = await openThrowAway({
    workDir: program,
    project,
    stackName,
    temporary,
    toolchain: toolchain.root,
    env: { PATH: env["PATH"] ?? "", PULUMI_HOME: toolchain.pulumiHome, AWS_REGION: region },
  });
  const known = { region, accountId, workerPrefix, releasesBucket };
  const config = workerConfig(project, exampleSurroundings(known), secrets);
  const source = { pack: join(bundleFolder, "policy"), program, level: "mandatory", temporary } as const;
  return planBound(stack, state, await planInputs({ ...source, config, signal, progress }));
}

/** Nothing is made, so what Build must not know may be any well-formed name. */
function exampleSurroundings(known: {
  region: string;
  accountId: string;
  workerPrefix: string;
  releasesBucket: string;
}) {
  const { region, accountId, workerPrefix } = known;
  return {
    ...known,
    environment: "test" as const,
    workerArtifactsBucket: `${workerPrefix}-test-artifacts-${accountId}`,
    kmsKeyArn: `arn:aws:kms:${region}:${accountId}:key/00000000-0000-4000-8000-000000000000`,
    boundaryArn: `arn:aws:iam::${accountId}:policy/${workerPrefix}-test-boundary`,
  };
}

function s3Layers(s3: S3Client, bucket: string): Layers {
  return {
    async find(key) {
      try {
        const found = await getObject(s3, bucket, key);
        return found && sha256(found.body);
      } catch (error) {
        // Whoever may read but not list is told 403 for what is not there.
        if (statusOf(error) === 403) return undefined;
        throw error;
      }
    },
  };
}

/** Reads whole objects of a bucket; what is missing is a broken installation, not a case. */
export function fetcher(s3: S3Client, bucket: string): (key: string) => Promise<Uint8Array> {
  return async (key) => {
    const found = await getObject(s3, bucket, key);
    if (found === undefined) throw new Error(`there is no ${key} in ${bucket}: run \`kiro-pipeline setup toolchain\``);
    return found.body;
  };
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
