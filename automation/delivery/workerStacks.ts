import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Release } from "../../runtime/releases/domain";
import { type Releases } from "../../runtime/releases/ports";
import { type EngineStack } from "../engine/port";
import { forgetPending, type RepairOptions, withoutDeadLock } from "../engine/repair";
import { runEngine } from "../engine/run";
import {
  type OpenedWorkspace,
  openOrMakeStack,
  openStack,
  stateDigest,
  type WorkspaceOptions,
} from "../engine/workspace";
import { type FetchedToolchain } from "../engine/fetchToolchain";
import { renderStackConfig, type StackConfig } from "../installation/stackConfig";
import { Problem } from "../problem";
import { type Progress } from "../progress";
import {
  type InfrastructureUndo,
  type PreviewedInfrastructure,
  type UndoneInfrastructure,
  type WorkerInfrastructure,
} from "./ports";
import { projectOf, unpackProgram, type WorkerSurroundings, workerStackName, workerConfig } from "./workerProgram";

export interface WorkerStacksOptions {
  readonly surroundings: WorkerSurroundings;
  readonly backendUrl: string;
  readonly secretsProvider: string;
  /** Folder of this command alone; whoever made it removes it. */
  readonly temporary: string;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly toolchain: () => Promise<FetchedToolchain>;
  readonly releases: Pick<Releases, "fetchFile" | "fetchLayer">;
  readonly progress: Progress;
}

/** The worker's infrastructure through the real engine, from the release's archives alone. */
export function workerStacks(options: WorkerStacksOptions): WorkerInfrastructure & InfrastructureUndo {
  const { surroundings, temporary, progress, signal } = options;
  const stackName = workerStackName(surroundings.workerPrefix, surroundings.environment);

  async function open(release: Release, readOnly: boolean): Promise<{ stack: EngineStack; bound: BoundPreview }> {
    const [toolchain, program] = await Promise.all([
      options.toolchain(),
      progress.step("fetch the infrastructure program", async () =>
        unpackProgram(release, options.releases, await mkdtemp(join(temporary, "program-"))),
      ),
    ]);
    const workspace: WorkspaceOptions = {
      workDir: program,
      project: await projectOf(program),
      stackName,
      backendUrl: options.backendUrl,
      secretsProvider: options.secretsProvider,
      temporary,
      toolchain: toolchain.root,
      env: { PATH: options.path, PULUMI_HOME: toolchain.pulumiHome, AWS_REGION: surroundings.region },
    };
    const { stack, secrets, state } = await progress.step(`open the stack ${stackName}`, () =>
      readOnly ? openWithoutMaking(workspace) : openOrMakeStack(workspace),
    );
    const config = workerConfig(workspace.project, surroundings, secrets);
    return { stack, bound: { config, state, temporary, signal, progress } };
  }

  return {
    async preview(release, readOnly) {
      const { stack, bound } = await open(release, readOnly);
      return previewBound(stack, bound);
    },
    async undo(release, message, alone) {
      const { stack, bound } = await open(release, false);
      return undoBound(stack, bound, message, alone);
    },
  };
}

export interface BoundPreview {
  /** Taken instead of a `Pulumi.{stack}.yaml` beside the program, so that nothing is written there. */
  readonly config: StackConfig;
  /** Digest of the state that is previewed. */
  readonly state: string;
  /** Folder of this command alone. */
  readonly temporary: string;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** A preview whose plan is applied only to the state that it was made from: the engine itself does not check that. */
export async function previewBound(stack: EngineStack, bound: BoundPreview): Promise<PreviewedInfrastructure> {
  const { temporary, signal, progress } = bound;
  const plan = join(temporary, "plan.json");
  const configFile = await configFileOf(bound);
  const { result, events } = await runEngine("preview", progress, (hooks) =>
    stack.preview({ ...hooks, plan, configFile, signal }),
  );
  return {
    counts: result.changeSummary,
    changes: events.changes,
    async apply(message) {
      if (stateDigest((await stack.exportStack()).deployment) !== bound.state) {
        throw new Problem("failed", {
          what: "The state of the worker's infrastructure has changed since its preview",
          remedy: "Start the pipeline again; find out who else updates this stack.",
        });
      }
      await runEngine("up", progress, (hooks) =>
        stack.up({ ...hooks, plan, configFile, message, showSecrets: false, signal }),
      );
    },
  };
}

/** Clears what a killed update left behind, then previews and applies the program as a deployment does. */
export async function undoBound(
  stack: EngineStack,
  bound: BoundPreview,
  message: string,
  alone: () => Promise<void>,
): Promise<UndoneInfrastructure> {
  const { signal, progress } = bound;
  const repair: RepairOptions = { alone, progress, signal, configFile: await configFileOf(bound) };
  const pending = await forgetPending(stack, repair);
  const state = pending.length === 0 ? bound.state : stateDigest((await stack.exportStack()).deployment);
  const previewed = await previewBound(stack, { ...bound, state });
  await withoutDeadLock(stack, repair, () => previewed.apply(message));
  return { counts: previewed.counts, pending };
}

async function configFileOf({ temporary, config }: BoundPreview): Promise<string> {
  const file = join(temporary, "stack-config.yaml");
  await writeFile(file, renderStackConfig(config));
  return file;
}

/** Nothing is written for a plan: where there is no stack yet, an empty one in a folder shows the same. */
async function openWithoutMaking(workspace: WorkspaceOptions): Promise<OpenedWorkspace> {
  return (await openStack(workspace)) ?? openThrowAway(workspace);
}

/** An empty stack that lives in a temporary folder and is encrypted by a passphrase that nobody needs again. */
export async function openThrowAway(workspace: Omit<WorkspaceOptions, "backendUrl">): Promise<OpenedWorkspace> {
  const backend = await mkdtemp(join(workspace.temporary, "backend-"));
  return openOrMakeStack({
    ...workspace,
    backendUrl: `file://${backend}`,
    secretsProvider: "passphrase",
    env: { ...workspace.env, PULUMI_CONFIG_PASSPHRASE: "throw-away" },
  });
}
