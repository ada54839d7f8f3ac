import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { sha256 } from "../../../runtime/releases/domain";
import { parseBuildspec } from "../../../local/codebuild/buildspec";

const buildspec = parseBuildspec(
  readFileSync(join(__dirname, "../../../examples/worker/infrastructure/job-buildspec.yml"), "utf8"),
);
const version = "0123456789abcdef0123456789abcdef01234567";

/** Copies from a folder instead of S3 and prints the metric instead of sending it. */
const standInAws = `#!/bin/sh
case "$1 $2" in
  "s3 cp") cp "$STORE/\${4#s3://}" "$5" ;;
  "cloudwatch put-metric-data") shift 2; echo "metric $*" ;;
  *) exit 64 ;;
esac
`;
const job = `console.log("release " + process.env.RELEASE_VERSION); process.exitCode = Number(process.env.EXIT ?? 0);`;

describe("the buildspec of a worker job", () => {
  let scratch: string;
  const release = (): string => join(scratch, "releases-bucket/releases", version);

  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), "job-buildspec-"));
    for (const folder of ["bin", "artifacts-bucket", "build"]) mkdirSync(join(scratch, folder));
    mkdirSync(release(), { recursive: true });
    writeFileSync(join(scratch, "bin/aws"), standInAws);
    chmodSync(join(scratch, "bin/aws"), 0o755);

    const application = zipSync({ "dist/job.js": strToU8(job) });
    const json = JSON.stringify({ files: { "application.zip": { sha256: sha256(application) } } });
    writeFileSync(join(release(), "application.zip"), application);
    writeFileSync(join(release(), "release.json"), json);
    writeFileSync(
      join(scratch, "artifacts-bucket/current.json"),
      JSON.stringify({ version, releaseDigest: sha256(json) }),
    );
  });
  afterEach(() => rmSync(scratch, { recursive: true }));

  /** The phases build and post_build as CodeBuild runs them: one shell, build ends at its first failing command. */
  function run(environment: Record<string, string> = {}): { succeeded: boolean; lines: string[]; errors: string } {
    const commands = (phase: "build" | "post_build") => buildspec.phases[phase]?.commands ?? [];
    const stopping = commands("build").map((command) => `${command}\n[ $? = 0 ] || return 1`);
    const script = [
      `build() {\n${stopping.join("\n")}\n}`,
      "CODEBUILD_BUILD_SUCCEEDING=1; build || CODEBUILD_BUILD_SUCCEEDING=0; export CODEBUILD_BUILD_SUCCEEDING",
      ...commands("post_build"),
      `sh -c 'echo "exported $RELEASE_VERSION"'; [ $CODEBUILD_BUILD_SUCCEEDING = 1 ]`,
    ].join("\n");
    const { status, stdout, stderr } = spawnSync("sh", ["-c", script], {
      cwd: join(scratch, "build"),
      encoding: "utf8",
      env: {
        ...process.env,
        PATH: `${join(scratch, "bin")}:${process.env["PATH"]}`,
        STORE: scratch,
        ARTIFACTS_BUCKET: "artifacts-bucket",
        RELEASES_BUCKET: "releases-bucket",
        METRIC_NAMESPACE: "KiroWorker/kiro-worker-test",
        ...environment,
      },
    });
    return { succeeded: status === 0, lines: stdout.trimEnd().split("\n"), errors: stderr };
  }

  const metric = (failed: 0 | 1): string =>
    `metric --namespace KiroWorker/kiro-worker-test --metric-name FailedJobs --value ${failed}`;

  it("exports the version that it runs", () => {
    expect(buildspec.exportedVariables).toEqual(["RELEASE_VERSION"]);
  });

  it("runs the release that the pointer names and counts no failure", () => {
    expect(run()).toEqual({
      succeeded: true,
      lines: [`release ${version}`, metric(0), `exported ${version}`],
      errors: "",
    });
  });

  it("counts a job that fails", () => {
    const { succeeded, lines } = run({ EXIT: "1" });
    expect({ succeeded, metric: lines[1] }).toEqual({ succeeded: false, metric: metric(1) });
  });

  it("fails on a refused description without counting it", () => {
    const { succeeded, lines } = run({ EXIT: "2" });
    expect({ succeeded, metric: lines[1] }).toEqual({ succeeded: false, metric: metric(0) });
  });

  it.each(["release.json", "application.zip"])("runs nothing of a release whose %s was tampered with", (file) => {
    const before = readFileSync(join(release(), file));
    const after = Buffer.concat([before, Buffer.from("\n")]);
    writeFileSync(join(release(), file), after);
    expect(run()).toEqual({
      succeeded: false,
      lines: [metric(1), `exported ${version}`],
      errors: `release ${version} refused: ${file} has SHA-256 ${sha256(after)}, wanted ${sha256(before)}\n`,
    });
  });

  it.each(["release.json", "application.zip"])("runs nothing of a release without %s", (file) => {
    rmSync(join(release(), file));
    const { succeeded, lines } = run();
    expect({ succeeded, lines }).toEqual({ succeeded: false, lines: [metric(1), `exported ${version}`] });
  });
});
