import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { Build, PhaseContext, StartBuildInput } from "@aws-sdk/client-codebuild";
import { REGION, startHarness, type Harness } from "./harness";

let cloud: Harness;
beforeAll(async () => {
  cloud = await startHarness();
}, 60_000);
afterAll(() => cloud.stop());

const spec = (...commands: string[]): string =>
  ["version: 0.2", "phases:", "  build:", "    commands:", ...commands.map((each) => `      - ${each}`), ""].join("\n");

const statuses = (build: Build): Record<string, string | undefined> =>
  Object.fromEntries((build.phases ?? []).map(({ phaseType, phaseStatus }) => [phaseType ?? "", phaseStatus] as const));

const context = (build: Build, phase: string): PhaseContext =>
  build.phases?.find(({ phaseType }) => phaseType === phase)?.contexts?.[0] ?? {};

describe("a build that succeeds", () => {
  it("runs all commands in one shell under the project's role and logs them to CloudWatch Logs", async () => {
    await cloud.project(
      "hello",
      spec("cd /tmp && X=kept", "pwd; echo $X from $CODEBUILD_BUILD_ID", "aws sts get-caller-identity"),
    );
    const build = await cloud.run({ projectName: "hello" });
    const lines = await cloud.lines(build);
    expect(build.buildStatus).toBe("SUCCEEDED");
    expect(Object.keys(statuses(build))).toEqual([
      "SUBMITTED",
      "QUEUED",
      "PROVISIONING",
      "DOWNLOAD_SOURCE",
      "INSTALL",
      "PRE_BUILD",
      "BUILD",
      "POST_BUILD",
      "UPLOAD_ARTIFACTS",
      "FINALIZING",
      "COMPLETED",
    ]);
    expect(lines).toEqual(expect.arrayContaining(["/tmp", `kept from ${build.id}`]));
    expect(lines.join("\n")).toContain("assumed-role/hello/AWSCodeBuild-");
    expect(lines.some((line) => /^\[Container\] .* Running command pwd; echo/.test(line))).toBe(true);
  });

  it("leaves nothing but its log behind", async () => {
    await cloud.project("clean", spec("touch left-over", "sleep 300 &"));
    const build = await cloud.run({ projectName: "clean" });
    const uuid = (build.id ?? "").split(":")[1] ?? "";
    expect(existsSync(path.join(cloud.stateDir, "builds", uuid))).toBe(false);
    expect(await readFile(path.join(cloud.stateDir, "logs", "clean", `${uuid}.log`), "utf8")).toContain(
      "touch left-over",
    );
  });

  it("hands exported variables out, the unset ones empty", async () => {
    const buildspec = ["env:", "  exported-variables: [ANSWER, UNSET]", spec("export ANSWER=42")].join("\n");
    await cloud.project("exports", buildspec);
    const build = await cloud.run({ projectName: "exports" });
    expect(build.exportedEnvironmentVariables).toEqual([
      { name: "ANSWER", value: "42" },
      { name: "UNSET", value: "" },
    ]);
  });

  it("reads parameters and secrets with the role's rights and masks them in the log", async () => {
    const config = {
      endpoint: cloud.endpoint,
      region: REGION,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    };
    const [ssm, secrets] = [new SSMClient(config), new SecretsManagerClient(config)];
    await ssm.send(new PutParameterCommand({ Name: "/a/digest", Value: "digest-value", Type: "SecureString" }));
    await secrets.send(new CreateSecretCommand({ Name: "github", SecretString: '{"token":"ghp_secret"}' }));
    [ssm, secrets].forEach((client) => client.destroy());

    const buildspec = [
      "env:",
      "  secrets-manager:",
      "    TOKEN: github:token",
      spec("echo $TOKEN $DIGEST $PLAIN ${#TOKEN}"),
    ];
    await cloud.project("secrets", buildspec.join("\n"), ["logs", "parameters", "secrets"]);
    const build = await cloud.run({
      projectName: "secrets",
      environmentVariablesOverride: [
        { name: "DIGEST", value: "/a/digest", type: "PARAMETER_STORE" },
        { name: "PLAIN", value: "plain" },
      ],
    });
    expect(build.buildStatus).toBe("SUCCEEDED");
    expect(await cloud.lines(build)).toContain("*** *** plain 10");
  });

  it("announces its states", async () => {
    await cloud.project("announced", spec("true"));
    const build = await cloud.run({ projectName: "announced" });
    const mine = cloud.events.filter(({ resources }) => resources[0] === build.arn);
    const changes = mine.filter(({ detailType }) => detailType === "CodeBuild Build State Change");
    expect(changes.map(({ detail }) => detail["build-status"])).toEqual(["IN_PROGRESS", "SUCCEEDED"]);
    expect(changes[1]?.detail).toMatchObject({ "project-name": "announced", "build-id": build.arn });
    expect(mine.filter(({ detailType }) => detailType === "CodeBuild Build Phase Change")).toHaveLength(10);
  });
});

