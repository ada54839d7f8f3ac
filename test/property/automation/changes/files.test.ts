import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { infrastructureFilesSince } from "../../../../automation/changes/files";

/** What each commit of a branch touched of infrastructure, oldest first. */
const branch = fc.array(fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { maxLength: 3 }), {
  minLength: 1,
  maxLength: 12,
});

describe("what touched infrastructure since it was applied", () => {
  it("is the union of what each commit after the base touched", () => {
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(branch, fc.nat(), (touched, choice) => {
        const released = touched.length - 1;
        const base = choice % touched.length;
        const result = infrastructureFilesSince(releaseAt(released, touched), `c${base}`);
        const files = new Set<string>();
        const commits: string[] = [];
        for (let index = released; index > base; index--) {
          for (const file of touched[index] ?? []) files.add(file);
          if (touched[index]?.length !== 0) commits.push(`c${index}`);
        }
        outcomes.add(base === released ? "itself" : files.size === 0 ? "nothing" : "something");

        expect(result).toEqual({ kind: "known", commits, files: [...files].sort() });
      }),
      { numRuns: 500 },
    );
    expect([...outcomes].sort()).toEqual(["itself", "nothing", "something"]);
  });

  it("adds up: from the base to a release between, and from there on, is the whole way", () => {
    const input = branch.filter(({ length }) => length >= 3);
    fc.assert(
      fc.property(input, fc.nat(), (touched, choice) => {
        const last = touched.length - 1;
        const between = 1 + (choice % (last - 1 || 1));
        const first = known(infrastructureFilesSince(releaseAt(between, touched), "c0"));
        const then = known(infrastructureFilesSince(releaseAt(last, touched), `c${between}`));
        const whole = known(infrastructureFilesSince(releaseAt(last, touched), "c0"));

        expect(whole.commits).toEqual([...then.commits, ...first.commits]);
        expect(whole.files).toEqual([...new Set([...then.files, ...first.files])].sort());
      }),
    );
  });
});

// Helpers

function releaseAt(index: number, touched: readonly (readonly string[])[]) {
  const way = touched
    .slice(0, index + 1)
    .map((files, place) => ({ version: `c${place}`, files: [...files] }))
    .reverse();
  return {
    version: `c${index}`,
    mainline: way.slice(1).map(({ version }) => version),
    infrastructureChanges: way.filter(({ files }) => files.length > 0),
  };
}

function known(result: ReturnType<typeof infrastructureFilesSince>) {
  if (result.kind === "unknown") throw new Error(result.because);
  return result;
}
