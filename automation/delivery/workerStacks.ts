import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Release } from "../../runtime/releases/domain";
import { type Releases } from "../../runtime/releases/ports";
import { applyOrPlanAgain, planBound, type PlanInputs } from "../engine/boundPlan";
import { policyRun, type PolicySource } from "../engine/policies";
import { type EngineStack } from "../engine/port";
import { forgetPending, type RepairOptions, withoutDeadLock } from "../engine/repair";
import {
  type OpenedWorkspace,
  openOrMakeStack,
  openStack,
  stateDigest,
  type WorkspaceOptions,
} from "../engine/workspace";
import { type FetchedToolchain } from "../engine/fetchToolchain";
import { renderStackConfig, type StackConfig } from "../installation/stackConfig";
import { type Progress } from "../progress";
import { type InfrastructureUndo, type UndoneInfrastructure, type WorkerInfrastructure } from "./ports";
import { projectOf, unpackProgram, type WorkerSurroundings, workerStackName, workerConfig } from "./workerProgram";

export interface WorkerStacksOptions {
  readonly surroundings: WorkerSurroundings;
  readonly backendUrl: string;
  readonly secretsProvider: string;
  /** Folder of this command alone; whoever made it removes it. */
  readonly temporary: string;
  /** Folder of the policy pack. */
  readonly pack: string;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly toolchain: () => Promise<FetchedToolchain>;
  readonly releases: Pick<Releases, "fetchFile" | "fetchLayer">;
  readonly progress: Progress;
}

/** The worker's infrastructure through the real engine, from the release's archives alone. */
export function workerStacks(options: WorkerStacksOptions): WorkerInfrastructure & InfrastructureUndo {
  const { surroundings, temporary, progress } = options;
  const stackName = workerStackName(surroundings.workerPrefix, surroundings.environment);

  async function open(release: Release, stack: { readonly readOnly: boolean; readonly level: PolicyLevel }) {
    const folder = await mkdtemp(join(temporary, "program-"));
    const [toolchain, program] = await Promise.all([
      options.toolchain(),
      progress.step("fetch the infrastructure program", () => unpackProgram(release, options.releases, folder)),
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
    const opened = await progress.step(`open the stack ${stackName}`, () =>
      stack.readOnly ? openWithoutMaking(workspace) : openOrMakeStack(workspace),
    );
    const config = workerConfig(workspace.project, surroundings, opened.secrets);
    return {
      ...opened,
      inputs: await planInputs({ ...options, program, config, level: stack.level, temporary: folder }),
    };
  }

  return {
    async preview(release, readOnly) {
      const { stack, state, inputs } = await open(release, { readOnly, level: "mandatory" });
      return planBound(stack, state, inputs);
    },
    async undo(release, message, alone) {
      const { stack, state, inputs } = await open(release, { readOnly: false, level: "advisory" });
      return undoBound(stack, state, inputs, message, alone);
    },
  };
}

type PolicyLevel = PolicySource["level"];

/** What a preview of a worker's program is made from; its files lie in a folder of this command alone. */
export async function planInputs(
  options: PolicySource & Pick<PlanInputs, "signal" | "progress"> & { readonly config: StackConfig },
): Promise<PlanInputs> {
  const { config, temporary, signal, progress } = options;
  // Taken instead of a Pulumi.{stack}.yaml beside the program, so that nothing is written there.
  const configFile = join(temporary, "stack-config.yaml");
  await writeFile(configFile, renderStackConfig(config));
  return { configFile, policies: await policyRun(options), judgeUpdate: false, temporary, signal, progress };
}

/** Clears what a killed update left behind, then previews and applies the program as a deployment does. */
export async function undoBound(
  stack: EngineStack,
  opened: string,
  inputs: PlanInputs,
  message: string,
  alone: () => Promise<void>,
): Promise<UndoneInfrastructure> {
  const { signal, progress, configFile } = inputs;
  const repair: RepairOptions = { alone, progress, signal, ...(configFile === undefined ? {} : { configFile }) };
  const pending = await forgetPending(stack, repair);
  const current = async (): Promise<string> => stateDigest((await stack.exportStack()).deployment);
  const plan = await planBound(stack, pending.length === 0 ? opened : await current(), inputs);
  const again = async () => planBound(stack, await current(), inputs);
  await withoutDeadLock(stack, repair, () => applyOrPlanAgain(plan, message, again, progress));
  return { counts: plan.classification.counts, pending };
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
