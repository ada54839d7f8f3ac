/** A pipeline driven by hand: events get a clock that ticks and seeds that never repeat, effects are collected. */
import { type ActionDeclaration, type PipelineDeclaration } from "../../../../../local/codepipeline/engine/declaration";
import { type ActionJob, type Effect, type PipelineEvent } from "../../../../../local/codepipeline/engine/events";
import { type Execution, type PipelineState } from "../../../../../local/codepipeline/engine/state";
import { newPipeline, transition } from "../../../../../local/codepipeline/engine/transition";

type Happening = PipelineEvent extends infer E ? (E extends PipelineEvent ? Omit<E, "at" | "seed"> : never) : never;

export class World {
  state: PipelineState;
  now = Date.UTC(2030, 0, 1);
  effects: Effect[] = [];
  /** Executions that the state let go of. */
  forgotten: Execution[] = [];
  private events = 0;
  private executions = 0;

  constructor(declaration: PipelineDeclaration) {
    this.state = newPipeline(declaration, this.now);
  }

  /** Feeds one event; answers with the exception name when it was refused. */
  tell(happening: Happening): string | undefined {
    this.now += 1000;
    this.events += 1;
    const step = transition(this.state, { ...happening, at: this.now, seed: `seed ${this.events}` });
    if (step.refused) return step.refused.code;
    this.state = step.state;
    this.effects.push(...step.effects);
    this.forgotten.push(...step.forgotten);
    return undefined;
  }

  start(variables: Record<string, string> = {}): string {
    this.executions += 1;
    const executionId = `execution-${this.executions}`;
    const refused = this.tell({
      kind: "start",
      executionId,
      trigger: { triggerType: "StartPipelineExecution", triggerDetail: "someone" },
      revisionOverrides: {},
      variables,
    });
    if (refused) throw new Error(refused);
    return executionId;
  }

  execution(id: string): Execution {
    const found = this.state.executions[id];
    if (found === undefined) throw new Error(`no ${id}`);
    return found;
  }

  status(id: string): string {
    return this.state.executions[id]?.status ?? "forgotten";
  }

  /** Jobs that were handed out and are still running, as `Stage/Action`. */
  running(): string[] {
    return this.open().map((job) => `${job.stage}/${job.action.name}`);
  }

  open(): ActionJob[] {
    const jobs = this.effects.flatMap((e) => (e.kind === "run" ? [e.job] : []));
    return jobs.filter((job) =>
      this.state.executions[job.executionId]?.actions.some((a) => a.id === job.actionId && a.status === "InProgress"),
    );
  }

  job(name: string): ActionJob {
    const found = this.open().find((job) => job.action.name === name);
    if (found === undefined) throw new Error(`${name} is not running, but ${this.running().join(", ")}`);
    return found;
  }

  succeed(name: string, outputVariables: Record<string, string> = {}): void {
    const { executionId, actionId } = this.job(name);
    this.tell({ kind: "succeeded", executionId, actionId, outputVariables });
  }

  fail(name: string, message = "it broke"): void {
    const { executionId, actionId } = this.job(name);
    this.tell({ kind: "failed", executionId, actionId, error: { code: "JobFailed", message } });
  }

  /** What went to the event bus, as `Stage Build STARTED`. */
  published(): string[] {
    return this.effects.flatMap((e) => {
      if (e.kind !== "publish") return [];
      const where = [e.detail["stage"], e.detail["action"]].filter((w): w is string => typeof w === "string").join("/");
      return [`${e.level} ${where === "" ? "" : `${where} `}${String(e.detail["state"])}`];
    });
  }
}

export function declare(change: Partial<PipelineDeclaration> = {}): PipelineDeclaration {
  return {
    name: "delivery",
    roleArn: "arn:aws:iam::000000000000:role/delivery",
    artifactStore: { type: "S3", location: "artifacts" },
    executionMode: "SUPERSEDED",
    pipelineType: "V2",
    stages: [
      { name: "Source", actions: [source("Source")] },
      { name: "Build", actions: [build("Build", { namespace: "Build", outputArtifacts: [{ name: "BuildOutput" }] })] },
      { name: "Production", actions: [approval("Approve"), build("Deploy", { runOrder: 2 })] },
    ],
    ...change,
  };
}

export function source(name: string, change: Partial<ActionDeclaration> = {}): ActionDeclaration {
  return {
    name,
    actionTypeId: { category: "Source", owner: "AWS", provider: "CodeStarSourceConnection", version: "1" },
    configuration: {
      ConnectionArn: "arn:aws:codeconnections:us-east-1:000000000000:connection/c",
      FullRepositoryId: "acme/worker",
      BranchName: "main",
    },
    outputArtifacts: [{ name: "SourceOutput" }],
    namespace: "Source",
    ...change,
  };
}

export function build(name: string, change: Partial<ActionDeclaration> = {}): ActionDeclaration {
  return {
    name,
    actionTypeId: { category: "Build", owner: "AWS", provider: "CodeBuild", version: "1" },
    configuration: { ProjectName: `project-${name}` },
    inputArtifacts: [{ name: "SourceOutput" }],
    ...change,
  };
}

export function approval(name: string, change: Partial<ActionDeclaration> = {}): ActionDeclaration {
  return {
    name,
    actionTypeId: { category: "Approval", owner: "AWS", provider: "Manual", version: "1" },
    configuration: {},
    ...change,
  };
}
