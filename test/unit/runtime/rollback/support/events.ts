import type { EventNames } from "../../../../../runtime/rollback/events";

export const NAMES: EventNames = {
  pipeline: "kiro-pipeline-prod",
  alarmPrefix: {
    test: "kiro-worker-test-",
    staging: "kiro-worker-staging-",
    production: "kiro-worker-production-",
  },
  deployProject: { test: "deploy-test", staging: "deploy-staging", production: "deploy-production" },
  workerProject: { test: "worker-test", staging: "worker-staging", production: "worker-production" },
};

export const TICK = { source: "aws.events", "detail-type": "Scheduled Event", detail: {} };

/** As CloudWatch sends it when an alarm of production goes on. */
export function alarmEvent(over: object = {}) {
  const state = {
    value: "ALARM",
    reason: "Threshold Crossed: 3 datapoints",
    timestamp: "2026-11-25T10:00:00.985+0000",
  };
  return {
    source: "aws.cloudwatch",
    "detail-type": "CloudWatch Alarm State Change",
    detail: { alarmName: "kiro-worker-production-failed-jobs", state, previousState: { value: "OK" }, ...over },
  };
}

/** As CodePipeline sends it when the stage of production fails. */
export function stageEvent(over: object = {}) {
  return {
    source: "aws.codepipeline",
    "detail-type": "CodePipeline Stage Execution State Change",
    detail: {
      pipeline: "kiro-pipeline-prod",
      "execution-id": "execution-b",
      stage: "ProductionEnv",
      state: "FAILED",
      version: 1,
      ...over,
    },
  };
}

/** As CodeBuild sends it when a build of production's deploy project ends. */
export function buildEvent(over: object = {}) {
  return {
    source: "aws.codebuild",
    "detail-type": "CodeBuild Build State Change",
    detail: {
      "project-name": "deploy-production",
      "build-id": "arn:aws:codebuild:us-east-1:123456789012:build/deploy-production:1",
      "build-status": "SUCCEEDED",
      ...over,
    },
  };
}

/** As the operators' command sends it. */
export function requestEvent(over: object = {}) {
  return {
    source: "kiro-pipeline",
    "detail-type": "Rollback Requested",
    detail: { environment: "production", by: "ada", because: "it looks wrong", dryRun: false, ...over },
  };
}
