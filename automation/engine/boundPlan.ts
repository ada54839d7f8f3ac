import { join } from "node:path";
import { type EngineEvent } from "@pulumi/pulumi/automation";
import { beyond, scopeOf } from "../changes/scope";
import { classify } from "../changes/classify";
import { type Classification } from "../changes/domain";
import { Problem } from "../problem";
import { type Progress } from "../progress";
import { sha256 } from "../../runtime/releases/domain";
import { readFile } from "node:fs/promises";
import { type EventReader, type ResourceChange } from "./events";
import { packDigest, type PolicyRun } from "./policies";
import { type EngineStack } from "./port";
import { EngineProblem, runEngine } from "./run";
import { stateDigest } from "./workspace";

export interface PlanInputs {
  /** Taken instead of a `Pulumi.{stack}.yaml` beside the program. */
  readonly configFile?: string;
  /** The `Pulumi.{stack}.yaml` beside the program, where that is what the engine reads. */
  readonly stackFile?: string;
  readonly policies: PolicyRun;
  /**
   * Judge once more at the end of the update. For programs whose components declare what the preview cannot know; in
   * others nothing that decides a rule is open after the preview.
   */
  readonly judgeUpdate: boolean;
  /** Folder of this command alone. */
  readonly temporary: string;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** A preview that passed the policies, and the plan that it left. */
export interface BoundPlan {
  readonly classification: Classification;
  readonly changes: readonly ResourceChange[];
  /** Digest of the policy pack that it passed. */
  readonly policyPack: string;
  /** One line for each exemption that it passed with. */
  readonly exemptions: readonly string[];
  /**
   * Does exactly what was previewed.
   * @throws StalePlan when what it was made from has moved, and nothing was changed.
   */
  apply(message: string): Promise<EventReader>;
}

/** A plan is not for what is there now. Nothing was changed: it can be made again. */
export class StalePlan extends Problem {
  constructor(moved: string, cause?: unknown) {
    super(
      "failed",
      { what: `The plan is stale: ${moved}`, remedy: "Find out who else updates this stack, then run it again." },
      { cause },
    );
    this.name = "StalePlan";
  }
}

/**
 * Previews a stack under the policies. Its plan is applied only to the state, by the policy pack and with the config that
 * it was made from: the engine itself checks none of them.
 *
 * @param state digest of the state that is previewed.
 * @throws EngineProblem that lists every violation of a policy.
 */
export async function planBound(stack: EngineStack, state: string, inputs: PlanInputs): Promise<BoundPlan> {
  const { configFile, policies, temporary, signal, progress } = inputs;
  const { policyPacks, policyPackConfigs, digest: policyPack } = policies;
  const plan = join(temporary, "plan.json");
  const options = { signal, ...(configFile === undefined ? {} : { configFile }) };
  const judged = { policyPacks, policyPackConfigs };
  for (const exemption of policies.exemptions) progress.line(`  exempt: ${exemption}`);
  const made = await bindings(state, inputs);
  const told: EngineEvent[] = [];
  const { events } = await runEngine("preview", progress, ({ onEvent, onError }) =>
    stack.preview({ ...options, ...judged, plan, onError, onEvent: (event) => (told.push(event), onEvent(event)) }),
  );
  return {
    classification: classify(told),
    changes: events.changes,
    policyPack,
    exemptions: policies.exemptions,
    async apply(message) {
      const now = await bindings(stateDigest((await stack.exportStack()).deployment), inputs);
      const moved = Object.entries(made).filter(([name, digest]) => now[name] !== digest);
      if (moved.length > 0) throw new StalePlan(`${moved.map(([name]) => name).join(", ")} changed since the preview`);
      return applied(() =>
        runEngine("up", progress, (hooks) =>
          stack.up({
            ...hooks,
            ...options,
            ...(inputs.judgeUpdate ? judged : {}),
            plan,
            message,
            showSecrets: false,
          }),
        ),
      );
    },
  };
}

/**
 * Applies a plan. One that is stale is made again, once, and applied when it does nothing that the first did not.
 * @throws Problem `failed` when it would do more, or is stale again.
 */
export async function applyOrPlanAgain(
  plan: BoundPlan,
  message: string,
  again: () => Promise<BoundPlan>,
  progress: Pick<Progress, "line">,
): Promise<EventReader> {
  try {
    return await plan.apply(message);
  } catch (error) {
    if (!(error instanceof StalePlan)) throw error;
    progress.line(`  ${error.said.what}: preview again`);
  }
  const second = await again();
  const more = beyond(second.classification, scopeOf(plan.classification));
  if (more.length === 0) return second.apply(message);
  throw new Problem("failed", {
    what: "The preview that was made again would do more than the first one",
    value: more.join("; "),
    remedy: "Nothing was changed. Find out who else updates this stack, then run it again.",
  });
}

/**
 * Digests of what a plan was made from. The program is not among them: a worker's lies in a folder of this command alone,
 * and what an installation's does by then the engine holds to the plan.
 */
async function bindings(
  state: string,
  { configFile, stackFile, policies }: PlanInputs,
): Promise<Record<string, string>> {
  const [pack = ""] = policies.policyPacks;
  const read = configFile ?? stackFile;
  const files = [...policies.policyPackConfigs, ...(read === undefined ? [] : [read])];
  const config = sha256((await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\0"));
  return { state, "policy pack": await packDigest(pack), config };
}

/** The engine found that the program does not do what was planned: harmless as long as it has not begun with anything. */
async function applied(up: () => ReturnType<typeof runEngine>): Promise<EventReader> {
  try {
    return (await up()).events;
  } catch (error) {
    if (error instanceof EngineProblem && error.stalePlan) {
      throw new StalePlan("the update would have differed from it", error);
    }
    throw error;
  }
}
