import type { DeploymentInfo } from "../../../../runtime/deployments/domain";
import { type Release, sha256 } from "../../../../runtime/releases/domain";
import type { TestResults } from "../../../../runtime/types";

export const VERSION = "a".repeat(40);
export const APPLICATION = Buffer.from("the application");
export const INFRASTRUCTURE = Buffer.from("the infrastructure program");
export const LAYER = Buffer.from("its dependencies");

export const TEST_RESULTS: TestResults = {
  unitTestsPassed: true,
  integrationTestsPassed: true,
  e2eTestsPassed: false,
  coveragePercentage: 93.5,
  testSummary: { total: 3, passed: 2, failed: 1, skipped: 0 },
  failedTests: [{ name: "adds", suite: "calculator", error: "2 is not 3" }],
};

export function deploymentInfo(over: Partial<DeploymentInfo> = {}): DeploymentInfo {
  return {
    environment: "test",
    version: VERSION,
    releaseDigest: "d".repeat(64),
    infrastructureDigest: "e".repeat(64),
    buildId: "deploy:1",
    pipelineExecutionId: "execution-1",
    commitMessage: "feat: jobs",
    commitAuthor: "Ada",
    artifactLocation: `s3://releases/releases/${VERSION}`,
    unitTestsPassed: true,
    coveragePercentage: 90,
    alarmsBefore: [],
    ...over,
  };
}

export function release(over: Partial<Release> = {}): Release {
  return {
    schema: 1,
    version: VERSION,
    sequence: 7,
    ancestors: ["b".repeat(40)],
    author: "Ada",
    message: "feat: jobs",
    committedAt: "2026-01-02T03:04:05+01:00",
    files: {
      "application.zip": { sha256: sha256(APPLICATION), size: APPLICATION.length },
      "infrastructure.tar.gz": { sha256: sha256(INFRASTRUCTURE), size: INFRASTRUCTURE.length },
    },
    layer: { key: "layers/1.tar.gz", sha256: sha256(LAYER) },
    infrastructureDigest: "e".repeat(64),
    changedFiles: ["src/job.ts"],
    testResults: { ...TEST_RESULTS, failedTests: undefined },
    rollbackCompatibleFrom: null,
    tools: { driver: "driver", toolchain: "toolchain" },
    ...over,
  };
}
