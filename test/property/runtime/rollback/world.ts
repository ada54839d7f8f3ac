import { type DeploymentRecord, type HolderActivity } from "../../../../runtime/deployments/domain";
import { DeploymentStateManager } from "../../../../runtime/deployments/manager";
import type { Outcome, StartOutcome } from "../../../../runtime/deployments/ports";
import { RollbackStateManager } from "../../../../runtime/deployments/rollbackManager";
import type { JobStatus } from "../../../../runtime/health/domain";
import type { NoticeOutbox } from "../../../../runtime/notices/ports";
import { noticeItem } from "../../../../runtime/notices/items";
import type { CurrentPointer, Release } from "../../../../runtime/releases/domain";
import { RollbackDesk } from "../../../../runtime/rollback/desk";
import type { RollbackRules } from "../../../../runtime/rollback/domain";
import { RollbackOrchestrator } from "../../../../runtime/rollback/orchestrator";
import type { RollbackPorts, ValidationRules, WatchedAlarm } from "../../../../runtime/rollback/ports";
import type { Environment } from "../../../../runtime/types";
import { deploymentInfo, release } from "../../../unit/runtime/support/fixtures";
import { MemoryTable } from "../../../unit/runtime/support/memoryTable";

export const LEASE = 15 * 60_000;
export const MINUTE = 60_000;
export const PREFIX = {
  test: "kiro-worker-test-",
  staging: "kiro-worker-staging-",
  production: "kiro-worker-production-",
};
export const RULES: RollbackRules = {
  watchWindowMs: { test: 30 * MINUTE, staging: 30 * MINUTE, production: 60 * MINUTE },
  alarmPrefix: PREFIX,
  budget: { staging: 8, production: 4 },
  budgetWindowMs: 24 * 60 * MINUTE,
};
export const VALIDATION: ValidationRules = {
  settleMs: MINUTE,
  graceMs: 2 * MINUTE,
  longestMs: 15 * MINUTE,
  alarmPrefix: PREFIX,
};

export const GOOD = "a".repeat(40);
export const BAD = "b".repeat(40);
export const NEXT = "c".repeat(40);
export const digestOf = (version: string): string => version.slice(0, 1).repeat(64);

type BuildStatus = "running" | "succeeded" | "failed";
interface Build {
  readonly status: BuildStatus;
  readonly environment: Environment;
  readonly mode: "deploy" | "undo";
}
interface Job {
  readonly environment: Environment;
  readonly ran: string | undefined;
  readonly status: "running" | "succeeded" | "failed" | "error";
}

/** How one call of the system is disturbed: at its nth effect, before the effect happens or after it. */
export interface Fault {
  readonly at: number;
  readonly kind: "fails" | "crashes";
}

export class Disturbed extends Error {}

/**
 * Everything outside of the decision and the orchestrator, in memory: the table by its real code, pipeline, builds, jobs,
 * alarms and pointers by what AWS documents of them. Copying one copies all of it.
 */
export class World {
  table = new MemoryTable();
  now = 1_000_000_000;
  executions = new Map<string, "running" | "terminal">();
  builds = new Map<string, Build>();
  jobs = new Map<string, Job>();
  pointers = new Map<Environment, CurrentPointer>();
  /** Since when production's alarm is on. */
  alarmSince: number | undefined;
  /** When it went on last; an event may tell of it long after. */
  lastAlarm: number | undefined;
  /** What happens once at the most: an operator asks, a later deployment comes, somebody flips the pointer by hand. */
  asked = false;
  others = false;
  meddled = false;
  /** Broken rules, told by whoever sees them. */
  violations: string[] = [];
  /** Effects of the current call. */
  effects = 0;
  fault: Fault | undefined;

  copy(): World {
    const copy = new World();
    copy.table.items.clear();
    for (const [key, item] of this.table.items) copy.table.items.set(key, item);
    copy.now = this.now;
    copy.executions = new Map(this.executions);
    copy.builds = new Map(this.builds);
    copy.jobs = new Map(this.jobs);
    copy.pointers = new Map(this.pointers);
    copy.alarmSince = this.alarmSince;
    copy.lastAlarm = this.lastAlarm;
    copy.asked = this.asked;
    copy.others = this.others;
    copy.meddled = this.meddled;
    copy.violations = [...this.violations];
    return copy;
  }