describe("a project of a pipeline", () => {
  it("runs its own buildspec without one, for whoever starts it", async () => {
    const type = "CODEPIPELINE" as const;
    const buildspec = spec('echo "$MODE of $DEPLOYMENT_ID for $CODEBUILD_INITIATOR"');
    await cloud.project("deploy", buildspec, ["logs"], { source: { type, buildspec }, artifacts: { type } });
    await expect(cloud.start({ projectName: "deploy" })).rejects.toThrow("started by a pipeline");
    const request: StartBuildInput = {
      projectName: "deploy",
      sourceTypeOverride: "NO_SOURCE",
      artifactsOverride: { type: "NO_ARTIFACTS" },
      idempotencyToken: "undo-1",
      environmentVariablesOverride: [
        { name: "MODE", value: "undo", type: "PLAINTEXT" },
        { name: "DEPLOYMENT_ID", value: "production#1", type: "PLAINTEXT" },
      ],
    };
    const id = await cloud.start(request);
    await expect(cloud.start(request)).resolves.toBe(id);
    const build = await cloud.ended(id);
    expect(build).toMatchObject({ buildStatus: "SUCCEEDED", initiator: "tester/someone" });
    expect(await cloud.lines(build)).toContain("undo of production#1 for tester/someone");
    await expect(cloud.call("ListBuildsForProject", { projectName: "deploy" })).resolves.toEqual({ ids: [id] });
  });
});

describe("a build that fails", () => {
  it("names the command, still runs finally and post_build, and skips the rest of the phase", async () => {
    const buildspec = [
      "version: 0.2",
      "phases:",
      "  build:",
      "    commands: [exit 3, echo never]",
      "    finally: [echo finally $CODEBUILD_BUILD_SUCCEEDING]",
      "  post_build:",
      "    commands: [echo after $CODEBUILD_BUILD_SUCCEEDING]",
      "",
    ].join("\n");
    await cloud.project("red", buildspec);
    const build = await cloud.run({ projectName: "red" });
    expect(build.buildStatus).toBe("FAILED");
    expect(statuses(build)).toMatchObject({ BUILD: "FAILED", POST_BUILD: "SUCCEEDED", UPLOAD_ARTIFACTS: "SUCCEEDED" });
    expect(context(build, "BUILD")).toEqual({
      statusCode: "COMMAND_EXECUTION_ERROR",
      message: "Error while executing command: exit 3. Reason: exit status 3",
    });
    const lines = await cloud.lines(build);
    expect(lines).toEqual(expect.arrayContaining(["finally 0", "after 0"]));
    expect(lines).not.toContain("never");
  });

  it.each([
    ["ABORT", ["INSTALL", "FINALIZING", "COMPLETED"]],
    ["CONTINUE", ["INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD", "UPLOAD_ARTIFACTS", "FINALIZING", "COMPLETED"]],
  ])("goes on after a failed install as on-failure %s says", async (onFailure, expected) => {
    const name = `install-${onFailure}`;
    const lines = ["version: 0.2", "phases:", "  install:", `    on-failure: ${onFailure}`, "    commands: ['false']"];
    await cloud.project(name, [...lines, "  build:", "    commands: ['true']", ""].join("\n"));
    const build = await cloud.run({ projectName: name });
    expect(Object.keys(statuses(build)).slice(4)).toEqual(expected);
    expect(build.buildStatus).toBe("FAILED");
  });

  it("says where the buildspec is wrong and what was expected", async () => {
    await cloud.project("malformed", spec("true"));
    const build = await cloud.run({
      projectName: "malformed",
      buildspecOverride: "version: 0.2\nphases:\n  buidl: {}\n",
    });
    expect(context(build, "DOWNLOAD_SOURCE")).toEqual({
      statusCode: "YAML_FILE_ERROR",
      message:
        'buildspec line 3, column 3: phases: unknown key "buidl", expected one of install, pre_build, build, post_build',
    });
  });

  it.each([
    ["logs", "PROVISIONING", "logs:CreateLogStream"],
    ["parameters", "DOWNLOAD_SOURCE", "ssm:GetParameters"],
  ] as const)("names the right when the role lacks %s", async (right, phase, action) => {
    const rights = (["logs", "parameters"] as const).filter((each) => each !== right);
    await cloud.project(`no-${right}`, ["env:", "  parameter-store: {P: /p}", spec("true")].join("\n"), rights);
    const build = await cloud.run({ projectName: `no-${right}` });
    expect(build.buildStatus).toBe("FAILED");
    expect(context(build, phase).message).toMatch(new RegExp(`AccessDenied.*${action}`, "s"));
  });

  it("names the role that it may not assume", async () => {
    await cloud.project("roleless", spec("true"));
    const serviceRoleOverride = "arn:aws:iam::000000000000:role/nobody";
    const build = await cloud.run({ projectName: "roleless", serviceRoleOverride });
    expect(context(build, "PROVISIONING").message).toContain(`sts:AssumeRole on ${serviceRoleOverride}`);
  });
});

