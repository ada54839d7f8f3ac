import {
  ApprovalAlreadyCompletedException,
  type CodePipelineClient,
  GetPipelineStateCommand,
  InvalidApprovalTokenException,
  NotLatestPipelineExecutionException,
  PutApprovalResultCommand,
  RetryStageExecutionCommand,
  StageNotRetryableException,
} from "@aws-sdk/client-codepipeline";
import { type Approvals, type PipelineStatus, type StageRetries } from "./ports";

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

export function codePipelineRetries(client: CodePipelineClient): StageRetries {
  return {
    async retry(pipelineName, stageName, pipelineExecutionId) {
      try {
        await client.send(
          new RetryStageExecutionCommand({ pipelineName, stageName, pipelineExecutionId, retryMode: "FAILED_ACTIONS" }),
        );
        return { kind: "retried" };
      } catch (error) {
        // The stage has moved on since: another execution came, or somebody was faster.
        if (error instanceof StageNotRetryableException || error instanceof NotLatestPipelineExecutionException) {
          return { kind: "not-retryable", because: error.message };
        }
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
