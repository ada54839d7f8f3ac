import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { PutRolePolicyCommand } from "@aws-sdk/client-iam";
import type { Build, StartBuildInput } from "@aws-sdk/client-codebuild";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { BUCKET, startHarness, type Harness, type Right } from "./harness";

let cloud: Harness;
beforeAll(async () => {
  cloud = await startHarness();
}, 60_000);
afterAll(() => cloud.stop());

const PIPELINE = { source: { type: "CODEPIPELINE" as const }, artifacts: { type: "CODEPIPELINE" as const } };
const BUILDSPEC = [
  "version: 0.2",
  "phases: {build: {commands: [./make.sh]}}",
  "artifacts:",
  "  files: ['**/*']",
  "  base-directory: out",
  "  exclude-paths: ['node_modules/**/*', '**/*.tmp']",
  "",
].join("\n");
const MAKE =
  "#!/bin/sh\nmkdir -p out/deep out/node_modules/x && echo made > out/deep/file && echo x > out/a.tmp && touch out/node_modules/x/y\n";

const byPipeline = (projectName: string, key: string): StartBuildInput => ({
  projectName,
  sourceTypeOverride: "S3",
  sourceLocationOverride: `${BUCKET}/${key}`,
  artifactsOverride: {
    type: "S3",
    location: BUCKET,
    path: "run/BuildOutput",
    name: "abc123",
    packaging: "ZIP",
    namespaceType: "NONE",
  },
  encryptionKeyOverride: "arn:aws:kms:us-east-1:000000000000:key/k",
});

async function put(key: string, files: Record<string, string>, mode = 0o100755): Promise<void> {
  const entries = Object.entries(files).map(([name, text]) => [name, [strToU8(text), { os: 3, attrs: mode << 16 }]]);
  const Body = zipSync(Object.fromEntries(entries) as Parameters<typeof zipSync>[0]);
  await cloud.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body }));
}

async function project(
  name: string,
  buildspec: string,
  rights: readonly Right[] = ["logs", "read", "write"],
): Promise<void> {
  await cloud.project(name, buildspec, rights, { ...PIPELINE, source: { ...PIPELINE.source, buildspec } });
}

const failure = (build: Build): string => {
  const failed = build.phases?.find(({ phaseStatus }) => phaseStatus === "FAILED");
  return `${failed?.phaseType}: ${failed?.contexts?.[0]?.message}`;
};

describe("artifacts of a pipeline", () => {
  it("come as a zip and leave as a zip, executable bits kept and exclusions left out", async () => {
    await put("in/source", { "make.sh": MAKE });
    await project("zip", BUILDSPEC);
    const build = await cloud.run(byPipeline("zip", "in/source"));
    expect(failure(build)).toBe("undefined: undefined");
    expect(build.artifacts?.location).toBe(`arn:aws:s3:::${BUCKET}/run/BuildOutput/abc123`);
    const object = { Bucket: BUCKET, Key: "run/BuildOutput/abc123" };
    const { Body } = await cloud.s3.send(new GetObjectCommand(object));
    const files = unzipSync((await Body?.transformToByteArray()) ?? new Uint8Array());
    expect(Object.entries(files).map(([name, content]) => [name, strFromU8(content)])).toEqual([
      ["deep/file", "made\n"],
    ]);
    const { SSEKMSKeyId } = await cloud.s3.send(new HeadObjectCommand(object));
    expect(SSEKMSKeyId).toBe("arn:aws:kms:us-east-1:000000000000:key/k");
    expect(build.initiator).toBe("codepipeline/someone");
  });

  it.each([
    ["read", "DOWNLOAD_SOURCE", "s3:GetObject"],
    ["write", "UPLOAD_ARTIFACTS", "s3:PutObject"],
  ] as const)("fail the build in the right phase when the role may not %s them", async (missing, phase, action) => {
    await put("in/source", { "make.sh": MAKE });
    const rights = (["logs", "read", "write"] as const).filter((right) => right !== missing);
    await project(`no-${missing}`, BUILDSPEC, rights);
    const build = await cloud.run(byPipeline(`no-${missing}`, "in/source"));
    expect(build.buildStatus).toBe("FAILED");
    expect(failure(build)).toMatch(new RegExp(`^${phase}: .*AccessDenied.*${action}`));
  });

  it("fail the build when nothing matches", async () => {
    await put("in/source", { "make.sh": "#!/bin/sh\nmkdir out\n" });
    await project("empty", BUILDSPEC);
    const build = await cloud.run(byPipeline("empty", "in/source"));
    expect(failure(build)).toBe("UPLOAD_ARTIFACTS: no matching artifact paths found");
  });

  it("leave as single files where they are not to be packed", async () => {
    await put("in/source", { "make.sh": MAKE });
    await project("unpacked", BUILDSPEC);
    const artifactsOverride = {
      type: "S3" as const,
      location: BUCKET,
      path: "plain",
      namespaceType: "BUILD_ID" as const,
    };
    const build = await cloud.run({ ...byPipeline("unpacked", "in/source"), artifactsOverride });
    const Key = `plain/${build.id?.split(":")[1]}/deep/file`;
    const { Body } = await cloud.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    expect(await Body?.transformToString()).toBe("made\n");
  });

  it("cannot come from a source that is not served", async () => {
    await project("github", BUILDSPEC);
    const build = await cloud.run({ ...byPipeline("github", "in/source"), sourceTypeOverride: "GITHUB" });
    expect(failure(build)).toBe("DOWNLOAD_SOURCE: source type GITHUB is not served here: use S3 or NO_SOURCE");
  });

  it("may not lead out of the source folder", async () => {
    await put("in/evil", { "../../evil": "x", ok: "x" });
    await project("evil", BUILDSPEC);
    expect(failure(await cloud.run(byPipeline("evil", "in/evil")))).toContain("leads out of its folder");
  });

  it("start nothing without a pipeline's overrides", async () => {
    await project("piped", BUILDSPEC);
    await expect(cloud.call("StartBuild", { projectName: "piped" })).rejects.toThrow("started by a pipeline");
  });
});

