import type {
  CanaryRun,
  DeploymentInfo,
  DeploymentRecord,
  HolderActivity,
  InfrastructureDecision,
  Lock,
} from "../../../../runtime/deployments/domain";
import { DeploymentStateManager } from "../../../../runtime/deployments/manager";
import type { StartOutcome } from "../../../../runtime/deployments/ports";
import { deploymentInfo } from "./fixtures";
import { MemoryTable } from "./memoryTable";

export const LEASE = 1_000;
export const NONE: InfrastructureDecision = { action: "none", because: "the digests are equal" };
export const UP: InfrastructureDecision = { action: "up", because: "1 create", operations: { create: 1 } };
export const DEAD: HolderActivity = { execution: "terminal", build: "terminal" };
export const CANARIES: CanaryRun[] = [{ jobId: "job:1", startedAt: 5, status: "succeeded" }];

export function done(outcome: StartOutcome): DeploymentRecord {
  if (outcome.kind !== "done") throw new Error(`expected done, got ${JSON.stringify(outcome)}`);
  return outcome.record;
}

/** Deployments of the environment `test` in a table of their own, at a time that the test sets. */
export class DeploymentsWorld {
  readonly table = new MemoryTable();
  now = 1_000_000;
  readonly manager = new DeploymentStateManager(this.table, () => this.now, LEASE);

  async started(over: Partial<DeploymentInfo> = {}): Promise<DeploymentRecord> {
    return done(await this.manager.recordDeploymentStart(deploymentInfo(over)));
  }

  async baked(over: Partial<DeploymentInfo> = {}): Promise<DeploymentRecord> {
    const changing = done(await this.manager.beginChange(await this.started(over), NONE));
    return done(await this.manager.beginBake(done(await this.manager.recordLive(changing))));
  }

  async succeeded(over: Partial<DeploymentInfo> = {}): Promise<DeploymentRecord> {
    return done(await this.manager.succeed(await this.baked(over), CANARIES));
  }

  /** @throws when the lock is free */
  async lock(): Promise<Lock> {
    const { lock } = await this.manager.environmentState("test");
    if (lock === undefined) throw new Error("the lock is free");
    return lock;
  }
}
