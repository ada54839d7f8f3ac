/** The pipelines of the local cloud: holds their states, feeds events to the engine, stores, then acts. */
import { randomBytes, randomUUID } from "node:crypto";
import { AwsError } from "../services/contract";
import { Effects, type Happening } from "./effects";
import { type PipelineDeclaration } from "./engine/declaration";
import { type Refusal } from "./engine/events";
import { openJobs } from "./engine/resume";
import { type Execution, type Trigger, type RevisionOverride } from "./engine/state";
import { newPipeline, nextClock, transition } from "./engine/transition";
import { type ProviderSurroundings } from "./providers/provider";
import { Store, type StoredPipeline } from "./store";

/** setTimeout takes no more; a later clock is set again when this one rings. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface StartRequest {
  readonly executionId?: string;
  readonly trigger: Trigger;
  readonly revisionOverrides?: Readonly<Record<string, RevisionOverride>>;
  readonly variables?: Readonly<Record<string, string>>;
}

export class Pipelines {
  private readonly held = new Map<string, StoredPipeline>();
  private readonly ids = new Map<string, string[]>();
  private readonly clocks = new Map<string, NodeJS.Timeout>();
  private readonly effects: Effects;
  private readonly store: Store;
  private stopped = false;

  constructor(surroundings: ProviderSurroundings) {
    this.store = new Store(surroundings.stateDir);
    this.effects = new Effects(surroundings, (name, happening) => {
      // A pipeline that was deleted meanwhile hears nothing any more.
      if (this.held.has(name) && !this.stopped) this.tell(name, happening);
    });
    for (const pipeline of this.store.load()) this.hold(pipeline.state.declaration.name, pipeline);
  }

  /** Takes up what an earlier process left running. */
  resume(): void {
    for (const name of this.names()) {
      this.tell(name, { kind: "clock" });
      for (const job of openJobs(this.get(name).state)) this.effects.run(job);
    }
  }

  names(): readonly string[] {
    return [...this.held.keys()].sort();
  }

  has(name: string): boolean {
    return this.held.has(name);
  }

  /** @throws AwsError PipelineNotFoundException */
  get(name: string): StoredPipeline {
    const pipeline = this.held.get(name);
    if (pipeline === undefined) {
      throw new AwsError("PipelineNotFoundException", `The pipeline with name '${name}' does not exist.`);
    }
    return pipeline;
  }

  create(declaration: PipelineDeclaration, tags: Readonly<Record<string, string>>): void {
    const pipeline = { state: newPipeline(declaration, Date.now()), tags };
    this.store.save(pipeline, undefined);
    this.hold(declaration.name, pipeline);
  }

  async remove(name: string): Promise<void> {
    const jobs = new Set(openJobs(this.get(name).state).map((job) => job.actionId));
    clearTimeout(this.clocks.get(name));
    this.held.delete(name);
    this.ids.delete(name);
    this.store.remove(name);
    await this.effects.stop((id) => jobs.has(id));
  }

  setTags(name: string, tags: Readonly<Record<string, string>>): void {
    const pipeline = { ...this.get(name), tags };
    this.store.save(pipeline, pipeline.state);
    this.held.set(name, pipeline);
  }

  /** Starts an execution; answers with its id. @throws AwsError when AWS would refuse. */
  start(name: string, request: StartRequest): string {
    const executionId = request.executionId ?? randomUUID();
    const { trigger, revisionOverrides = {}, variables = {} } = request;
    this.tell(name, { kind: "start", executionId, trigger, revisionOverrides, variables });
    return executionId;
  }

  /** One step of the engine: stored first, then acted on. @throws AwsError what the engine refuses. */
  tell(name: string, happening: Happening): void {
    const before = this.get(name);
    const moment = { at: Date.now(), seed: randomBytes(32).toString("hex") };
    const step = transition(before.state, { ...happening, ...moment });
    if (step.refused) throw refusal(step.refused);
    const after = { ...before, state: step.state };
    this.store.save(after, before.state, step.forgotten);
    this.held.set(name, after);
    if (happening.kind === "start") this.ids.get(name)?.push(happening.executionId);
    this.setClock(name);
    for (const effect of step.effects) this.effects.execute(name, effect);
  }

  /** Ids of all executions a pipeline ever had, oldest first: the position is the execution's order. */
  executionIds(name: string): readonly string[] {
    return this.ids.get(name) ?? [];
  }

  execution(name: string, id: string): Execution | undefined {
    return this.get(name).state.executions[id] ?? this.store.execution(name, id);
  }

  version(name: string, version: number): PipelineDeclaration | undefined {
    return this.store.version(name, version);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const clock of this.clocks.values()) clearTimeout(clock);
    await this.effects.stop();
  }

  private hold(name: string, pipeline: StoredPipeline): void {
    this.held.set(name, pipeline);
    this.ids.set(name, [...this.store.executionIds(name)]);
  }

  private setClock(name: string): void {
    clearTimeout(this.clocks.get(name));
    const due = nextClock(this.get(name).state);
    if (due === undefined || this.stopped) return;
    const wait = Math.min(Math.max(due - Date.now(), 0), LONGEST_TIMER_MS);
    this.clocks.set(
      name,
      setTimeout(() => this.tell(name, { kind: "clock" }), wait),
    );
  }
}

export function refusal({ code, message }: Refusal): AwsError {
  return new AwsError(code, message);
}
