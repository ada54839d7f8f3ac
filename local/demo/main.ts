import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import pico from "picocolors";
import { actionTable, type Display, makeDisplay, releaseTable, stepTable } from "./display";
import { rollbackAct } from "./rollbackAct";
import { type Rig, runJob, startRig } from "./rig";
import { deliver, deployed, INSTALLATION, requirePrints, requireSuccess, type Stage, timed } from "./stage";
import { type DemoSummary, writeSummary } from "./summary";
import { stages } from "./timeline";
import { createWorkerRepository } from "./workerRepository";

const HELP = `Usage: npm start [-- --keep] [-- --delivery-only]

Takes one commit of the sample worker through the whole delivery pipeline on a local cloud of its own:
pulumi up → push → Source → Build → TestEnv → StagingEnv → ProductionEnv → a job in production.
Then a second commit that passes every test and makes production's jobs fail: it goes back by itself.

  --delivery-only   only the first commit
  --keep            leave the local cloud running (eval "$(npx kiro-pipeline local env)" makes pulumi, aws and SDKs use it)
  --help            this text

Writes .local/summary.json. Exit code 0 when production runs the commit, and again after the rollback, else 1.
Example: npm start -- --keep`;

/** As in local/overlay.yaml. */
const REPOSITORY = "kiro/kiro-codebuild-worker";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { keep: { type: "boolean" }, "delivery-only": { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help === true) return void console.log(HELP);

  const root = dirname(__dirname);
  const started = Date.now();
  const display = makeDisplay(process.stdout);
  display.say(pico.bold("A fresh local cloud (state of an earlier one is removed)"));
  const rig = await startRig({ root, fresh: true });
  try {
    const stage = await setTheStage(rig, display);
    await play(stage, started, values["delivery-only"] !== true);
  } finally {
    if (values.keep === true)
      display.say(
        `The local cloud keeps running. Use it: eval "$(npx kiro-pipeline local env)"  End it: npx kiro-pipeline local stop`,
      );
    else await rig.stop();
  }
}

async function setTheStage(rig: Rig, display: Display): Promise<Stage> {
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
  return { rig, display, worker };
}

async function play(stage: Stage, started: number, withRollback: boolean): Promise<void> {
  const { rig, display } = stage;
  const { commit, watched } = await deliver(stage, "feat: first release of the worker");
  display.say(`\n${actionTable(watched.lines)}`);
  const soFar = async (): Promise<DemoSummary> => ({
    stages: stages(watched.lines),
    releases: (await deployed(rig)).map(({ version, environment, status }) => ({ version, environment, status })),
    rollbacks: [],
    seconds: Math.round((Date.now() - started) / 100) / 10,
  });
  // Written before it is judged: it shows also how far a demo that failed has got.
  let summary = await soFar();
  await writeSummary(rig.root, summary);
  await requireSuccess(stage, watched);
  const job = await timed(display, "a job in production", () => runJob(rig, "kiro-worker-production"));
  requirePrints(job, commit);
  display.say(`    it prints: ${pico.bold(`release ${commit}`)}`);
  display.say(releaseTable(summary.releases));
  display.say(pico.green(`The first release is in production after ${summary.seconds} s.`));

  if (withRollback) {
    const rollback = await rollbackAct(stage, commit);
    summary = { ...(await soFar()), rollbacks: [rollback] };
    await writeSummary(rig.root, summary);
    display.say(stepTable(rollback.steps));
    display.say(
      pico.green(
        `Restored ${rollback.secondsToRestored} s after the alarm, infrastructure undone after ${rollback.secondsToInfrastructure} s.`,
      ),
    );
  }
  display.say(pico.green(`Done in ${summary.seconds} s. Summary: .local/summary.json`));
}

main().catch((error: unknown) => {
  console.error(pico.red(error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
});
