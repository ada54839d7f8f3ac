import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CANARY, parseJobDescription } from "../../src/jobDescription";

const mistakesOf = (description: unknown): readonly string[] => {
  const parsed = parseJobDescription(typeof description === "string" ? description : JSON.stringify(description));
  return parsed.ok ? [] : parsed.mistakes;
};

describe("parseJobDescription", () => {
  it("takes the canary when nothing is asked for", () => {
    for (const nothing of [undefined, "", " \n"]) {
      assert.deepEqual(parseJobDescription(nothing), { ok: true, job: CANARY });
    }
  });

  it("takes a description with steps of each kind", () => {
    const job = {
      name: "nightly-1",
      steps: [
        { do: "word-statistics", text: "" },
        { do: "checksum-manifest", files: { "a.txt": "" } },
      ],
    };
    assert.deepEqual(parseJobDescription(JSON.stringify(job)), { ok: true, job });
  });

  it("names every mistake with its place, what was wanted and what came", () => {
    const steps = [
      7,
      { do: "dance" },
      { do: "word-statistics" },
      { do: "checksum-manifest", files: {} },
      { do: "checksum-manifest", files: { "a\nb": "" } },
      { do: "checksum-manifest", files: { a: 1 } },
    ];
    assert.deepEqual(mistakesOf({ name: "Not A Name", steps }), [
      'name: wanted 1 to 64 of a-z, 0-9 and "-", got "Not A Name"',
      "steps[0]: wanted an object, got 7",
      'steps[1].do: wanted "word-statistics" or "checksum-manifest", got "dance"',
      "steps[2].text: wanted a text, got nothing",
      "steps[3].files: wanted at least one file name with its text, got {}",
      'steps[4].files: wanted at least one file name with its text, got {"a\\nb":""}',
      'steps[5].files: wanted at least one file name with its text, got {"a":1}',
    ]);
  });

  it("refuses what is not an object, not JSON, or has no steps", () => {
    for (const notAnObject of [[], null, 3]) assert.equal(mistakesOf(notAnObject).length, 2);
    assert.match(mistakesOf("{")[0] ?? "", /^the job description is not JSON: /);
    assert.deepEqual(mistakesOf({ name: "a", steps: [] }), ["steps: wanted a list of at least one step, got []"]);
  });

  it("shows no more than the beginning of a long value", () => {
    const [mistake = ""] = mistakesOf({ name: "x".repeat(1000), steps: [{ do: "word-statistics", text: "" }] });
    assert.ok(mistake.endsWith("…") && mistake.length < 150);
  });
});
