import type { WorkerRepository } from "./workerRepository";

/** A job that the sample worker does and the bad release does not: more words than its table holds. */
export const FAILING_JOB = JSON.stringify({
  name: "report",
  steps: [{ do: "word-statistics", text: Array.from({ length: 100 }, (_, n) => `word${n}`).join(" ") }],
});

const COUNTING = "for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);";
const COUNTING_BADLY = `for (const word of words) {
    if (counts.size >= 64) throw new RangeError("the table of words is full");
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }`;

/** Every test of the worker is green with it, and so is every canary job: only production's own jobs have so many words. */
export async function breakWordStatistics(worker: WorkerRepository): Promise<void> {
  await worker.edit("src/steps.ts", COUNTING, COUNTING_BADLY);
}

/** A harmless change of the worker's infrastructure, to be undone together with the release that brought it. */
export const TIMEOUT = { before: 10, after: 15 } as const;

export async function changeInfrastructure(worker: WorkerRepository): Promise<void> {
  await worker.edit("infrastructure/index.ts", `buildTimeout: ${TIMEOUT.before},`, `buildTimeout: ${TIMEOUT.after},`);
}
