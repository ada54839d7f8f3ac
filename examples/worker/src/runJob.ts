import { parseJobDescription } from "./jobDescription";
import { runStep } from "./steps";

/**
 * Exit codes of a job. *Refused* is the caller's mistake and *failed* the worker's: only a failed job counts in the
 * `FailedJobs` metric, or anyone could take a good release back by sending nonsense.
 */
export const EXIT = { succeeded: 0, failed: 1, refused: 2 } as const;

/**
 * Runs one job: `release <version>` first, then one line of JSON per step, then one for the job.
 * @param json the job description, see `parseJobDescription`
 * @param release version of the release that runs, a full commit SHA
 * @returns the exit code
 */
export function runJob(
  json: string | undefined,
  release: string | undefined,
  print: (line: string) => void,
  run: typeof runStep = runStep,
): number {
  print(`release ${release ?? "unknown"}`);
  const parsed = parseJobDescription(json);
  if (!parsed.ok) {
    print(JSON.stringify({ status: "refused", mistakes: parsed.mistakes }));
    return EXIT.refused;
  }
  const { name, steps } = parsed.job;
  for (const [index, step] of steps.entries()) {
    const line = { step: index + 1, do: step.do };
    try {
      print(JSON.stringify({ ...line, status: "succeeded", ...run(step) }));
    } catch (error) {
      print(JSON.stringify({ ...line, status: "failed", reason: String(error) }));
      print(JSON.stringify({ job: name, status: "failed", steps: index }));
      return EXIT.failed;
    }
  }
  print(JSON.stringify({ job: name, status: "succeeded", steps: steps.length }));
  return EXIT.succeeded;
}
