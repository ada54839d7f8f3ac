import type {
  BatchGetProjectsInput,
  DeleteProjectInput,
  CreateProjectInput,
  ListProjectsInput,
  Project,
  ProjectSource,
  UpdateProjectInput,
} from "@aws-sdk/client-codebuild";
import { AwsError, type Call } from "../services/contract";
import { page } from "./paging";
import { projectArn, projectName, type Place } from "./names";
import type { Store } from "./store";

export const DEFAULT_TIMEOUT_MINUTES = 60;
export const DEFAULT_QUEUED_TIMEOUT_MINUTES = 480;

/** The operations on projects. Requests were validated against the service model before. */
export class Projects {
  constructor(
    private readonly store: Store,
    private readonly place: Place,
    private readonly now: () => Date,
  ) {}

  async create(input: CreateProjectInput, call: Call): Promise<{ project: Project }> {
    const name = input.name ?? "";
    await call.authorize("codebuild:CreateProject", projectArn(this.place, name));
    if (this.store.state.projects[name] !== undefined) {
      throw new AwsError("ResourceAlreadyExistsException", `Project already exists: ${projectArn(this.place, name)}`);
    }
    this.check(input);
    const project: Project = {
      timeoutInMinutes: DEFAULT_TIMEOUT_MINUTES,
      queuedTimeoutInMinutes: DEFAULT_QUEUED_TIMEOUT_MINUTES,
      encryptionKey: `arn:aws:kms:${this.place.region}:${this.place.accountId}:alias/aws/s3`,
      cache: { type: "NO_CACHE" },
      badge: { badgeEnabled: false },
      projectVisibility: "PRIVATE",
      tags: [],
      ...settingsOf(input),
      arn: projectArn(this.place, name),
      created: this.now(),
      lastModified: this.now(),
    };
    this.store.state.projects[name] = project;
    this.store.changed();
    return { project };
  }

  async update(input: UpdateProjectInput, call: Call): Promise<{ project: Project }> {
    const name = projectName(input.name ?? "");
    await call.authorize("codebuild:UpdateProject", projectArn(this.place, name));
    const old = this.find(name);
    const project: Project = { ...old, ...settingsOf(input), name, lastModified: this.now() };
    // As on AWS, -1 takes the limit away.
    if (project.concurrentBuildLimit === -1) delete project.concurrentBuildLimit;
    this.check(project);
    this.store.state.projects[name] = project;
    this.store.changed();
    return { project };
  }

  /** Deleting what is gone succeeds, and the builds of the project stay, both as on AWS. */
  async delete(input: DeleteProjectInput, call: Call): Promise<object> {
    const name = projectName(input.name ?? "");
    await call.authorize("codebuild:DeleteProject", projectArn(this.place, name));
    delete this.store.state.projects[name];
    this.store.changed();
    return {};
  }

  async batchGet(input: BatchGetProjectsInput, call: Call): Promise<object> {
    const projects: Project[] = [];
    const projectsNotFound: string[] = [];
    for (const each of input.names ?? []) {
      const name = projectName(each);
      await call.authorize("codebuild:BatchGetProjects", projectArn(this.place, name));
      const project = this.store.state.projects[name];
      if (project === undefined) projectsNotFound.push(each);
      else projects.push(project);
    }
    return { projects, projectsNotFound };
  }

  async list(input: ListProjectsInput, call: Call): Promise<object> {
    await call.authorize("codebuild:ListProjects", "*");
    const all = Object.values(this.store.state.projects);
    const key = (project: Project): string | number =>
      input.sortBy === "CREATED_TIME"
        ? (project.created?.getTime() ?? 0)
        : input.sortBy === "LAST_MODIFIED_TIME"
          ? (project.lastModified?.getTime() ?? 0)
          : (project.name ?? "");
    all.sort((a, b) => (key(a) < key(b) ? -1 : 1));
    if (input.sortOrder === "DESCENDING") all.reverse();
    const { items, nextToken } = page(all, input.nextToken);
    return { projects: items.map(({ name }) => name), ...nextToken };
  }

  /** @throws AwsError ResourceNotFoundException */
  find(name: string): Project {
    const project = this.store.state.projects[name];
    if (project !== undefined) return project;
    throw new AwsError("ResourceNotFoundException", `Project cannot be found: ${projectArn(this.place, name)}`);
  }

  private check(project: CreateProjectInput | Project): void {
    const { source, artifacts } = project;
    checkSource(source);
    if ((source?.type === "CODEPIPELINE") !== (artifacts?.type === "CODEPIPELINE")) {
      throw new AwsError(
        "InvalidInputException",
        "Invalid project: artifacts and source must both be of type CODEPIPELINE, or neither",
      );
    }
    if (artifacts?.type === "S3" && !artifacts.location) {
      throw new AwsError("InvalidInputException", "Invalid artifacts: location must be a bucket for type S3");
    }
    if (!/^arn:aws:iam::\d{12}:role\//.test(project.serviceRole ?? "")) {
      throw new AwsError("InvalidInputException", `Invalid service role: ${project.serviceRole}: an ARN of a role`);
    }
  }
}

/** What of a request is kept in the project as it stands. (Badges are not served.) */
function settingsOf(input: CreateProjectInput | UpdateProjectInput): Partial<Project> {
  const settings: Partial<Project> & { badgeEnabled?: boolean | undefined } = { ...input };
  delete settings.badgeEnabled;
  return settings;
}

/** @throws AwsError InvalidInputException when source and buildspec do not go together. */
export function checkSource(source: ProjectSource | undefined): void {
  if (source?.type === "NO_SOURCE" && !source.buildspec?.includes("\n")) {
    throw new AwsError("InvalidInputException", "Invalid source: NO_SOURCE needs an inline buildspec");
  }
  if (source?.type === "S3" && !source.location?.includes("/")) {
    throw new AwsError("InvalidInputException", "Invalid source: location must be bucket/key for type S3");
  }
}
