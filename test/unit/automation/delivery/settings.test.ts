import { describe, expect, it } from "@jest/globals";
import { deliverySettings, undoSettings, verifySettings } from "../../../../automation/delivery/settings";

describe("the settings of a deploy project's build", () => {
  it("are one object, with durations in milliseconds", () => {
    expect(deliverySettings(env)).toMatchObject({
      installation: "prod",
      environment: "staging",
      lockWaitMs: 1_200_000,
      healthCheckIntervalMs: 1_050,
      buildId: "deploy:1",
    });
  });

  it("for verify have the deployment, and the test build where tests run", () => {
    const deploymentId = "staging#1790000000000";
    expect(verifySettings({ ...env, DEPLOYMENT_ID: deploymentId, TEST_BUILD_ID: "e2e:1" })).toMatchObject({
      deploymentId,
      testBuildId: "e2e:1",
    });
    expect(verifySettings({ ...env, DEPLOYMENT_ID: deploymentId, TEST_BUILD_ID: "" })).not.toHaveProperty(
      "testBuildId",
    );
  });

  it("for undo have the claim of the rollback that started it", () => {
    const claim = { DEPLOYMENT_ID: "staging#1790000000000", ROLLBACK_TOKEN: "12" };
    expect(undoSettings({ ...env, ...claim })).toMatchObject({
      deploymentId: "staging#1790000000000",
      rollbackToken: 12,
    });
    expect(() => undoSettings({ ...env, ...claim, ROLLBACK_TOKEN: "0" })).toThrow(
      'ROLLBACK_TOKEN is "0", allowed: a whole number from 1',
    );
  });

  it("are refused with every mistake at once", () => {
    const broken = {
      ...env,
      ENVIRONMENT: "prod",
      ALARM_PREFIX: "kiro-worker-staging",
      LOCK_WAIT_SECONDS: "soon",
      TABLE_NAME: undefined,
    };
    expect(() => deliverySettings(broken)).toThrow(
      'ENVIRONMENT is "prod", allowed: test, staging, production; TABLE_NAME is not set, allowed: some text; ' +
        'ALARM_PREFIX is "kiro-worker-staging", allowed: text that ends with -; LOCK_WAIT_SECONDS is "soon", allowed: a number of seconds',
    );
    expect(() => verifySettings({ ...env, DEPLOYMENT_ID: "" })).toThrow("DEPLOYMENT_ID is not set");
  });
});

// Helpers

const env = {
  INSTALLATION: "prod",
  ENVIRONMENT: "staging",
  AWS_REGION: "us-east-1",
  ACCOUNT_ID: "111122223333",
  WORKER_PREFIX: "kiro-worker",
  PIPELINE_NAME: "kiro-pipeline-prod",
  TABLE_NAME: "table",
  RELEASES_BUCKET: "releases",
  WORKER_ARTIFACTS_BUCKET: "artifacts",
  BACKEND_URL: "s3://state/staging",
  SECRETS_PROVIDER: "awskms://alias/x",
  TOOLCHAIN_DIGEST: "a".repeat(64),
  KMS_KEY_ARN: "arn:key",
  BOUNDARY_ARN: "arn:boundary",
  ALARM_PREFIX: "kiro-worker-staging-",
  WORKER_PROJECT: "kiro-worker-staging",
  HEALTH_CHECK_SECONDS: "300",
  HEALTH_CHECK_INTERVAL_SECONDS: "1.05",
  CANARY_INTERVAL_SECONDS: "60",
  LOCK_WAIT_SECONDS: "1200",
  CODEBUILD_BUILD_ID: "deploy:1",
  PIPELINE_EXECUTION_ID: "execution",
  RELEASE_VERSION: "c".repeat(40),
  RELEASE_DIGEST: "d".repeat(64),
};
