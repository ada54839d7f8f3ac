import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type {
  BatchGetBuildsInput,
  Build,
  ListBuildsForProjectInput,
  ListBuildsInput,
  Project,
  RetryBuildInput,
  StartBuildInput,
  StopBuildInput,
} from "@aws-sdk/client-codebuild";
import { AwsError, type Call } from "../services/contract";
import { describeError } from "./clients";
import { eventsOf } from "./events";
import { BuildLog } from "./logs";
import { buildId, projectArn, projectName, projectOfBuild, uuidOf } from "./names";
import { page } from "./paging";
import { endPhase, startPhase } from "./phases";
import { Progress } from "./progress";
import type { Projects } from "./projects";
import { runBuild, type BuildWorld } from "./run";
import { Scheduler } from "./scheduler";
import { initiatorOf, isByPipeline, isRepetition, newBuild } from "./startBuild";
import type { BuildRecord, KnownBuild, Store } from "./store";

const MINUTE_MS = 60_000;
/** Log files kept of each project. */
const LOGS_KEPT = 50;
/** How long StopBuild waits for the build's processes before it answers with the build as it is. */
const STOP_ANSWER_MS = 10_000;

/** The operations on builds, and the builds that run. */
export class Builds {
  private readonly scheduler = new Scheduler();

  constructor(
    private readonly store: Store,
    private readonly projects: Projects,
    private readonly world: BuildWorld,
    private readonly now: () => Date,
  ) {}

  async start(request: StartBuildInput, call: Call): Promise<{ build: Build }> {
    const name = projectName(request.projectName ?? "");
    await call.authorize("codebuild:StartBuild", projectArn(this.world.cloud, name));
    return this.begin(this.projects.find(name), request, call);
  }

  /** Starts again what a finished build was started with. */
  async retry(input: RetryBuildInput, call: Call): Promise<{ build: Build }> {
    const id = buildId(input.id ?? "");
    await call.authorize("codebuild:RetryBuild", projectArn(this.world.cloud, projectOfBuild(id)));
    const { build, request } = this.find(id);
    if (!build.buildComplete) throw new AwsError("InvalidInputException", `Build ${id} is still in progress`);
    const again = { ...request, idempotencyToken: input.idempotencyToken };
    return this.begin(this.projects.find(projectOfBuild(id)), again, call);
  }

  async stop(input: StopBuildInput, call: Call): Promise<{ build: Build }> {
    const id = buildId(input.id ?? "");
    await call.authorize("codebuild:StopBuild", projectArn(this.world.cloud, projectOfBuild(id)));
    this.find(id);
    const over = this.scheduler.interrupt(id, { status: "STOPPED", message: "The build was stopped." });
    await Promise.race([over, sleep(STOP_ANSWER_MS, undefined, { ref: false })]);
    return { build: this.find(id).build };
  }

  async batchGet(input: BatchGetBuildsInput, call: Call): Promise<object> {
    const ids = (input.ids ?? []).map(buildId);
    for (const project of new Set(ids.map(projectOfBuild))) {
      await call.authorize("codebuild:BatchGetBuilds", projectArn(this.world.cloud, project));
    }
    const builds = ids.flatMap((id) => this.store.state.builds[id]?.build ?? []);
    return { builds, buildsNotFound: ids.filter((id) => this.store.state.builds[id] === undefined) };
  }

  async list(input: ListBuildsInput, call: Call): Promise<object> {
    await call.authorize("codebuild:ListBuilds", "*");
    return this.listed(Object.values(this.store.state.builds), input);
  }

  async listForProject(input: ListBuildsForProjectInput, call: Call): Promise<object> {
    const name = projectName(input.projectName ?? "");
    await call.authorize("codebuild:ListBuildsForProject", projectArn(this.world.cloud, name));
    this.projects.find(name);
    const builds = Object.values(this.store.state.builds).filter(({ build }) => build.projectName === name);
    return this.listed(builds, input);
  }

