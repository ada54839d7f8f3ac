import { describe, expect, it } from "@jest/globals";
import {
  arn,
  buildLogGroup,
  environmentNames,
  iamArn,
  installationNames,
  INSTALLATIONS,
  named,
  workerPrefix,
} from "../../../components/naming";
import { ENVIRONMENTS } from "../../../runtime/types";
import { place } from "./recording";

describe("names of an installation", () => {
  it("are those that people and other programs know", () => {
    expect(installationNames(place)).toEqual({
      workerPrefix: "kiro-worker",
      pipeline: "kiro-pipeline-prod",
      pipelineRole: "kiro-pipeline-prod-pipeline",
      connection: "kiro-pipeline-prod",
      keyAlias: "alias/kiro-pipeline-prod",
      artifactsBucket: "kiro-pipeline-prod-artifacts-111111111111",
      releasesBucket: "kiro-pipeline-prod-releases-111111111111",
      stateBucket: "kiro-pipeline-prod-state-111111111111",
      deploymentsTable: "kiro-pipeline-prod-deployments",
      pipelineLogGroup: "/aws/codepipeline/kiro-pipeline-prod",
      rollbackLogGroup: "/aws/lambda/kiro-pipeline-prod-rollback",
      toolchainParameter: "/kiro-pipeline/prod/toolchain-digest",
      projects: {
        build: "kiro-pipeline-prod-build",
        "integration-test": "kiro-pipeline-prod-integration-test",
        "e2e-test": "kiro-pipeline-prod-e2e-test",
        "deploy-test": "kiro-pipeline-prod-deploy-test",
        "deploy-staging": "kiro-pipeline-prod-deploy-staging",
        "deploy-production": "kiro-pipeline-prod-deploy-production",
      },
      topics: {
        deployments: "kiro-pipeline-prod-deployments",
        approvals: "kiro-pipeline-prod-approvals",
        rollbacks: "kiro-pipeline-prod-rollbacks",
      },
      rollbackFunction: "kiro-pipeline-prod-rollback",
      rollbackQueue: "kiro-pipeline-prod-rollback-dlq",
      rollbackRules: {
        alarms: "kiro-pipeline-prod-rollback-alarms",
        stages: "kiro-pipeline-prod-rollback-stages",
        builds: "kiro-pipeline-prod-rollback-builds",
        canaries: "kiro-pipeline-prod-rollback-canaries",
        tick: "kiro-pipeline-prod-rollback-tick",
      },
      alarms: {
        failures: "kiro-pipeline-prod-failures",
        rollbacks: "kiro-pipeline-prod-rollbacks",
        "rollback-dlq-not-empty": "kiro-pipeline-prod-rollback-dlq-not-empty",
      },
    });
  });

  it("say which environment of which installation something belongs to", () => {
    expect(environmentNames({ ...place, installation: "staging" }, "production")).toEqual({
      worker: "kiro-staging-worker-production",
      ownedPrefix: "kiro-staging-worker-production-",
      artifactsBucket: "kiro-staging-worker-production-artifacts-111111111111",
      stateKeyAlias: "alias/kiro-pipeline-staging-production-state",
      boundary: "kiro-staging-worker-production-boundary",
      metricNamespace: "KiroWorker/kiro-staging-worker-production",
      statePrefix: "production",
      backendUrl: "s3://kiro-pipeline-staging-state-111111111111/production?region=eu-west-1&awssdk=v2",
      secretsProvider: "awskms://alias/kiro-pipeline-staging-production-state?region=eu-west-1&awssdk=v2",
    });
  });

  it("never begin like those of another installation's worker", () => {
    const owned = INSTALLATIONS.flatMap((installation) =>
      ENVIRONMENTS.map((environment) => environmentNames({ ...place, installation }, environment).ownedPrefix),
    );
    for (const prefix of owned) expect(owned.filter((other) => other.startsWith(prefix))).toEqual([prefix]);
    expect(INSTALLATIONS.map(workerPrefix)).toEqual(["kiro-test-worker", "kiro-staging-worker", "kiro-worker"]);
  });

  it("fail where the service would not take their length, and say what it takes", () => {
    expect(named("bucket", "b".repeat(63))).toHaveLength(63);
    expect(() => named("bucket", "b".repeat(64))).toThrow(/has 64 characters, AWS allows 63/);
    expect(() => buildLogGroup("p".repeat(501))).toThrow(/log group name .* AWS allows 512/);
    expect(() => installationNames({ ...place, accountId: "1".repeat(40) })).toThrow(RangeError);
  });

  it("make ARNs of the installation's own account and region", () => {
    expect(arn(place, "sns", "topic")).toBe("arn:aws:sns:eu-west-1:111111111111:topic");
    expect(iamArn(place, "role/r")).toBe("arn:aws:iam::111111111111:role/r");
  });
});
