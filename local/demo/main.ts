import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import pico from "picocolors";
import { actionTable, type Display, makeDisplay, releaseTable } from "./display";
import { buildLog, type Watched, watchExecution } from "./pipelineWatch";
import { type Rig, runJob, startRig } from "./rig";
import { stages } from "./timeline";
import { createWorkerRepository } from "./workerRepository";

const HELP = `Usage: npm start [-- --keep]

Takes one commit of the sample worker through the whole delivery pipeline on a local cloud of its own:
pulumi up → push → Source → Build → TestEnv → StagingEnv → ProductionEnv → a job in production.

  --keep   leave the local cloud running (eval "$(npx kiro-pipeline local env)" makes pulumi, aws and SDKs use it)
  --help   this text

Writes .local/summary.json. Exit code 0 when production runs the commit, else 1.
Example: npm start -- --keep`;

const INSTALLATION = "prod";
/** As in local/overlay.yaml. */
const REPOSITORY = "kiro/kiro-codebuild-worker";
const PATIENCE_MS = 15 * 60_000;

interface Release {
  readonly version: string;
  readonly environment: string;
  readonly status: string;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { keep: { type: "boolean" }, help: { type: "boolean" } } });
  if (values.help === true) return void console.log(HELP);

  const root = dirname(__dirname);
  const started = Date.now();
  const display = makeDisplay(process.stdout);
  display.say(pico.bold("A fresh local cloud (state of an earlier one is removed)"));
  const rig = await startRig({ root, fresh: true });
  try {
    await deliver(rig, display, started);
  } finally {
    if (values.keep === true)
      display.say(
        `The local cloud keeps running. Use it: eval "$(npx kiro-pipeline local env)"  End it: npx kiro-pipeline local stop`,
      );
    else await rig.stop();
  }
}

async function deliver(rig: Rig, display: Display, started: number): Promise<void> {
  const step = <T>(title: string, work: () => Promise<T>) => timed(display, title, work);
  const origin = (await rig.mustCommand(["local", "repository", REPOSITORY])).trim();
  const worker = await createWorkerRepository(
    join(rig.root, "examples/worker"),
    join(rig.root, ".local/demo/worker"),
    origin,
  );

  await step("state backend of the installation", () => rig.mustCommand(["setup", "backend", INSTALLATION]));
  await step("pulumi up of the delivery pipeline", () =>
    rig.mustCommand(["up", INSTALLATION, "--yes"], (line) => process.stdout.isTTY || display.say(`    ${line}`)),
  );
  await step("toolchain for the pipeline's builds", () => rig.mustCommand(["setup", "toolchain", INSTALLATION]));
  const commit = await step("push a commit of the sample worker", () =>
    worker.push("feat: first release of the worker"),
  );
  display.say(pico.bold(`Commit ${commit} goes through the pipeline`));

  const watched = await watchExecution(rig.pipelines, {
    pipeline: `kiro-pipeline-${INSTALLATION}`,
    commit,
    patienceMs: PATIENCE_MS,
    onChange: (lines) => display.show(lines),
    onApproval: async () => {
      display.say("  The demo approves production now: kiro-pipeline approve prod");
      await rig.mustCommand(["approve", INSTALLATION, "--reason", "approved by the demo"]);
    },
  });
  display.settle();
  const releases = await deployed(rig);
  const seconds = Math.round((Date.now() - started) / 100) / 10;
  await summarize(rig.root, { stages: stages(watched.lines), releases, seconds });
  display.say(`\n${actionTable(watched.lines)}`);
  await requireSuccess(rig, display, watched);

  const job = await step("a job in production", () => runJob(rig, "kiro-worker-production"));
  if (job.status !== "SUCCEEDED" || !job.log.includes(`release ${commit}`)) {
    throw new Error(`the production job ended ${job.status} and does not print "release ${commit}":\n${job.log}`);
  }
  display.say(`    it prints: ${pico.bold(`release ${commit}`)}`);
  display.say(releaseTable(releases));
  display.say(pico.green(`Done in ${seconds} s. Summary: .local/summary.json`));
}

async function timed<T>(display: Display, title: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  display.say(`  ${pico.cyan("…")} ${title}`);
  const result = await work();
  display.say(`  ${pico.green("✔")} ${title} ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

async function requireSuccess(rig: Rig, display: Display, watched: Watched): Promise<void> {
  if (watched.status === "Succeeded") return;
  for (const line of watched.lines.filter((candidate) => candidate.status === "Failed")) {
    display.say(pico.red(`${line.stage} / ${line.name}: ${line.detail ?? "failed"}`));
    if (line.buildId !== undefined) display.say(await buildLog(rig.builds, rig.logs, line.buildId));
  }
  throw new Error(`the pipeline execution ${watched.executionId} ended ${watched.status}`);
}

/** What each environment runs and how its deployment ended, as the driver reports it. */
async function deployed(rig: Rig): Promise<Release[]> {
  const printed = await rig.mustCommand(["status", INSTALLATION, "--json"]);
  const { environments } = JSON.parse(printed) as {
    environments: readonly {
      environment: string;
      live: { version: string } | null;
      lastDeployment: { status: string } | null;
    }[];
  };
  return environments.map(({ environment, live, lastDeployment }) => ({
    version: live?.version ?? "nothing",
    environment,
    status: lastDeployment?.status ?? "none",
  }));
}

async function summarize(root: string, summary: object): Promise<void> {
  await mkdir(join(root, ".local"), { recursive: true });
  await writeFile(join(root, ".local/summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
}

main().catch((error: unknown) => {
  console.error(pico.red(error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
});
