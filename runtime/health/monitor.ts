import { messageOf } from "../messageOf";
import type { CanaryRun } from "../deployments/domain";
import type { AlarmInfo } from "../types";
import { type AlarmReading, canaryAfter, judge } from "./domain";
import type { HealthOptions, HealthPorts, HealthReport } from "./ports";

/**
 * One session of watching one deployment. Everything it sees is kept, so whatever it is asked later, a failure that it
 * has seen once stays.
 */
export class HealthCheckMonitor {
  private readonly readings: AlarmReading[] = [];
  private readonly canaries: CanaryRun[] = [];

  constructor(
    private readonly ports: HealthPorts,
    private readonly options: HealthOptions,
  ) {}

  /**
   * Watches for `durationMs`: alarms at both ends and between, a canary job at the start and one per canary interval.
   * Ends early when the release is measured bad; ends late, by the grace at most, while a canary still runs.
   */
  async monitorHealthChecks(durationMs: number): Promise<HealthReport> {
    const { clock } = this.ports;
    const { pollIntervalMs, canaryIntervalMs, canaryGraceMs } = this.options;
    const began = clock.now();
    const end = began + durationMs;
    let nextCanary = began;
    for (;;) {
      const at = clock.now();
      if (at >= nextCanary && (at < end || nextCanary === began)) {
        await this.startCanary();
        while (nextCanary <= at) nextCanary += canaryIntervalMs;
      }
      const looked = clock.now();
      const report = await this.look();
      if (report.verdict.kind === "failed") return report;
      const limit = looked < end ? end : end + canaryGraceMs;
      if (looked >= end && (!this.canaryRuns() || looked >= limit)) return report;
      await clock.sleep(Math.min(pollIntervalMs, limit - looked));
    }
  }

  /** One canary job, waited for until it ends or the grace is over, and one look at the alarms. */
  async runHealthChecks(): Promise<HealthReport> {
    const { clock } = this.ports;
    const limit = clock.now() + this.options.canaryGraceMs;
    await this.startCanary();
    for (;;) {
      const looked = clock.now();
      const report = await this.look();
      if (report.verdict.kind === "failed" || !this.canaryRuns() || looked >= limit) return report;
      await clock.sleep(Math.min(this.options.pollIntervalMs, limit - looked));
    }
  }

  /** All alarms of the environment, as they are now. Throws what the source throws. */
  async checkAlarms(): Promise<readonly AlarmInfo[]> {
    const alarms = await this.ports.alarms.states(this.options.alarmPrefix);
    this.readings.push({ kind: "read", at: this.ports.clock.now(), alarms });
    return alarms;
  }

  private async look(): Promise<HealthReport> {
    await Promise.all(this.canaries.map((canary, index) => this.followCanary(canary, index)));
    try {
      await this.checkAlarms();
    } catch (error) {
      this.readings.push({ kind: "unreadable", at: this.ports.clock.now(), because: messageOf(error) });
    }
    const report = this.report();
    await this.options.onPoll?.(report);
    return report;
  }

  private async startCanary(): Promise<void> {
    const startedAt = this.ports.clock.now();
    const token = `${this.options.deploymentId}-canary-${this.canaries.length + 1}`;
    try {
      this.canaries.push({ jobId: await this.ports.jobs.start(token), startedAt, status: "running" });
    } catch (error) {
      this.canaries.push({ jobId: token, startedAt, status: "error", because: `not started: ${messageOf(error)}` });
    }
  }

  private async followCanary(canary: CanaryRun, index: number): Promise<void> {
    if (canary.status !== "running") return;
    try {
      const status = await this.ports.jobs.status(canary.jobId);
      this.canaries[index] = canaryAfter(canary, status, this.options.version);
    } catch (error) {
      // It may still be read at the next look; until then it counts as running.
      this.canaries[index] = { ...canary, because: `its state could not be read: ${messageOf(error)}` };
    }
  }

  private canaryRuns(): boolean {
    return this.canaries.some((canary) => canary.status === "running");
  }

  private report(): HealthReport {
    const canaries = [...this.canaries];
    const verdict = judge({ readings: this.readings, canaries }, this.options.alarmsBefore);
    return {
      success: verdict.kind === "healthy",
      failedAlarms: verdict.kind === "failed" ? verdict.failedAlarms : [],
      timestamp: this.ports.clock.now(),
      verdict,
      canaries,
    };
  }
}
