import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromEnvironment, runWorkerJob } from "../support/workerJob";

const outcome = (line: string | undefined): unknown => JSON.parse(line ?? "null");

describe("jobs side by side", { concurrency: true }, () => {
  it("the canary succeeds", async () => {
    const { status, release, lines } = await runWorkerJob();
    assert.deepEqual([status, release], ["SUCCEEDED", fromEnvironment("RELEASE_VERSION")]);
    assert.deepEqual(outcome(lines.at(-1)), { job: "canary", status: "succeeded", steps: 2 });
  });

  it("a job gets its own input and no other's", async () => {
    const text = "side by side, ".repeat(200);
    const { status, lines } = await runWorkerJob({ name: "long-text", steps: [{ do: "word-statistics", text }] });
    assert.equal(status, "SUCCEEDED");
    assert.deepEqual(outcome(lines[1]), {
      ...{ step: 1, do: "word-statistics", status: "succeeded" },
      ...{ words: 600, distinct: 2, mostFrequent: "side", times: 400 },
    });
  });

  it("an invalid description is refused, with every mistake named", async () => {
    const { status, lines } = await runWorkerJob({ name: "", steps: [{ do: "dance" }] });
    assert.equal(status, "FAILED");
    assert.deepEqual(outcome(lines.at(-1)), {
      status: "refused",
      mistakes: [
        'name: wanted 1 to 64 of a-z, 0-9 and "-", got ""',
        'steps[0].do: wanted "word-statistics" or "checksum-manifest", got "dance"',
      ],
    });
  });
});
