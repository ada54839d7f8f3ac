import path from "node:path";
import type { BuildPhaseType, PhaseContext } from "@aws-sdk/client-codebuild";
import type { Surroundings } from "../services/contract";
import { uploadArtifacts } from "./artifacts";
import type { Buildspec, ReportSpec } from "./buildspec";
import { loadBuildspec } from "./buildspec/load";
import { CustomCache, keepsCustomCache } from "./cache";
import { clientsFor, describeError, isDenied, type RoleCheck, type RoleClients } from "./clients";
import { runCommandPhase } from "./commandPhase";
import { baseEnvironment, codeBuildVariables, declaredVariables, resolveVariables, type Machine } from "./environment";
import type { BuildLog } from "./logs";
import { failingAs, PhaseFailure } from "./phaseFailure";
import { uuidOf } from "./names";
import { nextPhase, type Outcome } from "./phases";
import type { Progress } from "./progress";
import type { Interruption } from "./scheduler";
import { BuildShell } from "./shell";
import { fetchSource } from "./source";
import type { BuildRecord, KnownBuild } from "./store";
import { makeWorkspace, removeWorkspace, type Workspace } from "./workspace";

/** What a build needs of the world. */
export interface BuildWorld {
  readonly cloud: Surroundings;
  readonly machine: Machine;
  readonly check: RoleCheck;
  /** Answers the report's ARN. @throws PhaseFailure when the build's role may not. */
  publishReport(report: ReportSpec, build: KnownBuild, source: string, say: (line: string) => void): Promise<string>;
  /** Leaves the working folder of a finished build in place, to be looked at. */
  readonly keepFolders: boolean;
  /** Time that a stopped build's processes have between TERM and KILL. */
  readonly graceMs: number;
}

interface PhaseResult {
  readonly contexts: readonly PhaseContext[];
  readonly onFailure?: "ABORT" | "CONTINUE";
}

const COMMAND_PHASE = { INSTALL: "install", PRE_BUILD: "pre_build", BUILD: "build", POST_BUILD: "post_build" } as const;

/** Runs one build from PROVISIONING to its end. Never throws: what goes wrong is in the build. */
export async function runBuild(
  record: BuildRecord,
  progress: Progress,
  log: BuildLog,
  world: BuildWorld,
  signal: AbortSignal,
): Promise<void> {
  const run = new BuildRun(record, progress, log, world, signal);
  const { status, contexts } = await run.phases().then(
    (outcome) => ({ status: outcome, contexts: [] }),
    (error: unknown) => {
      const interruption = signal.aborted ? (signal.reason as Interruption) : undefined;
      const ended = interruption?.status ?? "FAULT";
      const message = interruption?.message ?? describeError(error);
      log.say(`Build ${ended}: ${message}`);
      return { status: ended, contexts: [{ statusCode: ended === "FAULT" ? "INTERNAL_ERROR" : ended, message }] };
    },
  );
  // Whoever sees the build complete finds its whole log, and nothing of it running any more.
  await run.end().catch((error: unknown) => world.cloud.log(`build ${progress.build.id}: ${describeError(error)}`));
  progress.finish(status, contexts);
}

class BuildRun {
  private workspace: Workspace | undefined;
  private clients: RoleClients | undefined;
  private shell: BuildShell | undefined;
  private buildspec: Buildspec | undefined;
  private cache: CustomCache | undefined;
  private succeeding = true;

  constructor(
    private readonly record: BuildRecord,
    private readonly progress: Progress,
    private readonly log: BuildLog,
    private readonly world: BuildWorld,
    private readonly signal: AbortSignal,
  ) {}

  private get build(): KnownBuild {
    return this.progress.build;
  }

  private get roleArn(): string {
    return this.build.serviceRole;
  }

