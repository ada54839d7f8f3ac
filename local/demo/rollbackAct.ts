import { BatchGetProjectsCommand } from "@aws-sdk/client-codebuild";
import pico from "picocolors";
import { breakWordStatistics, changeInfrastructure, FAILING_JOB, TIMEOUT } from "./badRelease";
import { type JobRun, runJob } from "./rig";
import { type RollbackSummary, summarizeRollback } from "./rollbackTimeline";
import { watchRollback } from "./rollbackWatch";
import { deliver, deployed, INSTALLATION, requirePrints, requireSuccess, type Stage, timed } from "./stage";

const PROJECT = "kiro-worker-production";
/** Validation waits until the alarm is off again, and the tick that sees it comes once a minute. */
const PATIENCE_MS = 6 * 60_000;

/**
 * The second act: a release that passes every test reaches production and makes its jobs fail. Nobody does anything;
 * the alarm, the event and the rollback function do.
 *
 * @param good the release of the first act.
 */
export async function rollbackAct(stage: Stage, good: string): Promise<RollbackSummary> {
  const { rig, display, worker } = stage;
  display.say(pico.bold("\nA bad release: every test is green, but production's jobs will fail"));
  await breakWordStatistics(worker);
  await changeInfrastructure(worker);
  const { commit, watched } = await deliver(stage, "perf: count words in a table of a fixed size");
  await requireSuccess(stage, watched);
  const production = (await deployed(rig)).find(({ environment }) => environment === "production");
  if (production?.version !== commit || production.deploymentId === undefined) {
    throw new Error(`production should run ${commit} and runs ${production?.version ?? "nothing"}`);
  }
  await requireTimeout(stage, TIMEOUT.after);

  const failing = await timed(display, "a job in production, which fails", () =>
    runJob(rig, PROJECT, { JOB: FAILING_JOB }),
  );
  if (failing.status !== "FAILED") throw new Error(`the job of the bad release ended ${failing.status}, not FAILED`);
  display.say("  Nobody does anything now: the job's metric raises the alarm, the alarm the rollback.");

  let after: JobRun | undefined;
  const record = await watchRollback(rig.table, {
    table: `kiro-pipeline-${INSTALLATION}-deployments`,
    deploymentId: production.deploymentId,
    patienceMs: PATIENCE_MS,
    onStep: async ({ step, seconds, because }) => {
      display.say(`  ${pico.cyan(step.padEnd(20))} ${seconds.toFixed(1).padStart(6)} s after the alarm: ${because}`);
      if (step === "flip-pointer") after = await runJob(rig, PROJECT, { JOB: FAILING_JOB });
    },
  });
  const summary = summarizeRollback(record);
  if (record.rollbackStatus !== "done")
    throw new Error(`the rollback failed: ${record.rollback?.outcome?.because ?? "?"}`);
  if (after === undefined) throw new Error("no job was started after the pointer had been flipped");
  requirePrints(after, good);
  display.say(
    `  The same job, started when the pointer was flipped, succeeds and prints: ${pico.bold(`release ${good}`)}`,
  );
  await requireTimeout(stage, TIMEOUT.before);
  return summary;
}

/** The infrastructure is what the project says, not what anybody's record says. */
async function requireTimeout({ rig }: Stage, minutes: number): Promise<void> {
  const { projects = [] } = await rig.builds.send(new BatchGetProjectsCommand({ names: [PROJECT] }));
  const found = projects[0]?.timeoutInMinutes;
  if (found !== minutes) throw new Error(`the timeout of ${PROJECT} should be ${minutes} minutes and is ${found}`);
}