describe("a build that is ended from outside", () => {
  const stubborn = spec("trap '' TERM; echo started; sleep 300", "echo never");

  it("is STOPPED with all its processes", async () => {
    await cloud.project("stopped", stubborn);
    const id = await cloud.start({ projectName: "stopped" });
    await untilLogged(id, "started");
    await cloud.call("StopBuild", { id });
    const build = await cloud.get(id);
    expect(build.buildStatus).toBe("STOPPED");
    expect(statuses(build)).toMatchObject({ BUILD: "STOPPED" });
    expect(await cloud.lines(build)).not.toContain("never");
  }, 20_000);

  it("is TIMED_OUT after its minutes", async () => {
    await cloud.project("slow", spec("sleep 300"));
    const build = await cloud.run({ projectName: "slow", timeoutInMinutesOverride: 0.02 });
    expect(build.buildStatus).toBe("TIMED_OUT");
    expect(statuses(build)).toMatchObject({ BUILD: "TIMED_OUT" });
  }, 20_000);

  it("waits for its turn where the project has a limit, and may be stopped there", async () => {
    await cloud.project("limited", spec("echo started; sleep 1"), ["logs"], { concurrentBuildLimit: 1 });
    const [first, second, third] = [
      await cloud.start({ projectName: "limited" }),
      await cloud.start({ projectName: "limited" }),
      await cloud.start({ projectName: "limited" }),
    ];
    await cloud.call("StopBuild", { id: third });
    await untilLogged(first, "started");
    expect((await cloud.get(second)).currentPhase).toBe("QUEUED");
    const ended = [await cloud.ended(first), await cloud.ended(second), await cloud.ended(third)];
    expect(ended.map(({ buildStatus }) => buildStatus)).toEqual(["SUCCEEDED", "SUCCEEDED", "STOPPED"]);
    const secondRan = ended[1]?.phases?.find(({ phaseType }) => phaseType === "PROVISIONING")?.startTime;
    expect(secondRan?.getTime()).toBeGreaterThanOrEqual(ended[0]?.endTime?.getTime() ?? Infinity);
  }, 20_000);

  it("is STOPPED when the service stops, and remembered", async () => {
    await cloud.project("running", spec("echo started; sleep 300"));
    const id = await cloud.start({ projectName: "running" });
    await untilLogged(id, "started");
    await cloud.restart();
    expect(await cloud.get(id)).toMatchObject({ buildStatus: "STOPPED", buildComplete: true });
  }, 20_000);
});

describe("operations on builds", () => {
  it("start once for a token, again by retry, and list the newest first", async () => {
    await cloud.project("listed", spec("echo $N"));
    const request = {
      projectName: "listed",
      idempotencyToken: "once",
      environmentVariablesOverride: [{ name: "N", value: "7" }],
    };
    const first = await cloud.start(request);
    expect(await cloud.start(request)).toBe(first);
    await cloud.ended(first);
    const { build } = await cloud.call<{ build: Build }>("RetryBuild", { id: first });
    expect(build.buildNumber).toBe(2);
    expect(await cloud.lines(await cloud.ended(build.id ?? ""))).toContain("7");
    expect(await cloud.call("ListBuildsForProject", { projectName: "listed" })).toEqual({ ids: [build.id, first] });
    const { ids } = await cloud.call<{ ids: string[] }>("ListBuilds", { sortOrder: "ASCENDING" });
    expect(ids.slice(-2)).toEqual([first, build.id]);
  });

  it("refuse what is not there", async () => {
    await expect(cloud.call("StartBuild", { projectName: "absent" })).rejects.toThrow("Project cannot be found");
    await expect(cloud.call("StopBuild", { id: "absent:1" })).rejects.toThrow("Build cannot be found");
    await expect(cloud.call("NoSuch", {})).rejects.toThrow("not served");
    expect(await cloud.call("BatchGetBuilds", { ids: ["absent:1"] })).toEqual({
      builds: [],
      buildsNotFound: ["absent:1"],
    });
  });
});

/** Waits until the build has printed `line`, by its log on disk. */
async function untilLogged(id: string, line: string): Promise<void> {
  const [project = "", uuid = ""] = id.split(":");
  const folder = path.join(cloud.stateDir, "logs", project);
  for (;;) {
    const names: string[] = await readdir(folder).catch(() => []);
    if (names.includes(`${uuid}.log`)) {
      const log = await readFile(path.join(folder, `${uuid}.log`), "utf8");
      if (log.split("\n").includes(line)) return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