  /** Walks the phases; answers how the build ended. */
  async phases(): Promise<Outcome> {
    let phase: BuildPhaseType | undefined = "PROVISIONING";
    while (phase !== undefined && phase !== "COMPLETED") {
      this.signal.throwIfAborted();
      const { contexts, onFailure } = await this.phase(phase);
      const succeeded = contexts.length === 0;
      if (!succeeded) this.succeeding = false;
      phase = nextPhase(phase, succeeded, onFailure);
    }
    return this.succeeding ? "SUCCEEDED" : "FAILED";
  }

  private async phase(phase: BuildPhaseType): Promise<PhaseResult> {
    this.progress.start(phase);
    const commands = phase in COMMAND_PHASE;
    if (commands) this.log.say(`Entering phase ${phase}`);
    let result: PhaseResult;
    try {
      result = await this.work(phase);
    } catch (error) {
      if (this.signal.aborted || !(error instanceof PhaseFailure)) throw error;
      result = { contexts: [{ statusCode: error.statusCode, message: this.log.masker.mask(error.message) }] };
    }
    const status = result.contexts.length === 0 ? "SUCCEEDED" : "FAILED";
    if (phase !== "FINALIZING") this.log.say(`Phase complete: ${phase} State: ${status}`);
    for (const { statusCode, message } of result.contexts) {
      this.log.say(`Phase context status code: ${statusCode} Message: ${message}`);
    }
    this.progress.end(status, result.contexts);
    return result;
  }

  private async work(phase: BuildPhaseType): Promise<PhaseResult> {
    switch (phase) {
      case "PROVISIONING":
        await this.provision();
        return { contexts: [] };
      case "DOWNLOAD_SOURCE":
        await this.downloadSource();
        return { contexts: [] };
      case "INSTALL":
      case "PRE_BUILD":
      case "BUILD":
      case "POST_BUILD":
        return this.commands(phase);
      case "UPLOAD_ARTIFACTS":
        await this.upload();
        return { contexts: [] };
      case "FINALIZING":
        await this.cache?.keep(this.buildspec?.cachePaths ?? []);
        return { contexts: [] };
      case "SUBMITTED":
      case "QUEUED":
      case "COMPLETED":
        return { contexts: [] };
    }
  }

  private async provision(): Promise<void> {
    const { cloud } = this.world;
    const uuid = uuidOf(this.build);
    const session = await failingAs(
      "ACCESS_DENIED",
      `CodeBuild is not authorized to perform: sts:AssumeRole on ${this.roleArn}`,
      () => cloud.assumeRole(this.roleArn, `AWSCodeBuild-${uuid}`),
    );
    this.log.masker.add([session.accessKeyId, session.secretAccessKey, session.sessionToken ?? ""]);
    this.clients = clientsFor(cloud, session);
    this.workspace = await makeWorkspace(cloud.stateDir, uuid);
    if (this.build.logs.cloudWatchLogs?.status === "DISABLED") return;
    // AWS fails a build whose role may not make the log stream, in these words.
    const doing =
      `Service role ${this.roleArn} does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams ` +
      `for build ${this.build.arn}. Error message`;
    const { logs } = this.clients;
    await this.log.open(logs).catch((error: unknown) => {
      const statusCode = isDenied(error) ? "ACCESS_DENIED" : "CLOUDWATCH_LOGS_ERROR";
      throw new PhaseFailure(statusCode, `${doing}: ${describeError(error)}`, { cause: error });
    });
  }

  private mayRead(parameter: string): Promise<void> {
    const { accountId, region } = this.world.cloud;
    const resource = `parameter/${parameter.replace(/^\//, "")}`;
    return this.world.check(this.roleArn, "ssm:GetParameters", `arn:aws:ssm:${region}:${accountId}:${resource}`);
  }

