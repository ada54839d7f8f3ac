import { describe, expect, it } from "@jest/globals";
import { BuildspecError, parseBuildspec } from "../../../../../local/codebuild/buildspec";

const MINIMAL = "version: 0.2\nphases:\n  build:\n    commands: [make]\n";

describe("parseBuildspec", () => {
  it("reads everything that is served", () => {
    const buildspec = parseBuildspec(`
version: "0.2"
env:
  shell: bash
  variables: {PLAIN: text, NUMBER: 1.10, FLAG: true, EMPTY: }
  parameter-store: {DIGEST: /a/b}
  secrets-manager: {TOKEN: "github:token"}
  exported-variables: [PLAIN]
  git-credential-helper: yes
phases:
  install:
    runtime-versions: {nodejs: 22}
  pre_build:
    on-failure: CONTINUE
    commands:
      - |
        one
        two
    finally: [clean]
  build: {on-failure: ABORT, commands: [true, "echo a: b"]}
reports:
  unit: {files: [junit.xml], base-directory: out, discard-paths: yes}
  coverage: {files: ["*.xml"], file-format: CLOVERXML}
artifacts: {files: ["**/*"], name: n, base-directory: dist, discard-paths: no, exclude-paths: [a]}
cache: {paths: [node_modules]}
`);
    expect(buildspec).toEqual({
      shell: "bash",
      variables: { PLAIN: "text", NUMBER: "1.10", FLAG: "true", EMPTY: "" },
      parameterStore: { DIGEST: "/a/b" },
      secretsManager: { TOKEN: "github:token" },
      exportedVariables: ["PLAIN"],
      gitCredentialHelper: true,
      phases: {
        install: { commands: [], finally: [], runtimeVersions: { nodejs: "22" } },
        pre_build: { commands: ["one\ntwo\n"], finally: ["clean"], onFailure: "CONTINUE", runtimeVersions: {} },
        build: { commands: ["true", "echo a: b"], finally: [], onFailure: "ABORT", runtimeVersions: {} },
      },
      reports: [
        { name: "unit", files: ["junit.xml"], format: "JUNITXML", baseDirectory: "out", discardPaths: true },
        { name: "coverage", files: ["*.xml"], format: "CLOVERXML", baseDirectory: ".", discardPaths: false },
      ],
      artifacts: { files: ["**/*"], name: "n", baseDirectory: "dist", discardPaths: false, excludePaths: ["a"] },
      cachePaths: ["node_modules"],
    });
  });

  it("fills in what is absent", () => {
    expect(parseBuildspec(MINIMAL)).toEqual({
      shell: "sh",
      variables: {},
      parameterStore: {},
      secretsManager: {},
      exportedVariables: [],
      gitCredentialHelper: false,
      phases: { build: { commands: ["make"], finally: [], runtimeVersions: {} } },
      reports: [],
      cachePaths: [],
    });
  });

  it("follows anchors", () => {
    const buildspec = parseBuildspec("version: 0.2\nphases:\n  pre_build: &p {commands: [a]}\n  build: *p\n");
    expect(buildspec.phases.build?.commands).toEqual(["a"]);
  });

  it.each([
    ["", 1, 1, "expected a mapping with version"],
    ["- a\n", 1, 1, "found a list"],
    ["a: [\n", 2, 1, "not YAML"],
    ["version: 0.2\nversion: 0.2\n", 2, 1, "not YAML: Map keys must be unique"],
    ["version: 0.1\nphases: {}\n", 1, 10, 'version: expected one of 0.2, found "0.1"'],
    ["phases: {}\n", 1, 1, "expected version: 0.2"],
    ["version: 0.2\n", 1, 1, "expected phases: at least one of install, pre_build, build, post_build"],
    [
      "version: 0.2\nphases:\n",
      2,
      8,
      "phases: expected a mapping with install, pre_build, build, post_build, found nothing",
    ],
    ["version: 0.2\nrun-as: root\nphases: {}\n", 2, 9, "run-as: run-as is not served here"],
    ["version: 0.2\nbatch: {}\nphases: {}\n", 2, 8, "batch builds are not served"],
    [
      "version: 0.2\nphases:\n  build:\n    comands: [a]\n",
      4,
      5,
      'phases.build: unknown key "comands", expected one of',
    ],
    [
      "version: 0.2\nphases:\n  build:\n    finally: [a]\n",
      4,
      5,
      "phases.build: expected commands: a list of commands",
    ],
    ["version: 0.2\nphases:\n  build:\n    commands: make\n", 4, 15, 'expected a list of commands, found "make"'],
    [
      "version: 0.2\nphases:\n  build:\n    commands:\n      - echo a: b\n",
      5,
      9,
      "commands[0]: expected a command as one text (quote",
    ],
    [
      "version: 0.2\nphases:\n  build:\n    commands: [a]\n    on-failure: RETRY\n",
      5,
      17,
      "expected one of ABORT, CONTINUE",
    ],
    [
      "version: 0.2\nphases:\n  build:\n    commands: [a]\n    runtime-versions: {nodejs: 22}\n",
      5,
      23,
      "belongs to the install phase",
    ],
    [`${MINIMAL}env:\n  shell: powershell\n`, 6, 10, "expected one of bash, sh"],
    [`${MINIMAL}env:\n  variables: {1A: x}\n`, 6, 15, "expected a variable name"],
    [`${MINIMAL}env:\n  variables: {A: [x]}\n`, 6, 18, "env.variables.A: expected the variable's value, found a list"],
    [`${MINIMAL}env:\n  exported-variables: A\n`, 6, 23, "expected a list of variable names"],
    [`${MINIMAL}env:\n  git-credential-helper: maybe\n`, 6, 26, "expected one of yes, no, true, false"],
    [`${MINIMAL}reports:\n  unit: {}\n`, 6, 9, "reports.unit: expected files: a list of paths"],
    [
      `${MINIMAL}reports:\n  unit: {files: [a], file-format: VISUALSTUDIOTRX}\n`,
      6,
      35,
      "expected one of JUNITXML, CLOVERXML",
    ],
    [`${MINIMAL}artifacts:\n  secondary-artifacts: {}\n`, 6, 24, "secondary artifacts are not served"],
    [`${MINIMAL}artifacts: {files: ['']}\n`, 5, 21, "artifacts.files[0]: expected a path"],
    [`${MINIMAL}cache: {key: k}\n`, 5, 14, "cache keys are not served"],
  ])("refuses %j at line %d, column %d", (source, line, column, reason) => {
    const error = errorOf(source);
    expect([error.line, error.column]).toEqual([line, column]);
    expect(error.reason).toContain(reason);
    expect(error.message).toBe(`buildspec line ${line}, column ${column}: ${error.reason}`);
  });
});

function errorOf(source: string): BuildspecError {
  try {
    parseBuildspec(source);
  } catch (error) {
    if (error instanceof BuildspecError) return error;
    throw error;
  }
  throw new Error("accepted");
}
