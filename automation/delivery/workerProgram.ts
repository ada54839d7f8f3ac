import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { type Release } from "../../runtime/releases/domain";
import { type Releases } from "../../runtime/releases/ports";
import { type Environment } from "../../runtime/types";
import { projectName } from "../installation/projectRoot";
import { type StackConfig } from "../installation/stackConfig";
import { Problem } from "../problem";
import { untar } from "../release/archives";

/** What the worker's infrastructure program is told about where it runs. */
export interface WorkerSurroundings {
  readonly environment: Environment;
  readonly region: string;
  readonly accountId: string;
  readonly workerPrefix: string;
  readonly releasesBucket: string;
  readonly workerArtifactsBucket: string;
  readonly kmsKeyArn: string;
  readonly boundaryArn: string;
}

/** The release's infrastructure program with its dependencies, unpacked into a new folder. Needs no registry. */
export async function unpackProgram(
  release: Release,
  releases: Pick<Releases, "fetchFile" | "fetchLayer">,
  folder: string,
): Promise<string> {
  const program = join(folder, "infrastructure");
  await mkdir(program, { recursive: true });
  await untar(await releases.fetchFile(release, "infrastructure.tar.gz"), program);
  const layer = await releases.fetchLayer(release);
  if (layer !== undefined) await untar(layer, program);
  return program;
}

/** @throws Problem `usage` when the program's Pulumi.yaml has no name, or that of the installations. */
export async function projectOf(program: string): Promise<string> {
  const file = join(program, "Pulumi.yaml");
  const project = parse(await readFile(file, "utf8")) as { readonly name?: unknown } | null;
  if (project?.name === projectName) {
    // What the installations' components declare is believed by the policies.
    throw new Problem("usage", {
      what: "infrastructure/Pulumi.yaml has the name of the installations' program",
      value: projectName,
      allowed: "any other, such as kiro-worker",
    });
  }
  if (typeof project?.name === "string" && project.name !== "") return project.name;
  throw new Problem("usage", { what: "infrastructure/Pulumi.yaml has no name", allowed: "name: kiro-worker" });
}

/** The stack's config; the worker contract lists these keys. */
export function workerConfig(project: string, surroundings: WorkerSurroundings, secrets: StackConfig): StackConfig {
  const { region, environment, accountId, workerPrefix } = surroundings;
  return {
    ...secrets,
    config: {
      "aws:region": region,
      [`${project}:environment`]: environment,
      [`${project}:workerPrefix`]: workerPrefix,
      [`${project}:accountId`]: accountId,
      [`${project}:releasesBucket`]: surroundings.releasesBucket,
      [`${project}:artifactsBucket`]: surroundings.workerArtifactsBucket,
      [`${project}:permissionsBoundaryArn`]: surroundings.boundaryArn,
      [`${project}:kmsKeyArn`]: surroundings.kmsKeyArn,
    },
  };
}

export const workerStackName = (workerPrefix: string, environment: Environment): string =>
  `${workerPrefix}-${environment}`;
