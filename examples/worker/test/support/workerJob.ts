/** Starts real jobs of the worker that is deployed in `WORKER_PROJECT`, as its users do. */
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { BatchGetBuildsCommand, type Build, CodeBuildClient, StartBuildCommand } from "@aws-sdk/client-codebuild";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 300;
const PATIENCE_MS = 5 * 60_000;
/** CodeBuild ships the last lines of a log a little after the build has ended. */
const LOG_PATIENCE_MS = 20_000;

export interface FinishedJob {
  /** `SUCCEEDED`, `FAILED`, …: the status of the build that ran the job. */
  readonly status: string;
  /** What the build exported as `RELEASE_VERSION`. */
  readonly release: string | undefined;
  /** What the job itself printed, from `release …` on. */
  readonly lines: readonly string[];
}

/** @throws Error when the variable is missing: nothing here has a default */
export function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: it says what to test`);
  return value;
}

const codebuild = new CodeBuildClient({});
const logs = new CloudWatchLogsClient({});

/** @param job the description; `undefined` starts the canary. Resolves when the job has ended, however it ended. */
export async function runWorkerJob(job?: unknown): Promise<FinishedJob> {
  const started = await codebuild.send(
    new StartBuildCommand({
      projectName: fromEnvironment("WORKER_PROJECT"),
      environmentVariablesOverride: job === undefined ? [] : [{ name: "JOB", value: JSON.stringify(job) }],
    }),
  );
  const build = await untilEnded(started.build?.id ?? "");
  return {
    status: build.buildStatus ?? "unknown",
    release: build.exportedEnvironmentVariables?.find(({ name }) => name === "RELEASE_VERSION")?.value,
    lines: await jobLines(build),
  };
}

async function untilEnded(id: string): Promise<Build> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const { builds = [] } = await codebuild.send(new BatchGetBuildsCommand({ ids: [id] }));
    const [build] = builds;
    if (build?.buildComplete) return build;
    await delay(POLL_MS);
  }
  throw new Error(`build ${id} has not ended after ${PATIENCE_MS / 1000} s`);
}

/** The job's last line is the first that has a status and no step. */
async function jobLines({ logs: log }: Build): Promise<string[]> {
  const deadline = Date.now() + LOG_PATIENCE_MS;
  for (;;) {
    const { events = [] } = await logs.send(
      new GetLogEventsCommand({ logGroupName: log?.groupName, logStreamName: log?.streamName, startFromHead: true }),
    );
    const lines = events.map(({ message = "" }) => message.trimEnd());
    const first = lines.findIndex((line) => /^release \w+$/.test(line));
    const last = lines.findIndex((line, index) => index > first && /^\{("job":.*)?"status":/.test(line));
    if (first >= 0 && last >= 0) return lines.slice(first, last + 1);
    if (Date.now() > deadline) throw new Error(`no output of a job in ${log?.groupName}: ${lines.join("\n")}`);
    await delay(POLL_MS);
  }
}
