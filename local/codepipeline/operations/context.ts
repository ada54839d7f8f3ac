import { type Call, type Surroundings } from "../../services/contract";
import { type PipelineDeclaration } from "../engine/declaration";
import { type Pipelines } from "../server";

/** An operation's input is validated against the service model before; what it returns is shaped by the model. */
type Handler = (input: unknown, call: Call) => Promise<unknown>;

export type Handlers = Readonly<Record<string, Handler | undefined>>;

/** What the operations share. */
export interface OperationContext {
  readonly pipelines: Pipelines;
  readonly surroundings: Surroundings;
  /** Makes the repositories of a declaration's sources. @throws AwsError when a name is no repository's. */
  readonly ensureSources: (declaration: PipelineDeclaration) => Promise<void>;
  /** The ARN of a pipeline, or with more names of a stage or an action of it. */
  readonly arn: (...names: readonly string[]) => string;
}
