import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { EXIT, runJob } from "../../src/runJob";
import { type runStep } from "../../src/steps";

const RELEASE = "0123456789abcdef0123456789abcdef01234567";

function run(json: string | undefined, release: string | undefined = RELEASE, step?: typeof runStep) {
  const lines: string[] = [];
  return { exit: runJob(json, release, (line) => lines.push(line), step), lines };
}

describe("runJob", () => {
  it("prints the release, a line per step and a line for the job", () => {
    const job = { name: "sample", steps: [{ do: "word-statistics", text: "a b a" }] };
    assert.deepEqual(run(JSON.stringify(job)), {
      exit: EXIT.succeeded,
      lines: [
        `release ${RELEASE}`,
        '{"step":1,"do":"word-statistics","status":"succeeded","words":3,"distinct":2,"mostFrequent":"a","times":2}',
        '{"job":"sample","status":"succeeded","steps":1}',
      ],
    });
  });

  it("refuses an invalid description and runs none of it", () => {
    const { exit, lines } = run('{"name":"sample","steps":[{"do":"dance"}]}');
    assert.equal(exit, EXIT.refused);
    assert.deepEqual(lines, [
      `release ${RELEASE}`,
      '{"status":"refused","mistakes":["steps[0].do: wanted \\"word-statistics\\" or \\"checksum-manifest\\", got \\"dance\\""]}',
    ]);
  });

  it("stops at a step that fails and says why", () => {
    const broken = () => {
      throw new Error("out of ink");
    };
    const { exit, lines } = run(undefined, RELEASE, broken);
    assert.equal(exit, EXIT.failed);
    assert.deepEqual(lines.slice(1), [
      '{"step":1,"do":"word-statistics","status":"failed","reason":"Error: out of ink"}',
      '{"job":"canary","status":"failed","steps":0}',
    ]);
  });
});

describe("job.js", () => {
  const start = (environment: Record<string, string>) =>
    spawnSync(process.execPath, [join(__dirname, "../../src/job.js")], {
      encoding: "utf8",
      env: { ...process.env, ...environment },
    });

  it("runs what the environment asks for and exits with the job's code", () => {
    const canary = start({ RELEASE_VERSION: RELEASE });
    assert.equal(canary.status, EXIT.succeeded);
    assert.match(canary.stdout, new RegExp(`^release ${RELEASE}\n`));
    assert.equal(start({ JOB: "nonsense" }).status, EXIT.refused);
  });

  it("says so when nobody told it which release it is", () => {
    assert.match(start({}).stdout, /^release unknown\n/);
  });
});
