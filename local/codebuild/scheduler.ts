/** When the builds of a project run, and for how long. */
export interface Job {
  readonly id: string;
  readonly project: string;
  /** Builds of the project that may run at once; absent: any number. */
  readonly limit?: number;
  readonly queuedTimeoutMs: number;
  readonly timeoutMs: number;
  /** Runs the build; ends soon after `signal` fires. */
  run(signal: AbortSignal): Promise<void>;
  /** The build is over before it could run. */
  drop(why: Interruption): void;
}

/** Why a build is ended from outside; the reason of the abort signal. */
export interface Interruption {
  readonly status: "STOPPED" | "TIMED_OUT" | "FAULT";
  readonly message: string;
}

interface Running {
  readonly job: Job;
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

/**
 * Starts builds as their project's limit allows, first come first served, and ends those that are stopped or out of
 * time. (On AWS a build above the limit is refused; here it waits, as a pipeline would try again.)
 */
export class Scheduler {
  private readonly waiting: { job: Job; timer: NodeJS.Timeout }[] = [];
  private readonly running = new Map<string, Running>();

  submit(job: Job): void {
    const timer = setTimeout(() => {
      this.take(job.id)?.drop({ status: "TIMED_OUT", message: "The build waited too long in the queue." });
    }, job.queuedTimeoutMs).unref();
    this.waiting.push({ job, timer });
    this.startWhatMay();
  }

  /** Ends a build, waiting or running; resolves when it is over. Unknown ids are over already. */
  async interrupt(id: string, why: Interruption): Promise<void> {
    this.take(id)?.drop(why);
    const running = this.running.get(id);
    running?.controller.abort(why);
    await running?.done;
  }

  async interruptAll(why: Interruption): Promise<void> {
    const ids = [...this.waiting.map(({ job }) => job.id), ...this.running.keys()];
    await Promise.all(ids.map((id) => this.interrupt(id, why)));
  }

  private take(id: string): Job | undefined {
    const index = this.waiting.findIndex(({ job }) => job.id === id);
    if (index < 0) return undefined;
    const [entry] = this.waiting.splice(index, 1);
    clearTimeout(entry?.timer);
    return entry?.job;
  }

  private startWhatMay(): void {
    for (const { job } of [...this.waiting]) {
      const busy = [...this.running.values()].filter((each) => each.job.project === job.project).length;
      if (job.limit !== undefined && busy >= job.limit) continue;
      this.take(job.id);
      this.start(job);
    }
  }

  private start(job: Job): void {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      controller.abort({
        status: "TIMED_OUT",
        message: `Build has timed out after ${job.timeoutMs / 60_000} minutes.`,
      });
    }, job.timeoutMs).unref();
    const done = job.run(controller.signal).finally(() => {
      clearTimeout(timer);
      this.running.delete(job.id);
      this.startWhatMay();
    });
    this.running.set(job.id, { job, controller, done });
  }
}
