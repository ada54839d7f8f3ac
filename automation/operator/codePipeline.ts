import {
  ApprovalAlreadyCompletedException,
  type CodePipelineClient,
  GetPipelineStateCommand,
  InvalidApprovalTokenException,
  PutApprovalResultCommand,
} from "@aws-sdk/client-codepipeline";
import { type Approvals, type PipelineStatus } from "./ports";

/** Approvals of a real pipeline. Only manual approvals have a token in the pipeline's state, and only while they wait. */
export function codePipelineApprovals(client: CodePipelineClient): Approvals {
  return {
    async pending(name) {
      const { stageStates = [] } = await client.send(new GetPipelineStateCommand({ name }));
      return stageStates.flatMap(({ stageName, actionStates = [], latestExecution: stageExecution }) =>
        actionStates.flatMap(({ actionName, latestExecution }) => {
          const { token, status, lastStatusChange: since } = latestExecution ?? {};
          if (token === undefined || status !== "InProgress" || stageName === undefined || actionName === undefined)
            return [];
          const executionId = stageExecution?.pipelineExecutionId;
          return [
            {
              stage: stageName,
              action: actionName,
              token,
              ...(executionId === undefined ? {} : { executionId }),
              ...(since === undefined ? {} : { since }),
            },
          ];
        }),
      );
    },
    async decide(pipelineName, { stage, action, token }, verdict, summary) {
      const status = verdict === "approve" ? "Approved" : "Rejected";
      try {
        await client.send(
          new PutApprovalResultCommand({
            pipelineName,
            stageName: stage,
            actionName: action,
            token,
            result: { status, summary },
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof ApprovalAlreadyCompletedException || error instanceof InvalidApprovalTokenException)
          return false;
        throw error;
      }
    },
  };
}

export function codePipelineStatus(client: CodePipelineClient): PipelineStatus {
  return {
    async stages(name) {
      const { stageStates = [] } = await client.send(new GetPipelineStateCommand({ name }));
      return stageStates.map(({ stageName, latestExecution, actionStates = [] }) => ({
        name: stageName ?? "?",
        status: latestExecution?.status ?? "none",
        ...(latestExecution?.pipelineExecutionId === undefined
          ? {}
          : { executionId: latestExecution.pipelineExecutionId }),
        actions: actionStates.map(({ actionName, latestExecution: latest }) => ({
          name: actionName ?? "?",
          status: latest?.status ?? "none",
          ...(latest?.lastStatusChange === undefined ? {} : { since: latest.lastStatusChange }),
          ...(latest?.errorDetails?.message === undefined ? {} : { message: latest.errorDetails.message }),
          ...(latest?.externalExecutionUrl === undefined ? {} : { link: latest.externalExecutionUrl }),
        })),
      }));
    },
  };
}
