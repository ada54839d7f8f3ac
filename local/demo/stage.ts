import pico from "picocolors";
import type { Display } from "./display";
import { buildLog, type Watched, watchExecution } from "./pipelineWatch";
import type { Rig } from "./rig";
import type { ReleaseLine } from "./summary";
import type { WorkerRepository } from "./workerRepository";

export const INSTALLATION = "prod";
const PATIENCE_MS = 15 * 60_000;

/** What both acts of the demo play with. */
export interface Stage {
  readonly rig: Rig;
  readonly display: Display;
  readonly worker: WorkerRepository;
}

/** A line when it begins, a line with its seconds when it is done. */
export async function timed<T>(display: Display, title: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  display.say(`  ${pico.cyan("…")} ${title}`);
  const result = await work();
  display.say(`  ${pico.green("✔")} ${title} ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

/** Pushes what the checkout holds and follows it through the pipeline; approves production, and says so. */
export async function deliver(
  { rig, display, worker }: Stage,
  message: string,
): Promise<{ commit: string; watched: Watched }> {
  const commit = await timed(display, `push "${message}"`, () => worker.push(message));
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
  return { commit, watched };
}

/** @throws Error after the logs of what failed. */
export async function requireSuccess({ rig, display }: Stage, watched: Watched): Promise<void> {
  if (watched.status === "Succeeded") return;
  for (const line of watched.lines.filter((candidate) => candidate.status === "Failed")) {
    display.say(pico.red(`${line.stage} / ${line.name}: ${line.detail ?? "failed"}`));
    if (line.buildId !== undefined) display.say(await buildLog(rig.builds, rig.logs, line.buildId));
  }
  throw new Error(`the pipeline execution ${watched.executionId} ended ${watched.status}`);
}

/** What an environment runs and how its last deployment ended, as the driver reports it. */
export interface EnvironmentLine extends ReleaseLine {
  readonly deploymentId: string | undefined;
}

export async function deployed(rig: Rig): Promise<EnvironmentLine[]> {
  const printed = await rig.mustCommand(["status", INSTALLATION, "--json"]);
  const { environments } = JSON.parse(printed) as {
    environments: readonly {
      environment: string;
      live: { version: string; deploymentId: string } | null;
      lastDeployment: { status: string } | null;
    }[];
  };
  return environments.map(({ environment, live, lastDeployment }) => ({
    version: live?.version ?? "nothing",
    environment,
    status: lastDeployment?.status ?? "none",
    deploymentId: live?.deploymentId,
  }));
}

/** A job in production must succeed and print the release's SHA. */
export function requirePrints(job: { readonly status: string; readonly log: string }, commit: string): void {
  if (job.status === "SUCCEEDED" && job.log.includes(`release ${commit}`)) return;
  throw new Error(`the production job ended ${job.status} and does not print "release ${commit}":\n${job.log}`);
}
