import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type {
  Build,
  BuildPhase,
  LogsLocation,
  Project,
  ProjectArtifacts,
  ProjectSource,
  Report,
  ReportGroup,
  StartBuildInput,
} from "@aws-sdk/client-codebuild";

/** A build of this service: what the model leaves open is always there. */
export interface KnownBuild extends Build {
  id: string;
  arn: string;
  buildNumber: number;
  projectName: string;
  serviceRole: string;
  initiator: string;
  startTime: Date;
  timeoutInMinutes: number;
  queuedTimeoutInMinutes: number;
  source: ProjectSource;
  phases: BuildPhase[];
  logs: LogsLocation & { groupName: string; streamName: string };
  reportArns: string[];
}

/** A build with what is needed to run it and to run it again. */
export interface BuildRecord {
  readonly build: KnownBuild;
  /** What the build's caller asked for. */
  readonly request: StartBuildInput;
  readonly artifacts: ProjectArtifacts;
}

/** Everything the service remembers. Names, ids and ARNs are the keys. */
export interface State {
  projects: Record<string, Project>;
  builds: Record<string, BuildRecord>;
  /** Last build number of each project; a project that is deleted and made again goes on counting. */
  buildNumbers: Record<string, number>;
  /** `idempotencyToken` → build id. */
  tokens: Record<string, string>;
  reportGroups: Record<string, ReportGroup>;
  reports: Record<string, Report>;
}

const DATES = new Set(["created", "lastModified", "startTime", "endTime", "expired"]);
/** Builds that are remembered, and whose logs are kept; AWS keeps a year of them. */
const BUILDS_KEPT = 500;

/** The state in memory, with a JSON copy on disk that is always whole: written aside and renamed. */
export class Store {
  private writing: Promise<void> = Promise.resolve();
  private dirty = false;

  private constructor(
    private readonly directory: string,
    readonly state: State,
    private readonly onError: (message: string) => void,
  ) {}

  static async open(directory: string, onError: (message: string) => void): Promise<Store> {
    await mkdir(path.join(directory, "reports"), { recursive: true });
    const empty: State = { projects: {}, builds: {}, buildNumbers: {}, tokens: {}, reportGroups: {}, reports: {} };
    const saved = await readJson<State>(path.join(directory, "state.json"));
    return new Store(directory, { ...empty, ...saved }, onError);
  }

  /** Remembers that the state has changed; many changes in a row become one write. */
  changed(): void {
    if (this.dirty) return;
    this.dirty = true;
    this.writing = this.writing.then(async () => {
      this.dirty = false;
      forgetOldBuilds(this.state);
      await writeWhole(path.join(this.directory, "state.json"), this.state);
    });
    this.writing = this.writing.catch((error: unknown) => this.onError(`state not written: ${String(error)}`));
  }

  /** Resolves when all changes so far are on disk. */
  async flush(): Promise<void> {
    await this.writing;
  }

  /** Test cases or coverages of one report. */
  async saveDetails(reportArn: string, details: readonly unknown[]): Promise<void> {
    await writeWhole(this.detailsFile(reportArn), details);
  }

  async details<T>(reportArn: string): Promise<readonly T[]> {
    return (await readJson<T[]>(this.detailsFile(reportArn))) ?? [];
  }

  async deleteDetails(reportArn: string): Promise<void> {
    await rm(this.detailsFile(reportArn), { force: true });
  }

  private detailsFile(reportArn: string): string {
    return path.join(this.directory, "reports", `${reportArn.slice(reportArn.lastIndexOf(":") + 1)}.json`);
  }
}

function forgetOldBuilds(state: State): void {
  const ids = Object.keys(state.builds);
  for (const id of ids.slice(0, Math.max(0, ids.length - BUILDS_KEPT))) {
    if (state.builds[id]?.build.buildComplete) delete state.builds[id];
  }
  for (const [token, id] of Object.entries(state.tokens)) if (!(id in state.builds)) delete state.tokens[token];
}

async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  return JSON.parse(text, (key, value: unknown) =>
    DATES.has(key) && typeof value === "string" ? new Date(value) : value,
  ) as T;
}

async function writeWhole(file: string, value: unknown): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(value));
  await rename(`${file}.new`, file);
}
