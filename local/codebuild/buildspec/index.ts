import { LineCounter, parseDocument } from "yaml";
import { BuildspecError, type Place } from "./reader";
import { COMMAND_PHASES, readBuildspec, type Buildspec, type CommandPhase, type PhaseSpec } from "./schema";

export { BuildspecError } from "./reader";
export { COMMAND_PHASES, type ArtifactsSpec, type Buildspec } from "./schema";
export type { PhaseSpec, ReportSpec } from "./schema";

/**
 * Reads a buildspec of version 0.2, strictly: what is unknown, of the wrong type or not served is refused.
 * @throws BuildspecError with line, column and what was expected.
 */
export function parseBuildspec(source: string): Buildspec {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw new BuildspecError(line, col, `not YAML: ${broken.message}`);
  }
  const top: Place = { node: document.contents, path: "", offset: 0, document, lines };
  const raw = readBuildspec(top);
  const { env = {}, artifacts } = raw;
  return {
    shell: env.shell ?? "sh",
    variables: env.variables ?? {},
    parameterStore: env["parameter-store"] ?? {},
    secretsManager: env["secrets-manager"] ?? {},
    exportedVariables: env["exported-variables"] ?? [],
    gitCredentialHelper: env["git-credential-helper"] ?? false,
    phases: phasesOf(raw.phases),
    reports: Object.entries(raw.reports ?? {}).map(([name, report]) => ({
      name,
      files: report.files,
      format: report["file-format"] ?? "JUNITXML",
      baseDirectory: report["base-directory"] ?? ".",
      discardPaths: report["discard-paths"] ?? false,
    })),
    ...(artifacts && {
      artifacts: {
        files: artifacts.files,
        ...(artifacts.name !== undefined && { name: artifacts.name }),
        baseDirectory: artifacts["base-directory"] ?? ".",
        discardPaths: artifacts["discard-paths"] ?? false,
        excludePaths: artifacts["exclude-paths"] ?? [],
      },
    }),
    cachePaths: raw.cache?.paths ?? [],
  };
}

type RawPhases = ReturnType<typeof readBuildspec>["phases"];

function phasesOf(raw: RawPhases): Partial<Record<CommandPhase, PhaseSpec>> {
  const phases: Partial<Record<CommandPhase, PhaseSpec>> = {};
  for (const name of COMMAND_PHASES) {
    const phase = raw[name];
    if (phase === undefined) continue;
    const onFailure = phase["on-failure"];
    phases[name] = {
      commands: phase.commands ?? [],
      finally: phase.finally ?? [],
      ...(onFailure !== undefined && { onFailure }),
      runtimeVersions: phase["runtime-versions"] ?? {},
    };
  }
  return phases;
}