  private async downloadSource(): Promise<void> {
    const { clients, workspace } = this.provisioned();
    const { source, sourceVersion, environment } = this.build;
    const { resolvedVersion } = await fetchSource(source, sourceVersion, workspace.source, {
      s3: clients.s3,
      gitDir: this.world.cloud.gitDir,
      roleArn: this.roleArn,
      check: this.world.check,
      signal: this.signal,
    });
    if (resolvedVersion !== undefined) {
      this.progress.learn({ resolvedSourceVersion: resolvedVersion, sourceVersion: sourceVersion ?? resolvedVersion });
    }
    this.log.say(`CODEBUILD_SRC_DIR=${workspace.source}`);
    const buildspec = await loadBuildspec(source.buildspec, workspace.source);
    this.buildspec = buildspec;

    if (keepsCustomCache(this.build.cache) && buildspec.cachePaths.length > 0) {
      const cacheDir = path.join(this.world.cloud.stateDir, "cache");
      const project = this.build.projectName;
      this.cache = new CustomCache(cacheDir, project, workspace.source, workspace.root, (line) => this.log.say(line));
      await this.cache.restore(buildspec.cachePaths);
    }

    const declared = declaredVariables(buildspec, environment?.environmentVariables ?? []);
    const { values, secrets } = await failingAs("Decrypted Variables Error", "resolving variables", () =>
      resolveVariables(declared, clients, (parameter) => this.mayRead(parameter)),
    );
    this.log.masker.add(secrets);
    const session = await this.world.cloud.assumeRole(this.roleArn, `AWSCodeBuild-${uuidOf(this.build)}`);
    this.shell = new BuildShell({
      shell: buildspec.shell,
      directory: workspace.source,
      scratch: workspace.scratch,
      environment: {
        ...baseEnvironment(this.world.machine, workspace, session, this.world.cloud),
        ...values,
        ...codeBuildVariables(this.build, workspace.source),
      },
      onLine: (line) => this.log.write(line),
      graceMs: this.world.graceMs,
    });
  }

  private async commands(phase: keyof typeof COMMAND_PHASE): Promise<PhaseResult> {
    const { shell, buildspec } = this;
    const spec = buildspec?.phases[COMMAND_PHASE[phase]];
    if (shell === undefined || buildspec === undefined || spec === undefined) return { contexts: [] };
    try {
      const failures = await runCommandPhase(spec, shell, this.succeeding, this.signal, (line) => this.log.say(line));
      return { contexts: failures, ...(spec.onFailure !== undefined && { onFailure: spec.onFailure }) };
    } finally {
      const variables = shell.variables();
      this.progress.learn({
        exportedEnvironmentVariables: buildspec.exportedVariables.map((name) => ({
          name,
          value: variables[name] ?? "",
        })),
      });
    }
  }

  private async upload(): Promise<void> {
    const { clients, workspace } = this.provisioned();
    // Reports first: what a failed build has to tell must not wait for artifacts that it never made.
    for (const report of this.buildspec?.reports ?? []) {
      const arn = await this.world.publishReport(report, this.build, workspace.source, (line) => this.log.say(line));
      this.progress.learn({ reportArns: [...this.build.reportArns, arn] });
    }
    const artifacts = await uploadArtifacts(this.record.artifacts, this.buildspec?.artifacts, {
      s3: clients.s3,
      source: workspace.source,
      buildId: uuidOf(this.build),
      encryptionKey: this.build.encryptionKey,
      signal: this.signal,
      say: (line) => this.log.say(line),
    });
    if (artifacts !== undefined) this.progress.learn({ artifacts });
  }

  private provisioned(): { clients: RoleClients; workspace: Workspace } {
    const { clients, workspace } = this;
    if (clients === undefined || workspace === undefined) throw new Error("the build is not provisioned");
    return { clients, workspace };
  }

  /** Ends what the build left running, closes its log and removes its folders. */
  async end(): Promise<void> {
    await this.shell?.end();
    await this.log.close();
    this.clients?.destroy();
    if (this.workspace !== undefined && !this.world.keepFolders) await removeWorkspace(this.workspace);
  }
}
