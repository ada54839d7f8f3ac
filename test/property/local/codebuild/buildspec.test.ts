import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { stringify } from "yaml";
import { BuildspecError, COMMAND_PHASES, parseBuildspec } from "../../../../local/codebuild/buildspec";

const line = fc.string({ minLength: 1, maxLength: 20 });
const pathText = line.filter((text) => /\S/.test(text));
const lines = fc.array(line, { maxLength: 4 });
const variable = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/).filter((name) => name !== "__proto__");
const phase = fc.record(
  { commands: lines, finally: lines, "on-failure": fc.constantFrom("ABORT" as const, "CONTINUE" as const) },
  { requiredKeys: ["commands"] },
);

/** Any buildspec that is served, as the mapping that its author writes. */
const written = fc.record(
  {
    version: fc.constantFrom("0.2", 0.2),
    env: fc.record(
      {
        shell: fc.constantFrom("bash" as const, "sh" as const),
        variables: fc.dictionary(variable, fc.string({ maxLength: 20 })),
        "exported-variables": fc.array(variable),
      },
      { requiredKeys: [] },
    ),
    phases: fc.record(Object.fromEntries(COMMAND_PHASES.map((name) => [name, phase])), { requiredKeys: [] }),
    artifacts: fc.record(
      { files: fc.array(pathText), "exclude-paths": fc.array(pathText), "discard-paths": fc.boolean() },
      { requiredKeys: ["files"] },
    ),
    cache: fc.record({ paths: fc.array(pathText) }, { requiredKeys: [] }),
  },
  { requiredKeys: ["version", "phases"] },
);

describe("parseBuildspec", () => {
  it("gives back what was written", () => {
    fc.assert(
      fc.property(written, (spec) => {
        const parsed = parseBuildspec(stringify(spec));
        for (const name of COMMAND_PHASES) {
          expect(parsed.phases[name]?.commands).toEqual(spec.phases[name]?.commands);
          expect(parsed.phases[name]?.onFailure).toBe(spec.phases[name]?.["on-failure"]);
          if (spec.phases[name]) expect(parsed.phases[name]?.finally).toEqual(spec.phases[name].finally ?? []);
        }
        expect(parsed.shell).toBe(spec.env?.shell ?? "sh");
        expect({ ...parsed.variables }).toEqual({ ...spec.env?.variables });
        expect(parsed.exportedVariables).toEqual(spec.env?.["exported-variables"] ?? []);
        expect(parsed.artifacts?.files).toEqual(spec.artifacts?.files);
        expect(parsed.cachePaths).toEqual(spec.cache?.paths ?? []);
      }),
    );
  });

  it("refuses any other text with a position in it, and never fails otherwise", () => {
    const seen = new Set<string>();
    const broken = fc
      .tuple(
        written.map((spec) => stringify(spec)),
        fc.nat(),
        fc.constantFrom("", "\t", ":", "- ", "*a", "{", "x: 1\n"),
      )
      .map(([text, at, insert]) => text.slice(0, at % text.length) + insert + text.slice((at % text.length) + 1));
    fc.assert(
      fc.property(fc.oneof(fc.string(), broken), (source) => {
        try {
          parseBuildspec(source);
          seen.add("accepted");
        } catch (error) {
          if (!(error instanceof BuildspecError)) throw error;
          seen.add(error.reason.startsWith("not YAML") ? "not YAML" : "not a buildspec");
          expect(error.line).toBeGreaterThanOrEqual(1);
          expect(error.line).toBeLessThanOrEqual(source.split("\n").length);
          expect(error.column).toBeGreaterThanOrEqual(1);
        }
      }),
      { numRuns: 400 },
    );
    expect([...seen].sort()).toEqual(["accepted", "not YAML", "not a buildspec"]);
  });
});
