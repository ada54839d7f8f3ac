/** Starting and stopping executions. */
import type { StartPipelineExecutionInput, StopPipelineExecutionInput } from "@aws-sdk/client-codepipeline";
import { AwsError } from "../../services/contract";
import { type PipelineDeclaration } from "../engine/declaration";
import { uuidFrom } from "../engine/ids";
import { type RevisionOverride } from "../engine/state";
import { type Handlers, type OperationContext } from "./context";

export function executionOperations({ pipelines, arn }: OperationContext): Handlers {
  return {
    async StartPipelineExecution(input, call) {
      const request = input as StartPipelineExecutionInput;
      const { name = "", clientRequestToken: token } = request;
      await call.authorize("codepipeline:StartPipelineExecution", arn(name));
      const { declaration } = pipelines.get(name).state;
      // A request that is sent again (SDKs do, with the same token) starts nothing again: the token makes the id.
      const executionId = token === undefined ? undefined : uuidFrom(token, `execution of ${name}`);
      if (executionId !== undefined && pipelines.executionIds(name).includes(executionId)) {
        return { pipelineExecutionId: executionId };
      }
      const pipelineExecutionId = pipelines.start(name, {
        ...(executionId === undefined ? {} : { executionId }),
        trigger: { triggerType: "StartPipelineExecution", triggerDetail: call.caller.arn },
        revisionOverrides: overridesOf(declaration, request),
        variables: variablesOf(declaration, request),
      });
      return { pipelineExecutionId };
    },

    async StopPipelineExecution(input, call) {
      const request = input as StopPipelineExecutionInput;
      const { pipelineName = "", pipelineExecutionId = "", abandon = false, reason = "" } = request;
      await call.authorize("codepipeline:StopPipelineExecution", arn(pipelineName));
      pipelines.tell(pipelineName, { kind: "stop", executionId: pipelineExecutionId, abandon, reason });
      return { pipelineExecutionId };
    },
  };
}

function overridesOf(
  { stages }: PipelineDeclaration,
  { sourceRevisions = [] }: StartPipelineExecutionInput,
): Readonly<Record<string, RevisionOverride>> {
  const sources = (stages[0]?.actions ?? []).map((a) => a.name);
  return Object.fromEntries(
    sourceRevisions.map(({ actionName = "", revisionType, revisionValue = "" }) => {
      if (!sources.includes(actionName)) throw invalid(`The pipeline has no source action '${actionName}'.`);
      if (revisionType !== "COMMIT_ID") throw invalid(`Revision type ${revisionType} does not fit '${actionName}'.`);
      if (!/^[0-9a-f]{40,64}$/.test(revisionValue)) throw invalid(`'${revisionValue}' is not the id of a commit.`);
      return [actionName, { commit: revisionValue }];
    }),
  );
}

function variablesOf(
  { variables: declared = [] }: PipelineDeclaration,
  { variables = [] }: StartPipelineExecutionInput,
): Readonly<Record<string, string>> {
  const given = Object.fromEntries(variables.map(({ name = "", value = "" }) => [name, value]));
  for (const name of Object.keys(given)) {
    if (!declared.some((d) => d.name === name)) throw invalid(`The pipeline has no variable '${name}'.`);
  }
  const missing = declared.filter((d) => d.defaultValue === undefined && given[d.name] === undefined);
  if (missing.length > 0) throw invalid(`Variables without a value: ${missing.map((d) => d.name).join(", ")}.`);
  return given;
}

const invalid = (message: string): AwsError => new AwsError("ValidationException", message);
