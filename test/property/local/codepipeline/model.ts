/** The engine under a script of random happenings, checked against its rules after each of them. */
import { expect } from "@jest/globals";
import { type PipelineDeclaration, runOrderOf } from "../../../../local/codepipeline/engine/declaration";
import { type PipelineEvent } from "../../../../local/codepipeline/engine/events";
import { openJobs } from "../../../../local/codepipeline/engine/resume";
import { type Execution, isOver, type PipelineState, structureOf } from "../../../../local/codepipeline/engine/state";
import { newPipeline, nextClock, transition } from "../../../../local/codepipeline/engine/transition";

type Happening = PipelineEvent extends infer E ? (E extends PipelineEvent ? Omit<E, "at" | "seed"> : never) : never;

/** What happens next; `pick` and `flag` choose among what the state offers then. */
export interface Choice {
  readonly kind: "start" | "finish" | "late" | "answer" | "time" | "stop" | "retry" | "gate" | "update";
  readonly pick: number;
  readonly flag: boolean;
}

export class Model {
  private state: PipelineState;
  private at = 1_000_000;
  private count = 0;
  private readonly ids: string[] = [];
  private readonly tokens: string[] = [];
  private readonly usedTokens = new Set<string>();
  private readonly reported: { executionId: string; actionId: string }[] = [];
  private readonly endings = new Map<string, string>();

  constructor(
    declaration: PipelineDeclaration,
    private readonly seen: Set<string>,
  ) {
    this.state = deepFreeze(newPipeline(declaration, this.at));
  }

  do({ kind, pick, flag }: Choice): void {
    const jobs = openJobs(this.state);
    const job = jobs[pick % Math.max(jobs.length, 1)];
    const executionId = this.someExecution(pick);
    const stages = this.state.declaration.stages;
    const stage = stages[pick % stages.length]?.name ?? "";
    switch (kind) {
      case "start": {
        const id = `execution-${this.ids.length}`;
        this.ids.push(id);
        this.tell({
          kind: "start",
          executionId: id,
          trigger: { triggerType: "StartPipelineExecution", triggerDetail: "x" },
          revisionOverrides: {},
          variables: {},
        });
        return;
      }
      case "finish": {
        if (job === undefined || job.token !== undefined) return;
        const report = { executionId: job.executionId, actionId: job.actionId };
        this.reported.push(report);
        if (flag) this.tell({ kind: "succeeded", ...report });
        else this.tell({ kind: "failed", ...report, error: { code: "JobFailed", message: "red" } });
        return;
      }
      case "late": {
        const report = this.reported[pick % Math.max(this.reported.length, 1)];
        if (report === undefined) return;
        const before = JSON.stringify(this.state);
        this.tell({ kind: "succeeded", ...report });
        expect(JSON.stringify(this.state)).toBe(before);
        this.seen.add("late report");
        return;
      }
      case "answer":
        this.answer(pick, flag);
        return;
      case "time": {
        const due = nextClock(this.state);
        if (due === undefined) return;
        this.at = Math.max(this.at, due);
        this.tell({ kind: "clock" });
        expect(nextClock(this.state) ?? Infinity).toBeGreaterThan(this.at);
        this.seen.add("expired");
        return;
      }
      case "stop": {
        const abandon = pick % 3 === 0;
        const refused = this.tell({ kind: "stop", executionId, abandon, reason: "r" });
        if (refused === undefined && abandon) this.seen.add("abandoned");
        return;
      }
      case "retry": {
        const mode = flag ? "ALL_ACTIONS" : "FAILED_ACTIONS";
        const latest = this.state.stages[stage]?.latest ?? executionId;
        const target = pick % 3 === 0 ? executionId : latest;
        if (this.tell({ kind: "retry", executionId: target, stage, mode }) === undefined)
          this.seen.add(`retried ${mode}`);
        return;
      }
      case "gate":
        this.tell({ kind: "transition", stage, direction: "Inbound", enabled: flag, by: "x" });
        return;
      case "update":
        if (jobs.length > 0) this.seen.add("updated while running");
        this.tell({ kind: "update", declaration: this.state.declaration });
        return;
    }
  }

  /** Opens every gate and lets everything succeed: then no execution may be left. */
  drain(): void {
    for (const { name } of this.state.declaration.stages) {
      this.tell({ kind: "transition", stage: name, direction: "Inbound", enabled: true, by: "x" });
    }
    for (let round = 0; openJobs(this.state).length > 0; round += 1) {
      expect(round).toBeLessThan(2000);
      this.do({ kind: "answer", pick: 0, flag: true });
      this.do({ kind: "finish", pick: round, flag: true });
    }
    const open = Object.values(this.state.executions).filter((e) => !isOver(e.status));
    expect(open).toEqual([]);
    expect([...this.endings.keys()].sort()).toEqual([...this.ids].sort());
    for (const status of this.endings.values()) this.seen.add(`ended ${status}`);
  }

