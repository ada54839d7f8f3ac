import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { judgeCoverage } from "../../../../automation/gates/testRun";
import { readCloverLines } from "../../../../automation/release/testReports";

/** How often each line of each file ran; a few more files with no line at all, as reporters write them. */
const runs = fc
  .array(fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 1e6 })), { maxLength: 40 }), { minLength: 1, maxLength: 6 })
  .filter((files) => files.some((lines) => lines.length > 0));

describe("coverage threshold", () => {
  it("blocks below the threshold and passes at or above it, whatever the report", () => {
    const reached = new Set<"below" | "at" | "above">();
    fc.assert(
      fc.property(runs, thresholds, (files, chosen) => {
        const counts = files.flat();
        const covered = counts.filter((count) => count > 0).length;
        const threshold = chosen(Math.floor((covered * 100) / counts.length));
        const difference = covered * 100 - threshold * counts.length;
        reached.add(difference < 0 ? "below" : difference === 0 ? "at" : "above");

        const { outcome } = judgeCoverage(readCloverLines(clover(files)), threshold);
        expect(outcome).toBe(difference < 0 ? "blocked" : "passed");
      }),
      { numRuns: 1_000 },
    );
    expect(reached).toEqual(new Set(["below", "at", "above"]));
  });
});

// Helpers

/** Any threshold there is, and often one beside what the report shows, where rounding would tell. */
const thresholds = fc.oneof(
  fc.integer({ min: 0, max: 100 }).map((threshold) => () => threshold),
  fc.constantFrom(0, 1).map((more) => (percentage: number) => Math.min(100, percentage + more)),
);

function clover(files: readonly (readonly number[])[]): string {
  const written = files.map((lines, file) => {
    const elements = lines.map((count, index) => `<line num="${index + 1}" count="${count}" type="stmt"/>`);
    return `<file name="${file}.ts" path="/src/${file}.ts"><metrics statements="${lines.length}"/>${elements.join("")}</file>`;
  });
  return `<?xml version="1.0"?><coverage><project name="All files"><package name="src">${written.join("")}</package></project></coverage>`;
}
