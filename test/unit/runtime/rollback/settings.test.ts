import { describe, expect, it } from "@jest/globals";
import { rollbackSettings } from "../../../../runtime/rollback/settings";

const part = (environment: string, over: object = {}) => ({
  artifactsBucket: `artifacts-${environment}`,
  workerProject: `worker-${environment}`,
  alarmPrefix: `kiro-worker-${environment}-`,
  deployProject: `deploy-${environment}`,
  watchWindowSeconds: 1_800,
  ...over,
});
const PARTS = {
  test: part("test"),
  staging: part("staging", { budget: 8 }),
  production: part("production", { budget: 4, watchWindowSeconds: 3_600 }),
};
const LIMITS = { budgetWindowSeconds: 86_400, settleSeconds: 60, graceSeconds: 120, longestValidationSeconds: 900 };
const ENV = {
  INSTALLATION: "prod",
  PIPELINE_NAME: "kiro-pipeline-prod",
  TABLE_NAME: "deployments",
  RELEASES_BUCKET: "releases",
  DEPLOYMENTS_TOPIC_ARN: "arn:deployments",
  ROLLBACKS_TOPIC_ARN: "arn:rollbacks",
  ENVIRONMENTS: JSON.stringify(PARTS),
  ROLLBACK_RULES: JSON.stringify(LIMITS),
};

const each = (prefix: string, suffix = "") => ({
  test: `${prefix}test${suffix}`,
  staging: `${prefix}staging${suffix}`,
  production: `${prefix}production${suffix}`,
});

describe("the function's environment variables", () => {
  it("are its settings, times in milliseconds", () => {
    const alarmPrefix = each("kiro-worker-", "-");
    expect(rollbackSettings({ ...ENV, AWS_REGION: "us-east-1" })).toEqual({
      installation: "prod",
      pipeline: "kiro-pipeline-prod",
      table: "deployments",
      releasesBucket: "releases",
      topics: { deployments: "arn:deployments", rollbacks: "arn:rollbacks" },
      artifactsBucket: each("artifacts-"),
      names: {
        pipeline: "kiro-pipeline-prod",
        alarmPrefix,
        deployProject: each("deploy-"),
        workerProject: each("worker-"),
      },
      rules: {
        watchWindowMs: { test: 1_800_000, staging: 1_800_000, production: 3_600_000 },
        alarmPrefix,
        budget: { staging: 8, production: 4 },
        budgetWindowMs: 86_400_000,
      },
      validation: { settleMs: 60_000, graceMs: 120_000, longestMs: 900_000, alarmPrefix },
    });
  });

  it("that are missing are all named", () => {
    const mistakes = Object.keys(ENV).map((name) => `${name}: `);
    for (const mistake of mistakes) expect(() => rollbackSettings({})).toThrow(mistake);
    expect(() => rollbackSettings({})).toThrow(/^environment variables of the rollback function: /);
  });

  it.each([
    ["text that is not JSON", { ENVIRONMENTS: "{" }, "ENVIRONMENTS: not JSON"],
    [
      "an environment too few",
      { ENVIRONMENTS: JSON.stringify({ ...PARTS, staging: undefined }) },
      "ENVIRONMENTS.staging: ",
    ],
    [
      "an alarm prefix that other environments' alarms may have",
      { ENVIRONMENTS: JSON.stringify({ ...PARTS, test: part("test", { alarmPrefix: "kiro-worker-test" }) }) },
      "ENVIRONMENTS.test.alarmPrefix: text that ends with -",
    ],
    [
      "a budget of nothing",
      { ENVIRONMENTS: JSON.stringify({ ...PARTS, test: part("test", { budget: 0 }) }) },
      "ENVIRONMENTS.test.budget: ",
    ],
    [
      "no watch window",
      { ENVIRONMENTS: JSON.stringify({ ...PARTS, test: part("test", { watchWindowSeconds: 0 }) }) },
      "ENVIRONMENTS.test.watchWindowSeconds: ",
    ],
    [
      "a validation without time",
      { ROLLBACK_RULES: JSON.stringify({ ...LIMITS, longestValidationSeconds: 0 }) },
      "ROLLBACK_RULES.longestValidationSeconds: ",
    ],
    ["an empty name", { TABLE_NAME: "" }, "TABLE_NAME: "],
  ])("with %s are refused by the name", (_, over, mistake) => {
    expect(() => rollbackSettings({ ...ENV, ...over })).toThrow(mistake);
  });

  it("may say that there is no time to settle and no grace", () => {
    const rules = JSON.stringify({ ...LIMITS, settleSeconds: 0, graceSeconds: 0 });
    expect(rollbackSettings({ ...ENV, ROLLBACK_RULES: rules }).validation).toMatchObject({ settleMs: 0, graceMs: 0 });
  });
});
