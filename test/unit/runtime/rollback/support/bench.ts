import type { DeploymentRecord } from "../../../../../runtime/deployments/domain";
import type { NoticeMessage } from "../../../../../runtime/notices/domain";
import { noticeOf, OUTBOX } from "../../../../../runtime/notices/items";
import type { Running } from "../../../../../runtime/rollback/domainProgress";
import { RollbackOrchestrator } from "../../../../../runtime/rollback/orchestrator";
import type { RollbackLog, RollbackPorts, RollbackRequest } from "../../../../../runtime/rollback/ports";
import type { Environment } from "../../../../../runtime/types";
import { BAD, digestOf, GOOD, VALIDATION, type World } from "../../../../property/runtime/rollback/world";
import { deploymentRecord, rollbackProgress } from "../../support/deploymentRecord";

/** An orchestrator in the world, and what it measures and logs. */
export function benchOf(world: World, over: Partial<RollbackPorts> = {}) {
  const metrics: (readonly [string, ...unknown[]])[] = [];
  const log = new RecordedLog();
  const ports: RollbackPorts = {
    ...world.ports(),
    metrics: {
      publishRollback: async (...said) => void metrics.push(["count", ...said]),
      publishRollbackDuration: async (...said) => void metrics.push(["duration", ...said]),
    },
    log,
    ...over,
  };
  return { orchestrator: new RollbackOrchestrator(ports, VALIDATION), ports, metrics, log };
}

/** Lines of a log, as `[level, message, details]`. */
export class RecordedLog implements RollbackLog {
  readonly lines: unknown[] = [];
  info(message: string, details: object): void {
    this.lines.push(["info", message, details]);
  }
  warn(message: string, details: object): void {
    this.lines.push(["warn", message, details]);
  }
}

/** The request to take the deployment back, on the state as it is now. */
export async function requestFor(
  world: World,
  record: DeploymentRecord,
  over: Partial<RollbackRequest["claim"]> = {},
): Promise<RollbackRequest> {
  const state = await world.table.state(record.environment);
  return {
    record,
    state,
    claim: {
      cause: "alarm",
      because: "alarm in ALARM state",
      failedAlarms: ["failed-jobs"],
      target: {
        version: GOOD,
        releaseDigest: digestOf(GOOD),
        deploymentId: record.previousDeploymentId ?? "",
        infrastructureVersion: GOOD,
      },
      counts: true,
      ...over,
    },
  };
}

/** Production's deployment of the bad release, being taken back to the good one. */
export function running(over: Partial<Running["rollback"]> = {}, record: Partial<DeploymentRecord> = {}): Running {
  const target = { version: GOOD, releaseDigest: digestOf(GOOD), deploymentId: "production#900000" };
  const rollback = rollbackProgress({ target, ...over });
  return {
    ...deploymentRecord({ version: BAD, releaseDigest: digestOf(BAD), rollbackStatus: "running", ...record }),
    rollback,
  };
}

/** What was told so far of the environment's rollbacks and troubles, in the order of their ids. */
export function told(world: World, environment: Environment): NoticeMessage[] {
  return [...world.table.items.values()]
    .filter((item) => item["environment"] === OUTBOX)
    .map((item) => noticeOf(item))
    .filter(({ message, topic }) => message.environment === environment && topic === "rollbacks")
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ message }) => message);
}

/** Changes the record in the table, as no code of ours would. */
export function rewrite(world: World, record: DeploymentRecord, over: Partial<DeploymentRecord>): void {
  const item = JSON.parse(JSON.stringify({ ...record, ...over })) as Record<string, unknown>;
  world.table.items.set(record.deploymentId, item);
}
