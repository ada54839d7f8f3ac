import type { JobStatus } from "../../../../runtime/health/domain";
import type { HealthOptions, HealthPorts } from "../../../../runtime/health/ports";
import type { AlarmInfo } from "../../../../runtime/types";

/** A world in which time passes only by sleeping; what is seen follows from the time. */
export class HealthWorld {
  now = 0;
  readonly looks: number[] = [];
  readonly starts: { readonly at: number; readonly token: string }[] = [];
  /** The alarms at a time. */
  alarmsAt: (at: number) => readonly AlarmInfo[] = () => [];
  /** A job's state at a time, by when it was started. */
  jobAt: (at: number, startedAt: number) => JobStatus = (at, startedAt) =>
    at - startedAt < 10 ? { kind: "running" } : { kind: "succeeded", releaseVersion: "v1" };
  startAt: (at: number) => void = () => undefined;

  readonly ports: HealthPorts = {
    clock: {
      now: () => this.now,
      sleep: async (ms) => {
        if (!(ms > 0)) throw new Error(`slept for ${ms}`);
        this.now += ms;
      },
    },
    alarms: {
      states: async (prefix) => {
        this.looks.push(this.now);
        return this.alarmsAt(this.now).filter((alarm) => alarm.name.startsWith(prefix));
      },
    },
    jobs: {
      start: async (token) => {
        this.startAt(this.now);
        this.starts.push({ at: this.now, token });
        return `job:${this.starts.length}`;
      },
      status: async (jobId) => this.jobAt(this.now, this.starts[Number(jobId.slice(4)) - 1]?.at ?? 0),
    },
  };
}

export function healthOptions(over: Partial<HealthOptions> = {}): HealthOptions {
  return {
    deploymentId: "test#1",
    version: "v1",
    alarmPrefix: "worker-test-",
    alarmsBefore: [],
    pollIntervalMs: 30,
    canaryIntervalMs: 60,
    canaryGraceMs: 100,
    ...over,
  };
}
