import type { DeploymentRecord } from "../../../../runtime/deployments/domain";
import type { RollbackProgress } from "../../../../runtime/deployments/domainRollback";
import { deploymentInfo } from "./fixtures";

/** A deployment to production that is live and bakes. */
export function deploymentRecord(over: Partial<DeploymentRecord> = {}): DeploymentRecord {
  return {
    ...deploymentInfo({ environment: "production" }),
    deploymentId: "production#1000000",
    status: "in_progress",
    phase: "baking",
    startTime: 1_000_000,
    changingAt: 1_010_000,
    activatedAt: 1_020_000,
    lockToken: 3,
    infrastructureChanged: false,
    integrationTestsPassed: true,
    e2eTestsPassed: true,
    rollbackStatus: "none",
    expiresAt: 7_777_000,
    ...over,
  };
}

/** A rollback of it that was just claimed. */
export function rollbackProgress(over: Partial<RollbackProgress> = {}): RollbackProgress {
  return {
    token: 4,
    cause: "alarm",
    because: "alarm kiro-worker-production-failures in ALARM state",
    failedAlarms: ["kiro-worker-production-failures"],
    target: { version: "b".repeat(40), releaseDigest: "f".repeat(64), deploymentId: "production#900000" },
    level: "stage",
    claimedAt: 1_100_000,
    round: 1,
    next: "stop-execution",
    done: [],
    ...over,
  };
}
