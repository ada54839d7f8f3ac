import assert from "node:assert/strict";
import { test } from "node:test";
import { fromEnvironment, runWorkerJob } from "../support/workerJob";

test("a job runs the deployed release and prints what its steps found", async () => {
  const release = fromEnvironment("RELEASE_VERSION");
  const job = {
    name: "integration",
    steps: [
      { do: "word-statistics", text: "To be, or not to be" },
      { do: "checksum-manifest", files: { "empty.txt": "" } },
    ],
  };
  const digest = "292ed7cfb339d7cc3e30aceca5422844d17b2bceaf2da22eb76c4e319155fed9";
  assert.deepEqual(await runWorkerJob(job), {
    status: "SUCCEEDED",
    release,
    lines: [
      `release ${release}`,
      '{"step":1,"do":"word-statistics","status":"succeeded","words":6,"distinct":4,"mostFrequent":"be","times":2}',
      '{"step":2,"do":"checksum-manifest","status":"succeeded","files":1,' +
        `"manifest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  empty.txt\\n","digest":"${digest}"}`,
      '{"job":"integration","status":"succeeded","steps":2}',
    ],
  });
});
