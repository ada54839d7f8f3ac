import { describe, expect, it } from "@jest/globals";
import { INSTALLATIONS, installationNames, RULE_ROLES, type Installation } from "../../../components/naming";
import { rollbackRules } from "../../../components/rollbackRules";
import { matches } from "./eventPattern";
import { place } from "./recording";

const NAME = "kiro-pipeline-prod";
const CANARY = `${NAME}-rollback/${NAME}-rollback`;

describe("the rules of the rollback", () => {
  it("let an alarm of a worker through when it goes off, in each environment", () => {
    for (const environment of ["test", "staging", "production"]) {
      expect(takers(alarm(`kiro-worker-${environment}-failed-jobs`, "ALARM"))).toEqual(["alarms"]);
    }
  });

  it.each([
    ["is OK again", alarm("kiro-worker-production-failed-jobs", "OK")],
    ["has no data", alarm("kiro-worker-production-failed-jobs", "INSUFFICIENT_DATA")],
    ["is another installation's", alarm("kiro-test-worker-production-failed-jobs", "ALARM")],
    ["only begins like the worker's", alarm("kiro-worker-productions", "ALARM")],
    ["is the pipeline's own", alarm(`${NAME}-rollbacks`, "ALARM")],
  ])("keep back an alarm that %s", (_what, event) => {
    expect(takers(event)).toEqual([]);
  });

  it("let a stage of this pipeline through when it failed or was stopped", () => {
    expect(takers(stage(NAME, "FAILED"))).toEqual(["stages"]);
    expect(takers(stage(NAME, "STOPPED"))).toEqual(["stages"]);
  });

  it.each([
    ["goes on", stage(NAME, "STARTED")],
    ["is being stopped", stage(NAME, "STOPPING")],
    ["went well", stage(NAME, "SUCCEEDED")],
    ["is another pipeline's", stage("kiro-pipeline-test", "FAILED")],
    [
      "is told of as an action",
      { ...stage(NAME, "FAILED"), "detail-type": "CodePipeline Action Execution State Change" },
    ],
  ])("keep back a stage that %s", (_what, event) => {
    expect(takers(event)).toEqual([]);
  });

  it("let every build of a deploy project through when it has ended, however", () => {
    for (const status of ["SUCCEEDED", "FAILED", "FAULT", "STOPPED", "TIMED_OUT"]) {
      for (const environment of ["test", "staging", "production"]) {
        expect(takers(build(`${NAME}-deploy-${environment}`, status, `codepipeline/${NAME}`))).toEqual(["builds"]);
      }
    }
    expect(takers(build(`${NAME}-deploy-test`, "SUCCEEDED", CANARY))).toEqual(["builds"]);
  });

  it("let a worker's job through that the rollback started itself", () => {
    expect(takers(build("kiro-worker-production", "FAILED", CANARY))).toEqual(["canaries"]);
  });

  it.each([
    ["still runs", build(`${NAME}-deploy-test`, "IN_PROGRESS", `codepipeline/${NAME}`)],
    ["tests a release", build(`${NAME}-integration-test`, "FAILED", `codepipeline/${NAME}`)],
    ["is a worker's ordinary job", build("kiro-worker-production", "FAILED", "someone/kiro-pipeline-prod-rollback/x")],
    ["is a canary of a deployment", build("kiro-worker-production", "FAILED", `${NAME}-deploy-production/session`)],
    ["is a canary of another installation", build("kiro-test-worker-production", "FAILED", CANARY)],
  ])("keep back a build that %s", (_what, event) => {
    expect(takers(event)).toEqual([]);
  });

  it("tick every minute", () => {
    expect(rules("prod").tick).toMatchObject({ scheduleExpression: "rate(1 minute)" });
  });

  it("of one installation never take what another's take", () => {
    const events = INSTALLATIONS.flatMap((installation) => {
      const names = installationNames({ ...place, installation });
      return [
        alarm(`${names.workerPrefix}-test-failed-jobs`, "ALARM"),
        stage(names.pipeline, "FAILED"),
        build(names.projects["deploy-staging"], "FAILED", "any/one"),
        build(`${names.workerPrefix}-production`, "FAILED", `${names.rollbackFunction}/session`),
      ];
    });
    for (const event of events) {
      expect(INSTALLATIONS.filter((installation) => takers(event, installation).length > 0)).toHaveLength(1);
    }
  });
});

// Helpers

function rules(installation: Installation) {
  const there = { ...place, installation };
  return rollbackRules(there, installationNames(there));
}

/** The rules that an event fires. */
function takers(event: unknown, installation: Installation = "prod"): readonly string[] {
  const all = rules(installation);
  return RULE_ROLES.filter((role) => {
    const rule = all[role];
    return "eventPattern" in rule && matches(rule.eventPattern, event);
  });
}

// Shaped as the user guides of the three services show them.

function alarm(alarmName: string, value: string) {
  return {
    version: "0",
    source: "aws.cloudwatch",
    "detail-type": "CloudWatch Alarm State Change",
    resources: [`arn:aws:cloudwatch:eu-west-1:111111111111:alarm:${alarmName}`],
    detail: { alarmName, state: { value, reason: "…" }, previousState: { value: "OK" } },
  };
}

function stage(pipeline: string, state: string) {
  return {
    version: "0",
    source: "aws.codepipeline",
    "detail-type": "CodePipeline Stage Execution State Change",
    detail: {
      pipeline,
      "execution-id": "01234567-0123-0123-0123-012345678901",
      stage: "ProductionEnv",
      state,
      version: 1,
    },
  };
}

function build(project: string, status: string, initiator: string) {
  return {
    version: "0",
    source: "aws.codebuild",
    "detail-type": "CodeBuild Build State Change",
    detail: {
      "build-status": status,
      "project-name": project,
      "build-id": `arn:aws:codebuild:eu-west-1:111111111111:build/${project}:8745a7a9-c340-456a-9166-edf953571bec`,
      "additional-information": { initiator, "build-complete": status !== "IN_PROGRESS" },
    },
  };
}
