import { type Clock } from "../../../../runtime/health/ports";

/** Time that passes only by sleeping. */
export class ManualClock implements Clock {
  constructor(private time: number) {}

  /** Called after each sleep: what happens meanwhile. */
  meanwhile: (now: number) => Promise<void> = async () => undefined;

  now(): number {
    return this.time;
  }

  async sleep(milliseconds: number): Promise<void> {
    this.time += milliseconds;
    await this.meanwhile(this.time);
  }
}
