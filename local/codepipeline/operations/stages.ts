/** Retrying stages, opening and closing their transitions, answering their approvals. */
import type {
  DisableStageTransitionInput,
  EnableStageTransitionInput,
  PutApprovalResultInput,
  RetryStageExecutionInput,
} from "@aws-sdk/client-codepipeline";
import { AwsError } from "../../services/contract";
import { type StageDeclaration } from "../engine/declaration";
import { type Handlers, type OperationContext } from "./context";

export function stageOperations({ pipelines, arn }: OperationContext): Handlers {
  const stageOf = (pipeline: string, stage: string): StageDeclaration => {
    const found = pipelines.get(pipeline).state.declaration.stages.find((s) => s.name === stage);
    if (found !== undefined) return found;
    throw new AwsError("StageNotFoundException", `Stage '${stage}' does not exist in pipeline '${pipeline}'.`);
  };

  return {
    async RetryStageExecution(input, call) {
      const request = input as RetryStageExecutionInput;
      const { pipelineName = "", stageName: stage = "", pipelineExecutionId = "", retryMode } = request;
      await call.authorize("codepipeline:RetryStageExecution", arn(pipelineName, stage));
      stageOf(pipelineName, stage);
      const mode = retryMode ?? "FAILED_ACTIONS";
      pipelines.tell(pipelineName, { kind: "retry", executionId: pipelineExecutionId, stage, mode });
      return { pipelineExecutionId };
    },

    async EnableStageTransition(input, call) {
      const { pipelineName = "", stageName: stage = "", transitionType } = input as EnableStageTransitionInput;
      await call.authorize("codepipeline:EnableStageTransition", arn(pipelineName, stage));
      stageOf(pipelineName, stage);
      const direction = transitionType ?? "Inbound";
      pipelines.tell(pipelineName, { kind: "transition", stage, direction, enabled: true, by: call.caller.arn });
      return {};
    },

    async DisableStageTransition(input, call) {
      const { pipelineName = "", stageName: stage = "", ...request } = input as DisableStageTransitionInput;
      await call.authorize("codepipeline:DisableStageTransition", arn(pipelineName, stage));
      stageOf(pipelineName, stage);
      const direction = request.transitionType ?? "Inbound";
      const reason = request.reason ?? "";
      pipelines.tell(pipelineName, {
        kind: "transition",
        stage,
        direction,
        enabled: false,
        reason,
        by: call.caller.arn,
      });
      return {};
    },

    async PutApprovalResult(input, call) {
      const { pipelineName = "", stageName = "", actionName = "", ...answer } = input as PutApprovalResultInput;
      await call.authorize("codepipeline:PutApprovalResult", arn(pipelineName, stageName, actionName));
      const action = stageOf(pipelineName, stageName).actions.find((a) => a.name === actionName);
      if (action?.actionTypeId.category !== "Approval") {
        throw new AwsError("ActionNotFoundException", `Stage '${stageName}' has no approval action '${actionName}'.`);
      }
      const approvedAt = new Date();
      pipelines.tell(pipelineName, {
        kind: "answer",
        stage: stageName,
        action: actionName,
        token: answer.token ?? "",
        approved: answer.result?.status === "Approved",
        summary: answer.result?.summary ?? "",
        by: call.caller.arn,
      });
      return { approvedAt };
    },
  };
}