  /** What tells two worlds apart; times only as far as anything depends on them. */
  digest(): string {
    const sorted = (map: ReadonlyMap<string, unknown>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([
      sorted(this.table.items),
      sorted(this.executions),
      sorted(this.builds),
      sorted(this.jobs),
      sorted(this.pointers),
      this.alarmSince,
      this.lastAlarm,
      this.asked,
      this.others,
      this.meddled,
      this.now,
    ]);
  }

  readonly clock = (): number => this.now;
  get manager(): DeploymentStateManager {
    return new DeploymentStateManager(this.table, this.clock, LEASE);
  }

  desk(): RollbackDesk {
    const ports = this.ports();
    return new RollbackDesk(
      { ...ports, holders: { activity: async (lock) => this.activity(lock) }, notices: this.outbox() },
      new RollbackOrchestrator(ports, VALIDATION),
      RULES,
    );
  }

  alarms(environment: Environment): readonly WatchedAlarm[] {
    if (environment !== "production") return [];
    const on = this.alarmSince !== undefined;
    const name = `${PREFIX.production}failed-jobs`;
    return [{ name, state: on ? "ALARM" : "OK", since: this.alarmSince ?? 0, evaluationMs: MINUTE }];
  }

  async records(): Promise<DeploymentRecord[]> {
    const keys = [...this.table.items.keys()].filter((key) => /^(test|staging|production)#\d+$/.test(key));
    return Promise.all(keys.map(async (key) => (await this.table.record(key)) as DeploymentRecord));
  }

  /** A deployment up to the phase, by the commands' own code. */
  async deploy(
    environment: Environment,
    version: string,
    upTo: "locked" | "changing" | "live" | "baking" | "done",
    infrastructure = false,
  ) {
    const execution = `execution-${version.slice(0, 1)}`;
    const buildId = `deploy-${environment}:${version.slice(0, 1)}`;
    this.executions.set(execution, upTo === "done" && environment === "production" ? "terminal" : "running");
    this.builds.set(buildId, {
      status: upTo === "locked" || upTo === "changing" ? "running" : "succeeded",
      environment,
      mode: "deploy",
    });
    const info = deploymentInfo({
      environment,
      version,
      releaseDigest: digestOf(version),
      buildId,
      pipelineExecutionId: execution,
    });
    let record = done(await this.manager.recordDeploymentStart(info));
    this.now += 1_000;
    if (upTo === "locked") return record;
    record = done(
      await this.manager.beginChange(record, { action: infrastructure ? "up" : "none", because: "explored" }),
    );
    if (upTo === "changing") return record;
    this.pointers.set(environment, { ...pointerOf(record), flippedAt: new Date(this.now).toISOString() });
    record = done(await this.manager.recordLive(record));
    this.now += 1_000;
    if (upTo === "live") return record;
    record = done(await this.manager.beginBake(record));
    if (upTo === "baking") return record;
    record = done(await this.manager.succeed(record, []));
    this.now += 1_000;
    return record;
  }

  private activity({ buildId, pipelineExecutionId }: { buildId: string; pipelineExecutionId: string }): HolderActivity {
    const build = this.builds.get(buildId)?.status;
    return {
      execution: this.executions.get(pipelineExecutionId) ?? "unknown",
      build: build === undefined ? "unknown" : build === "running" ? "running" : "terminal",
    };
  }

  /** One effect on the outside. A crash loses what comes after it, a failure the effect itself. */
  private async effect<T>(work: () => T | Promise<T>): Promise<T> {
    this.effects += 1;
    const due = this.fault?.at === this.effects ? this.fault.kind : undefined;
    if (due === "fails") throw new Disturbed("the effect failed");
    const result = await work();
    if (due === "crashes") throw new Disturbed("crashed after the effect");
    return result;
  }

  private outbox(): Pick<NoticeOutbox, "queue"> {
    return {
      queue: (notice) =>
        this.effect(() => {
          if (this.table.items.has(notice.id)) return "known" as const;
          this.table.items.set(notice.id, noticeItem(notice));
          return "queued" as const;
        }),
    };
  }

  ports(): RollbackPorts {
    const table = {
      state: (environment: Environment) => this.table.state(environment),
      record: (id: string) => this.table.record(id),
      history: this.table.history.bind(this.table),
      commit: (writes: Parameters<MemoryTable["commit"]>[0]) => this.effect(() => this.table.commit(writes)),
    };
    return {
      deployments: new DeploymentStateManager(table, this.clock, LEASE),
      rollbacks: new RollbackStateManager(table, this.clock, LEASE),
      executions: {
        stop: (id) =>
          this.effect(() => {
            this.executions.set(id, "terminal");
          }),
      },
      builds: {
        status: async (id) => this.builds.get(id)?.status ?? "unknown",
        stop: (id) =>
          this.effect(() => {
            const build = this.builds.get(id);
            if (build?.status === "running") this.builds.set(id, { ...build, status: "failed" });
          }),
        startUndo: ({ environment, deploymentId, token, round }) =>
          this.effect(async () => {
            const id = `undo-${environment}:${deploymentId}:${token}:${round}`;
            await this.watchUndo(deploymentId, environment);
            // The same request is the same build.
            if (!this.builds.has(id)) this.builds.set(id, { status: "running", environment, mode: "undo" });
            return id;
          }),
      },
      releases: {
        readRelease: async (version, digest) => {
          if (digest !== undefined && digest !== digestOf(version))
            this.violations.push(`${version} is read with another digest`);
          return { release: releaseOf(version), digest: digestOf(version) };
        },
      },
      pointer: (environment) => ({
        readCurrent: async () => ({
          current: this.pointers.get(environment),
          etag: JSON.stringify(this.pointers.get(environment)),
        }),
        flip: (expected, next) =>
          this.effect(async () => {
            const current = this.pointers.get(environment);
            if (JSON.stringify(current) !== expected.etag) return { kind: "lost" as const, current };
            await this.watchFlip(environment, next);
            this.pointers.set(environment, next);
            return { kind: "flipped" as const };
          }),
      }),
      alarms: { sightings: async (prefix) => (prefix === PREFIX.production ? this.alarms("production") : []) },
      jobs: (environment) => ({
        start: (token) =>
          this.effect(() => {
            if (!this.jobs.has(token))
              this.jobs.set(token, { environment, ran: this.pointers.get(environment)?.version, status: "running" });
            return token;
          }),
        status: async (id) => jobStatus(this.jobs.get(id)),
      }),
      metrics: { publishRollback: async () => undefined, publishRollbackDuration: async () => undefined },
      now: this.clock,
      log: { info: () => undefined, warn: () => undefined },
    };
  }

  /** Only where the bad release is (or is becoming) live, only back to what the record captured, never into quarantine. */
  private async watchFlip(environment: Environment, next: CurrentPointer): Promise<void> {
    const { lock, live, quarantine = [] } = await this.table.state(environment);
    const record = lock && (await this.table.record(lock.deploymentId));
    const say = (what: string) =>
      void this.violations.push(`flip of ${environment} to ${next.version.slice(0, 1)}: ${what}`);
    if (record?.rollbackStatus !== "running") return say("without a rollback under way");
    if (live !== undefined && live.version !== record.version && live.version !== next.version)
      say("the bad release is not live");
    const wanted = record.rollback?.cause === "operator" ? record.rollback.target.version : record.previousVersion;
    if (next.version !== wanted) say(`captured was ${wanted}`);
    if (quarantine.some(({ version }) => version === next.version)) say("it is quarantined");
    if (this.builds.get(record.buildId)?.status === "running") say("its build still runs");
  }

  /** Infrastructure is undone after the pointer, and never beside a build that may still change it. */
  private async watchUndo(deploymentId: string, environment: Environment): Promise<void> {
    const record = await this.table.record(deploymentId);
    const say = (what: string) => void this.violations.push(`undo in ${environment}: ${what}`);
    if (record === undefined) return say("no record");
    const flipped = this.pointers.get(environment)?.version === record.rollback?.target.version;
    if (!flipped && !this.meddled) say("before the pointer");
    if (this.builds.get(record.buildId)?.status === "running") say("its build still runs");
    if (!record.infrastructureChanged) say("nothing was changed");
  }
}

export function done(outcome: Outcome | StartOutcome): DeploymentRecord {
  if (outcome.kind !== "done") throw new Error(`expected done, got ${JSON.stringify(outcome)}`);
  return outcome.record;
}

function pointerOf({ version, releaseDigest, deploymentId }: DeploymentRecord) {
  return { version, releaseDigest, deploymentId };
}

function releaseOf(version: string): Release {
  return release({ version, sequence: version.charCodeAt(0), rollbackCompatibleFrom: null });
}

function jobStatus(job: Job | undefined): JobStatus {
  switch (job?.status) {
    case "running":
      return { kind: "running" };
    case "succeeded":
      return { kind: "succeeded", releaseVersion: job.ran };
    case "failed":
      return { kind: "failed", because: "it failed" };
    case "error":
    case undefined:
      return { kind: "error", because: "it could not be run" };
    default:
      throw new Error("a job in no known state");
  }
}
