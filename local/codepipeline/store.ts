/**
 * Pipelines on disk. A pipeline's own file holds what is going on, and is replaced whole at every step; an execution
 * that is over goes into a file of its own, so that a step never costs more the longer the history is.
 *
 *     pipelines/=NAME/state.json            pipeline, open executions, tags (holds approval tokens: owner only)
 *     pipelines/=NAME/executions.log        ids of all executions, one a line, oldest first
 *     pipelines/=NAME/executions/ID.json    an execution that is over
 *     pipelines/=NAME/versions/N.json       every structure the pipeline has had
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type PipelineDeclaration } from "./engine/declaration";
import { type Execution, isOver, type PipelineState } from "./engine/state";

export interface StoredPipeline {
  readonly state: PipelineState;
  readonly tags: Readonly<Record<string, string>>;
}

/** Writes are synchronous on purpose: a step is on disk before anything of it is seen outside. */
export class Store {
  private readonly root: string;

  constructor(stateDir: string) {
    this.root = join(stateDir, "pipelines");
    mkdirSync(this.root, { recursive: true });
  }

  load(): readonly StoredPipeline[] {
    return readdirSync(this.root)
      .map((folder) => join(this.root, folder, "state.json"))
      .filter((file) => existsSync(file))
      .map((file) => readJson<StoredPipeline>(file));
  }

  /** Stores a step: what became of executions first, so that none is lost between two files. */
  save(pipeline: StoredPipeline, before: PipelineState | undefined, forgotten: readonly Execution[] = []): void {
    const { state } = pipeline;
    const folder = this.folder(state.declaration.name);
    mkdirSync(join(folder, "executions"), { recursive: true });
    mkdirSync(join(folder, "versions"), { recursive: true });
    if (state.declaration.version !== before?.declaration.version) {
      writeJson(join(folder, "versions", `${state.declaration.version}.json`), state.declaration);
    }
    for (const execution of [...Object.values(state.executions), ...forgotten]) {
      const known = before?.executions[execution.id];
      if (known === undefined) appendFileSync(join(folder, "executions.log"), `${execution.id}\n`);
      if (known !== execution && isOver(execution.status)) writeJson(executionFile(folder, execution.id), execution);
    }
    writeJson(join(folder, "state.json"), pipeline);
  }

  remove(name: string): void {
    rmSync(this.folder(name), { recursive: true, force: true });
  }

  /** Ids of all executions, oldest first. */
  executionIds(name: string): readonly string[] {
    const file = join(this.folder(name), "executions.log");
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  }

  /** An execution that is over; undefined when there is none of this id. */
  execution(name: string, id: string): Execution | undefined {
    const file = executionFile(this.folder(name), id);
    return existsSync(file) ? readJson<Execution>(file) : undefined;
  }

  version(name: string, version: number): PipelineDeclaration | undefined {
    const file = join(this.folder(name), "versions", `${version}.json`);
    return existsSync(file) ? readJson<PipelineDeclaration>(file) : undefined;
  }

  /** The "=" keeps a pipeline named ".." inside the folder. */
  private folder(name: string): string {
    return join(this.root, `=${name}`);
  }
}

const executionFile = (folder: string, id: string): string => join(folder, "executions", `${id}.json`);

function readJson<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, JSON.stringify(value), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