  /** Mostly one that is not over; now and then any that there ever was. */
  private someExecution(pick: number): string {
    const open = Object.values(this.state.executions).filter((e) => !isOver(e.status));
    const stopping = open.filter((e) => e.status === "Stopping");
    if (stopping[0] !== undefined && pick % 2 === 0) return stopping[0].id;
    const ids = pick % 4 === 3 ? this.ids : open.map((e) => e.id);
    return ids[pick % Math.max(ids.length, 1)] ?? "nobody";
  }

  private answer(pick: number, approved: boolean): void {
    const pending = openJobs(this.state).filter((j) => j.token !== undefined);
    const chosen = pending[pick % Math.max(pending.length, 1)];
    const stage = chosen?.stage ?? this.state.declaration.stages.at(-1)?.name ?? "";
    const old = this.tokens[pick % Math.max(this.tokens.length, 1)] ?? "none";
    // One answer in four comes with a token of before.
    const token = chosen?.token === undefined || pick % 4 === 3 ? old : chosen.token;
    const action = chosen?.action.name ?? "Approve";
    const refused = this.tell({ kind: "answer", stage, action, token, approved, summary: "s", by: "x" });
    if (refused !== undefined) return;
    expect(this.usedTokens).not.toContain(token);
    this.usedTokens.add(token);
    this.tokens.push(token);
    this.seen.add(approved ? "approved" : "rejected");
  }

  private tell(happening: Happening): string | undefined {
    this.at += 1;
    this.count += 1;
    const event = { ...happening, at: this.at, seed: `seed ${this.count}` };
    const step = transition(this.state, event);
    const told = JSON.stringify(step);
    if (JSON.stringify(transition(this.state, event)) !== told) throw new Error("the engine has a clock or a die");
    if (step.refused) {
      this.seen.add(`refused ${step.refused.code}`);
      return step.refused.code;
    }
    this.state = deepFreeze(step.state);
    for (const execution of [...Object.values(this.state.executions), ...step.forgotten]) {
      if (isOver(execution.status)) this.endings.set(execution.id, execution.status);
      else this.endings.delete(execution.id);
    }
    this.check();
    return undefined;
  }

  private check(): void {
    const { state } = this;
    for (const [name, stage] of Object.entries(state.stages)) {
      const inside = Object.values(state.executions).filter((e) =>
        e.actions.some((a) => a.stage === name && a.status === "InProgress"),
      );
      must(
        inside.every((e) => e.id === stage.occupant),
        `one execution in ${name}, the one with its lock`,
      );
      const orders = stage.waiting.map((id) => state.executions[id]?.order ?? -1);
      must(
        orders.every((o, i) => i === 0 || o > (orders[i - 1] ?? 0)),
        "the oldest waits in front",
      );
      if (state.declaration.executionMode === "SUPERSEDED") must(stage.waiting.length <= 1, "only the newest waits");
      else if (stage.waiting.length > 1) this.seen.add("waited in a queue");
      if (stage.waiting.length > 0 && stage.occupant === undefined)
        must(!stage.inbound.enabled, "nobody waits before a free and open stage");
    }
    for (const execution of Object.values(state.executions)) this.checkExecution(execution);
  }

  private checkExecution(execution: Execution): void {
    const { state } = this;
    const places = Object.values(state.stages).filter(
      (s) => s.occupant === execution.id || s.waiting.includes(execution.id),
    );
    must(
      places.length === (isOver(execution.status) ? 0 : 1),
      "an open execution is in one place, a closed one nowhere",
    );
    const declared = structureOf(state, execution.version).stages;
    must(
      execution.stages.every((s, i) => s.name === declared[i]?.name),
      "stages in order",
    );
    must(
      execution.stages.slice(0, -1).every((s) => s.status === "Succeeded"),
      "each stage after a good one",
    );
    for (const run of execution.stages) {
      const redone = new Set(run.redone);
      const current = execution.actions.filter((a) => a.stage === run.name && !redone.has(a.id));
      const names = current.map((a) => a.action);
      must(new Set(names).size === names.length, "an action counts once");
      const actions = declared.find((s) => s.name === run.name)?.actions ?? [];
      const orderOf = new Map(actions.map((a) => [a.name, runOrderOf(a)]));
      if (current.filter((a) => a.status === "InProgress").length > 1) this.seen.add("side by side");
      for (const active of current.filter((a) => a.status === "InProgress")) {
        const earlier = actions.filter((a) => runOrderOf(a) < (orderOf.get(active.action) ?? 1)).map((a) => a.name);
        const done = current.filter((a) => a.status === "Succeeded").map((a) => a.action);
        must(
          earlier.every((name) => done.includes(name)),
          "actions by their run order",
        );
      }
      if (run.status === "Succeeded") must(names.length === actions.length, "all actions before the stage is good");
    }
  }
}

/** Like `expect`, which is too slow for what is asked some hundred thousand times. */
function must(holds: boolean, rule: string): void {
  if (!holds) throw new Error(`broken: ${rule}`);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
