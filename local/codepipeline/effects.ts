/** Carries out what the engine asks for: runs actions by their providers, and publishes events. */
import { type PipelineEvent, type ActionJob, type Effect } from "./engine/events";
import { providerOf } from "./providers";
import { failureOf, type Outcome, type ProviderSurroundings } from "./providers/provider";

/** An event without the moment, which the server adds. */
export type Happening = PipelineEvent extends infer E
  ? E extends PipelineEvent
    ? Omit<E, "at" | "seed">
    : never
  : never;

/** How an effect reports back. */
export type Tell = (pipeline: string, happening: Happening) => void;

const ABANDONED = new Error("The action was abandoned.");

export class Effects {
  private readonly running = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>();

  constructor(
    private readonly surroundings: ProviderSurroundings,
    private readonly tell: Tell,
  ) {}

  execute(pipeline: string, effect: Effect): void {
    switch (effect.kind) {
      case "run":
        this.run(effect.job);
        return;
      case "abandon":
        this.running.get(effect.actionId)?.abort.abort(ABANDONED);
        return;
      case "publish":
        this.publish(pipeline, effect);
        return;
    }
  }

  run(job: ActionJob): void {
    const abort = new AbortController();
    const done = this.follow(job, abort.signal)
      .catch((error: Error) => this.surroundings.log(`${job.pipeline}: ${error.stack ?? error.message}`))
      .finally(() => this.running.delete(job.actionId));
    this.running.set(job.actionId, { abort, done });
  }

  /** Stops following the actions of one pipeline, or of all. What they started elsewhere runs on. */
  async stop(wanted: (actionId: string) => boolean = () => true): Promise<void> {
    const chosen = [...this.running].filter(([id]) => wanted(id)).map(([, running]) => running);
    for (const { abort } of chosen) abort.abort(ABANDONED);
    await Promise.all(chosen.map(({ done }) => done));
  }

  private async follow(job: ActionJob, signal: AbortSignal): Promise<void> {
    const { executionId, actionId, pipeline } = job;
    const report = { executionId, actionId };
    const outcome = await this.outcomeOf(job, signal);
    if (signal.aborted) return;
    switch (outcome.kind) {
      case "succeeded":
      case "failed":
        this.tell(pipeline, { ...outcome, ...report });
        return;
      case "pending":
        return;
    }
  }

  private async outcomeOf(job: ActionJob, signal: AbortSignal): Promise<Outcome> {
    const { executionId, actionId, pipeline } = job;
    try {
      return await providerOf(job.action.actionTypeId)(job, {
        surroundings: this.surroundings,
        signal,
        progress: (facts) => this.tell(pipeline, { kind: "progress", executionId, actionId, ...facts }),
      });
    } catch (error) {
      const failure = failureOf(error);
      if (!signal.aborted) {
        this.surroundings.log(`${pipeline} ${job.stage}/${job.action.name} failed: ${failure.message}`);
      }
      return { kind: "failed", error: failure };
    }
  }

  private publish(pipeline: string, effect: Extract<Effect, { readonly kind: "publish" }>): void {
    const { accountId, region } = this.surroundings;
    const regional = effect.level === "Action" ? { ...effect.detail, region } : effect.detail;
    this.surroundings.publish({
      source: "aws.codepipeline",
      detailType: `CodePipeline ${effect.level} Execution State Change`,
      resources: [`arn:aws:codepipeline:${region}:${accountId}:${pipeline}`],
      detail: regional,
      time: new Date(effect.at),
    });
  }
}
