/** One event's work: the state as it becomes, and the effects so far. Values are replaced, never changed in place. */
import { type PipelineDeclaration, type StageDeclaration } from "./declaration";
import { type Effect, type PipelineEvent } from "./events";
import { actionDetail, pipelineDetail, type PipelineNotice, stageDetail, type StageNotice } from "./notices";
import {
  type ActionRun,
  type Execution,
  isOver,
  type PipelineState,
  type StageRun,
  type StageState,
  structureOf,
  without,
} from "./state";

export class Turn {
  readonly effects: Effect[] = [];

  constructor(
    public state: PipelineState,
    readonly event: PipelineEvent,
  ) {}

  get at(): number {
    return this.event.at;
  }

  execution(id: string): Execution {
    const execution = this.state.executions[id];
    if (execution === undefined) throw new Error(`execution ${id} is not among the kept ones`);
    return execution;
  }

  structure(execution: Execution): PipelineDeclaration {
    return structureOf(this.state, execution.version);
  }

  stage(name: string): StageState {
    return this.state.stages[name] ?? { waiting: [], actions: {}, inbound: { enabled: true } };
  }

  putStage(name: string, change: Partial<StageState>): void {
    this.state = { ...this.state, stages: { ...this.state.stages, [name]: { ...this.stage(name), ...change } } };
  }

  /** Gives the stage's lock back. */
  unlock(name: string): void {
    const free = without(this.stage(name), "occupant");
    this.state = { ...this.state, stages: { ...this.state.stages, [name]: free } };
  }

  putExecution(id: string, change: Partial<Execution>): Execution {
    const next = { ...this.execution(id), ...change, updatedAt: this.at };
    this.state = { ...this.state, executions: { ...this.state.executions, [id]: next } };
    return next;
  }

  /** Adds or replaces the run of an action, in its execution and as the stage's last run of that action. */
  putAction(run: ActionRun): void {
    const execution = this.execution(run.executionId);
    const known = execution.actions.some((a) => a.id === run.id);
    const actions = known ? execution.actions.map((a) => (a.id === run.id ? run : a)) : [...execution.actions, run];
    this.putExecution(execution.id, { actions });
    const shown = this.stage(run.stage).actions;
    if (!known || shown[run.action]?.id === run.id) {
      this.putStage(run.stage, { actions: { ...shown, [run.action]: run } });
    }
  }

  putStageRun(executionId: string, run: StageRun): void {
    const { stages } = this.execution(executionId);
    const known = stages.some((s) => s.name === run.name);
    this.putExecution(executionId, {
      stages: known ? stages.map((s) => (s.name === run.name ? run : s)) : [...stages, run],
    });
  }

  publishPipeline(executionId: string, state: PipelineNotice): void {
    const detail = pipelineDetail(this.state.declaration.name, this.execution(executionId), state);
    this.effects.push({ kind: "publish", level: "Pipeline", detail, at: this.at });
  }

  publishStage(executionId: string, stage: string, state: StageNotice): void {
    const detail = stageDetail(this.state.declaration.name, this.execution(executionId), stage, state);
    this.effects.push({ kind: "publish", level: "Stage", detail, at: this.at });
  }

  publishAction(run: ActionRun): void {
    const execution = this.execution(run.executionId);
    const declaration = this.structure(execution)
      .stages.find((s) => s.name === run.stage)
      ?.actions.find((a) => a.name === run.action);
    if (declaration === undefined) throw new Error(`action ${run.stage}/${run.action} is not declared`);
    const detail = actionDetail(this.state.declaration.name, execution, run, declaration);
    this.effects.push({ kind: "publish", level: "Action", detail, at: this.at });
  }

  /** The stages an execution still has before it, from `name` on. */
  stageAfter(execution: Execution, name: string): StageDeclaration | undefined {
    const { stages } = this.structure(execution);
    return stages[stages.findIndex((s) => s.name === name) + 1];
  }

  /** Drops executions that are over and that no stage shows, and the structures that then nobody needs. */
  prune(): readonly Execution[] {
    const shown = new Set(Object.values(this.state.stages).map((s) => s.latest));
    const kept = Object.entries(this.state.executions).filter(([id, e]) => !isOver(e.status) || shown.has(id));
    const versions = new Set(kept.map(([, e]) => String(e.version)));
    const structures = Object.entries(this.state.structures).filter(([version]) => versions.has(version));
    const all = Object.values(this.state.executions);
    this.state = {
      ...this.state,
      executions: Object.fromEntries(kept),
      structures: Object.fromEntries(structures),
    };
    return all.filter((e) => this.state.executions[e.id] === undefined);
  }
}
