/** The operations of CodePipeline's API. Each asks first whether its caller may. */
import { type Surroundings } from "../../services/contract";
import { type Pipelines } from "../server";
import { type Handlers, type OperationContext } from "./context";
import { definitionOperations } from "./definitions";
import { executionOperations } from "./executions";
import { historyOperations } from "./history";
import { stageOperations } from "./stages";
import { tagOperations } from "./tags";

export function makeOperations(
  pipelines: Pipelines,
  surroundings: Surroundings,
  ensureSources: OperationContext["ensureSources"],
): Handlers {
  const prefix = `arn:aws:codepipeline:${surroundings.region}:${surroundings.accountId}`;
  const arn = (...names: readonly string[]) => `${prefix}:${names.join("/")}`;
  const context = { pipelines, surroundings, ensureSources, arn };
  return {
    ...definitionOperations(context),
    ...executionOperations(context),
    ...stageOperations(context),
    ...historyOperations(context),
    ...tagOperations(context),
  };
}