describe("a full clone", () => {
  const connectionArn = "arn:aws:codeconnections:us-east-1:000000000000:connection/c";
  const buildspec = [
    "version: 0.2",
    "phases:",
    "  build:",
    "    commands:",
    "      - git rev-parse HEAD && git rev-list --count HEAD && cat file",
    "      - echo resolved $CODEBUILD_RESOLVED_SOURCE_VERSION",
    "",
  ].join("\n");
  let commit = "";

  beforeAll(async () => {
    const work = path.join(cloud.gitDir, "work");
    mkdirSync(work, { recursive: true });
    const git = (...args: string[]): string =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: work })
        .toString()
        .trim();
    git("init", "-q", "-b", "main");
    for (const text of ["one", "two", "three"]) {
      writeFileSync(path.join(work, "file"), `${text}\n`);
      git("add", "file");
      git("commit", "-q", "-m", text);
    }
    commit = git("rev-parse", "HEAD~1");
    git("clone", "-q", "--bare", work, path.join(cloud.gitDir, "acme", "worker.git"));
    await put("in/clone", {
      "clone-ref.json": JSON.stringify({ connectionArn, repository: "acme/worker", branch: "main", commit }),
    });
  });

  it("has the commit of the reference and the history before it", async () => {
    await project("clone", buildspec);
    const Statement = [{ Effect: "Allow", Action: "codeconnections:UseConnection", Resource: connectionArn }];
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await cloud.iam.send(new PutRolePolicyCommand({ RoleName: "clone", PolicyName: "connection", PolicyDocument }));
    const build = await cloud.run({ ...byPipeline("clone", "in/clone"), artifactsOverride: { type: "NO_ARTIFACTS" } });
    expect(failure(build)).toBe("undefined: undefined");
    expect(await cloud.lines(build)).toEqual(expect.arrayContaining([commit, "2", "two", `resolved ${commit}`]));
    expect(build.resolvedSourceVersion).toBe(commit);
  });

  it("is refused to a role that may not use the connection", async () => {
    await project("no-connection", buildspec);
    const build = await cloud.run(byPipeline("no-connection", "in/clone"));
    expect(failure(build)).toMatch(/^DOWNLOAD_SOURCE: .*AccessDenied.*codeconnections:UseConnection.*connection\/c/);
  });
});

describe("the local cache", () => {
  it("brings the folders of the last build, to one build at a time", async () => {
    const buildspec = [
      "version: 0.2",
      "phases:",
      "  build:",
      "    commands:",
      "      - test -f deps/n && echo cached $(cat deps/n) || echo empty",
      "      - mkdir -p deps && echo $CODEBUILD_BUILD_NUMBER > deps/n && sleep 0.3",
      "cache: {paths: ['deps/**/*', '/etc/passwd']}",
      "",
    ].join("\n");
    await cloud.project("cached", buildspec, ["logs"], { cache: { type: "LOCAL", modes: ["LOCAL_CUSTOM_CACHE"] } });
    const run = async (): Promise<string[]> => {
      const lines = await cloud.lines(await cloud.run({ projectName: "cached" }));
      return lines.filter((line) => /^(cached|empty)/.test(line));
    };
    expect(await run()).toEqual(["empty"]);
    expect(await run()).toEqual(["cached 1"]);
    const both = (await Promise.all([run(), run()])).flat();
    expect(both.sort()).toEqual(["cached 2", "empty"]);
  });
});