  /** Ends all builds that run or wait. */
  async end(): Promise<void> {
    await this.scheduler.interruptAll({ status: "STOPPED", message: "The local cloud was stopped." });
  }

  private listed(records: readonly BuildRecord[], input: ListBuildsInput): object {
    const ids = records.map(({ build }) => build.id);
    // The newest first unless asked otherwise; builds are remembered in the order of their start.
    if (input.sortOrder !== "ASCENDING") ids.reverse();
    const { items, nextToken } = page(ids, input.nextToken);
    return { ids: items, ...nextToken };
  }

  /** @throws AwsError ResourceNotFoundException */
  private find(id: string): BuildRecord {
    const record = this.store.state.builds[id];
    if (record === undefined) throw new AwsError("ResourceNotFoundException", `Build cannot be found: ${id}`);
    return record;
  }

  private async begin(project: Project, request: StartBuildInput, call: Call): Promise<{ build: Build }> {
    const { state } = this.store;
    const token = request.idempotencyToken;
    const known = token === undefined ? undefined : state.builds[state.tokens[token] ?? ""];
    if (known !== undefined && isRepetition(known, request, this.now())) return { build: known.build };

    const name = project.name ?? "";
    const number = (state.buildNumbers[name] ?? 0) + 1;
    const record = newBuild(
      project,
      request,
      {
        uuid: randomUUID(),
        number,
        initiator: initiatorOf(call.caller.arn, isByPipeline(project, request)),
        startTime: this.now(),
      },
      this.world.cloud,
    );
    const { id } = record.build;
    state.buildNumbers[name] = number;
    if (token !== undefined) state.tokens[token] = id;
    const submitted = endPhase(startPhase(record.build, "SUBMITTED", this.now()), "SUCCEEDED", [], this.now());
    this.remember(record, startPhase(submitted, "QUEUED", this.now()), undefined);

    const progress = new Progress(this.find(id).build, this.now, (build, before) =>
      this.remember(record, build, before),
    );
    const { build } = progress;
    this.scheduler.submit({
      id,
      project: name,
      ...(project.concurrentBuildLimit !== undefined && { limit: project.concurrentBuildLimit }),
      queuedTimeoutMs: build.queuedTimeoutInMinutes * MINUTE_MS,
      timeoutMs: build.timeoutInMinutes * MINUTE_MS,
      drop: ({ status, message }) => progress.finish(status, [{ statusCode: status, message }]),
      run: async (signal) => {
        progress.end("SUCCEEDED");
        try {
          await runBuild(record, progress, await this.openLog(build), this.world, signal);
        } catch (error) {
          // Only a log that cannot be opened leads here; the build must not seem to run for ever.
          progress.finish("FAULT", [{ statusCode: "INTERNAL_ERROR", message: describeError(error) }]);
        }
      },
    });
    return { build };
  }

  private remember(record: BuildRecord, build: KnownBuild, before: KnownBuild | undefined): void {
    this.store.state.builds[build.id] = { ...record, build };
    this.store.changed();
    for (const event of eventsOf(build, before, this.now())) this.world.cloud.publish(event);
  }

  private async openLog(build: KnownBuild): Promise<BuildLog> {
    const { cloud } = this.world;
    const folder = path.join(cloud.stateDir, "logs", build.projectName);
    await mkdir(folder, { recursive: true });
    await forgetOldLogs(folder);
    const { groupName, streamName } = build.logs;
    const problem = (message: string): void => cloud.log(`build ${build.id}: ${message}`);
    return new BuildLog(path.join(folder, `${uuidOf(build)}.log`), groupName, streamName, this.now, problem);
  }
}

/** Keeps the newest logs of a project. */
async function forgetOldLogs(folder: string): Promise<void> {
  const logs = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const file = path.join(folder, name);
      return { file, time: (await stat(file)).mtimeMs };
    }),
  );
  logs.sort((a, b) => b.time - a.time);
  for (const { file } of logs.slice(LOGS_KEPT)) await rm(file, { force: true });
}
