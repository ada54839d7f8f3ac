import {
  listOf,
  mapOf,
  matching,
  object,
  oneOf,
  refused,
  requiring,
  text,
  textOrNothing,
  yesOrNo,
  type Reader,
} from "./reader";

/** The phases of a build that run the user's commands, in their order. */
export const COMMAND_PHASES = ["install", "pre_build", "build", "post_build"] as const;
export type CommandPhase = (typeof COMMAND_PHASES)[number];

export interface PhaseSpec {
  readonly commands: readonly string[];
  /** Run at the end of the phase, whether its commands failed or not. */
  readonly finally: readonly string[];
  /** Absent: AWS's own transitions (a failed build still runs post_build). */
  readonly onFailure?: "ABORT" | "CONTINUE";
  readonly runtimeVersions: Readonly<Record<string, string>>;
}

export interface ReportSpec {
  /** Name in the buildspec, or the ARN of an existing report group. */
  readonly name: string;
  readonly files: readonly string[];
  readonly format: "JUNITXML" | "CLOVERXML";
  readonly baseDirectory: string;
  readonly discardPaths: boolean;
}

export interface ArtifactsSpec {
  readonly files: readonly string[];
  readonly name?: string;
  readonly baseDirectory: string;
  readonly discardPaths: boolean;
  readonly excludePaths: readonly string[];
}

/** A buildspec of version 0.2, with what is absent filled in. */
export interface Buildspec {
  readonly shell: "bash" | "sh";
  readonly variables: Readonly<Record<string, string>>;
  readonly parameterStore: Readonly<Record<string, string>>;
  readonly secretsManager: Readonly<Record<string, string>>;
  readonly exportedVariables: readonly string[];
  readonly gitCredentialHelper: boolean;
  readonly phases: Readonly<Partial<Record<CommandPhase, PhaseSpec>>>;
  readonly reports: readonly ReportSpec[];
  readonly artifacts?: ArtifactsSpec;
  readonly cachePaths: readonly string[];
}

const variableName = matching(/^[A-Za-z_][A-Za-z0-9_]*$/, "a variable name (letters, digits, _)");
const commands = listOf(text("a command as one text (quote a line that holds ': ')"), "a list of commands");
const paths = listOf(matching(/\S/, "a path"), "a list of paths");
const variables = mapOf(variableName, textOrNothing("the variable's value"), "a mapping of variables");
const references = (what: string): Reader<Record<string, string>> =>
  mapOf(variableName, matching(/\S/, what), "a mapping of variables");

interface RawPhase {
  "run-as": never;
  "runtime-versions": Record<string, string>;
  "on-failure": "ABORT" | "CONTINUE";
  commands: string[];
  finally: string[];
}

const NO_RUN_AS = "run-as is not served here: a build runs as the user of the local cloud";
const phaseKeys = {
  "run-as": refused(NO_RUN_AS),
  "on-failure": oneOf("ABORT", "CONTINUE"),
  commands,
  finally: commands,
};
// AWS: an install phase may consist of its runtimes alone; every other phase needs commands.
const installPhase: Reader<Partial<RawPhase>> = (place) => {
  const phase = readInstall(place);
  return phase["runtime-versions"] === undefined ? requiring(readInstall, needsCommands)(place) : phase;
};
const needsCommands = { commands: "a list of commands" };
const readInstall = object<RawPhase>({
  ...phaseKeys,
  "runtime-versions": mapOf(text("a runtime"), text("a version"), "a mapping of runtimes to versions"),
});
const otherPhase = requiring(
  object<RawPhase>({ ...phaseKeys, "runtime-versions": refused("runtime-versions belongs to the install phase") }),
  needsCommands,
);

interface RawReport {
  files: string[];
  "file-format": "JUNITXML" | "CLOVERXML";
  "base-directory": string;
  "discard-paths": boolean;
}

interface RawArtifacts {
  files: string[];
  name: string;
  "base-directory": string;
  "discard-paths": boolean;
  "exclude-paths": string[];
  "secondary-artifacts": never;
  "enable-symlinks": never;
  "s3-prefix": never;
}

interface RawBuildspec {
  version: string;
  "run-as": never;
  env: Partial<{
    shell: "bash" | "sh";
    variables: Record<string, string>;
    "parameter-store": Record<string, string>;
    "secrets-manager": Record<string, string>;
    "exported-variables": string[];
    "git-credential-helper": boolean;
  }>;
  proxy: never;
  batch: never;
  phases: Partial<Record<CommandPhase, Partial<RawPhase>>>;
  reports: Record<string, Partial<RawReport> & Pick<RawReport, "files">>;
  artifacts: Partial<RawArtifacts> & Pick<RawArtifacts, "files">;
  cache: Partial<{ paths: string[]; key: never; "fallback-keys": never; action: never }>;
}

/** The keys of https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html, each with what it may hold. */
export const readBuildspec = requiring(
  object<RawBuildspec>({
    version: oneOf("0.2"),
    "run-as": refused(NO_RUN_AS),
    env: object({
      shell: oneOf("bash", "sh"),
      variables,
      "parameter-store": references("the name of a parameter"),
      "secrets-manager": references("secret-id:json-key:version-stage:version-id"),
      "exported-variables": listOf(variableName, "a list of variable names"),
      "git-credential-helper": yesOrNo,
    }),
    proxy: refused("proxy is not served here"),
    batch: refused("batch builds are not served here"),
    phases: object<Record<CommandPhase, Partial<RawPhase>>>({
      install: installPhase,
      pre_build: otherPhase,
      build: otherPhase,
      post_build: otherPhase,
    }),
    reports: mapOf(
      matching(/^[A-Za-z0-9][A-Za-z0-9\-_:/]*$/, "the name or ARN of a report group"),
      requiring(
        object<RawReport>({
          files: paths,
          "file-format": oneOf("JUNITXML", "CLOVERXML"),
          "base-directory": text("a folder"),
          "discard-paths": yesOrNo,
        }),
        { files: "a list of paths" },
      ),
      "a mapping of reports",
    ),
    artifacts: requiring(
      object<RawArtifacts>({
        files: paths,
        name: text("a name"),
        "base-directory": text("a folder"),
        "discard-paths": yesOrNo,
        "exclude-paths": paths,
        "secondary-artifacts": refused("secondary artifacts are not served here"),
        "enable-symlinks": refused("enable-symlinks is not served here: links to files are followed"),
        "s3-prefix": refused("s3-prefix is not served here"),
      }),
      { files: "a list of paths" },
    ),
    cache: object({
      paths,
      key: refused("cache keys are not served here: a local cache has none"),
      "fallback-keys": refused("cache keys are not served here: a local cache has none"),
      action: refused("cache actions are not served here"),
    }),
  }),
  { version: "0.2", phases: `at least one of ${COMMAND_PHASES.join(", ")}` },
);
