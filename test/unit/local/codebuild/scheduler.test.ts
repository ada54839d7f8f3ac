import { describe, expect, it } from "@jest/globals";
import { Scheduler, type Interruption, type Job } from "../../../../local/codebuild/scheduler";

/** A job that runs until it is let go or interrupted. */
function job(id: string, more: Partial<Job> = {}): Job & { events: string[]; finish: () => void } {
  const events: string[] = [];
  let finish = (): void => undefined;
  const end = new Promise<void>((resolve) => (finish = resolve));
  return {
    id,
    project: "p",
    queuedTimeoutMs: 60_000,
    timeoutMs: 60_000,
    events,
    finish,
    run: async (signal) => {
      events.push("started");
      const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      await Promise.race([end, aborted]);
      events.push(signal.aborted ? (signal.reason as Interruption).status : "done");
    },
    drop: ({ status }) => events.push(`dropped ${status}`),
    ...more,
  };
}

const STOP: Interruption = { status: "STOPPED", message: "" };
const soon = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("Scheduler", () => {
  it("runs as many builds of a project as it may, the others after them in order", async () => {
    const scheduler = new Scheduler();
    const [a, b, c, other] = [
      job("a", { limit: 1 }),
      job("b", { limit: 1 }),
      job("c", { limit: 1 }),
      job("o", { project: "q" }),
    ];
    for (const each of [a, b, c, other]) scheduler.submit(each);
    expect([a, b, c, other].map(({ events }) => events.length)).toEqual([1, 0, 0, 1]);
    a.finish();
    await soon();
    expect([a.events, b.events, c.events]).toEqual([["started", "done"], ["started"], []]);
    await scheduler.interruptAll(STOP);
    expect([b.events, c.events, other.events]).toEqual([
      ["started", "STOPPED"],
      ["dropped STOPPED"],
      ["started", "STOPPED"],
    ]);
  });

  it("ends what runs or waits too long", async () => {
    const scheduler = new Scheduler();
    const [runs, waits] = [job("a", { limit: 1, timeoutMs: 30 }), job("b", { limit: 1, queuedTimeoutMs: 10 })];
    scheduler.submit(runs);
    scheduler.submit(waits);
    await soon(60);
    expect([runs.events, waits.events]).toEqual([["started", "TIMED_OUT"], ["dropped TIMED_OUT"]]);
  });

  it("has nothing to do for builds that it does not know", async () => {
    await expect(new Scheduler().interrupt("x", STOP)).resolves.toBeUndefined();
  });
});
