import { chmod, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { gate } from "../../../../automation/composition/gate";
import { type Surroundings } from "../../../../automation/composition/surroundings";
import { GATES } from "../../../../automation/gates/domain";
import { npmAudit } from "../../../../automation/gates/npmAudit";
import { addFiles, builtWorker, clover, folderWith } from "../support/checkoutFolder";
import { RecordedProgress } from "../support/progress";

const fixture = (name: string): string => join(__dirname, "fixtures", `${name}.json`);

describe("kiro-pipeline gate", () => {
  it("exports what the dependency gate measured", async () => {
    const { result, exported } = await run({ npm: `cat ${fixture("clean")}` });
    expect([result.ending, exported]).toEqual(["ok", "DEPENDENCIES_GATE='passed: 0 packages: nothing known'\n"]);
  });

  it("exports nothing when the dependency gate blocks", async () => {
    const { result, exported } = await run({ npm: `cat ${fixture("vulnerable")}; exit 1` });
    expect([result.ending, exported]).toEqual(["refused", ""]);
    expect(result.lines[1]).toMatch(/^blocks: GHSA-xvch-5gv4-984h: minimist <0\.2\.4 in package-lock\.json, minimist/);
  });

  it("exports nothing when the dependency gate was not asked", async () => {
    const { result, exported } = await run({ npm: "exit 9", gates: ["tests", "coverage"] });
    expect([result.ending, exported]).toEqual(["ok", ""]);
  });

  it("needs an audit on AWS, and says that it skipped one in the local cloud", async () => {
    const npm = `cat ${fixture("refused-by-registry")}; exit 1`;
    const onAws = await run({ npm });
    expect([onAws.result.ending, onAws.exported]).toEqual(["refused", ""]);
    const locally = await run({ npm, env: { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" } });
    expect(locally.result.ending).toBe("ok");
    expect(locally.exported).toBe(
      "DEPENDENCIES_GATE='skipped: no audit of package-lock.json; no audit of infrastructure/package-lock.json; skipped in the local cloud'\n",
    );
  });

  it("measures coverage against COVERAGE_THRESHOLD, and takes no nonsense for it", async () => {
    const npm = `cat ${fixture("clean")}`;
    expect((await run({ npm, env: { COVERAGE_THRESHOLD: "91" } })).result.ending).toBe("refused");
    await expect(run({ npm, env: { COVERAGE_THRESHOLD: "much" } })).rejects.toMatchObject({ ending: "usage" });
  });
});

describe("npm audit", () => {
  it("looks at everything, whatever the checkout or the environment asks npm to leave out", async () => {
    const checkout = await worker('printf \'{"message":"%s","error":{"summary":""}}\' "$*"');
    expect(await npmAudit(checkout, pathOf(checkout), unending())("infrastructure")).toEqual({
      kind: "unavailable",
      because:
        "audit --json --offline=false --include=dev --include=optional --include=peer --fetch-retry-maxtimeout=10000 --prefix infrastructure",
    });
  });

  it.each([
    ["prints nothing", "exit 7", 30_000, "npm printed no audit report of version 2"],
    ["does not answer", "exec sleep 60", 500, "no answer within 0.5 s"],
    ["prints without end", "exec yes", 30_000, "stdout maxBuffer length exceeded"],
  ])("is unavailable when npm %s", async (_what, npm, timeout, because) => {
    const checkout = await worker(npm);
    expect(await npmAudit(checkout, pathOf(checkout), unending(), timeout)(".")).toEqual({
      kind: "unavailable",
      because,
    });
  });

  it("is unavailable without npm", async () => {
    const checkout = await folderWith({});
    expect(await npmAudit(checkout, { PATH: checkout }, unending())(".")).toEqual({
      kind: "unavailable",
      because: "npm is not on PATH",
    });
  });

  it("ends with the command", async () => {
    const checkout = await worker("exec sleep 60");
    const ending = new AbortController();
    const audit = npmAudit(checkout, pathOf(checkout), ending.signal)(".");
    ending.abort();
    await expect(audit).rejects.toThrow("npm audit was interrupted");
  });
});

// Helpers

/** A built worker, beside an `npm` that runs this line of shell. */
async function worker(npm: string): Promise<string> {
  const checkout = await folderWith({});
  await addFiles(checkout, { ...builtWorker, "coverage/clover.xml": clover(), "bin/npm": `#!/bin/sh\n${npm}\n` });
  await chmod(join(checkout, "bin/npm"), 0o755);
  return checkout;
}

const pathOf = (checkout: string) => ({ PATH: `${join(checkout, "bin")}:/usr/bin:/bin` });
const unending = (): AbortSignal => new AbortController().signal;

interface Situation {
  readonly npm: string;
  readonly gates?: readonly (typeof GATES)[number][];
  readonly env?: Readonly<Record<string, string>>;
}

async function run({ npm, gates = GATES, env = {} }: Situation) {
  const cwd = await worker(npm);
  const outputs = join(cwd, "gates.env");
  const surroundings: Surroundings = {
    env: { ...pathOf(cwd), ...env },
    cwd,
    home: cwd,
    temporary: dirname(cwd),
    bundleFolder: cwd,
    progress: new RecordedProgress(),
    signal: unending(),
    ask: async () => false,
  };
  const result = await gate({ gates, outputs }, surroundings);
  return { result, exported: await readFile(outputs, "utf8") };
}
