import { describe, expect, it } from "@jest/globals";
import {
  baseEnvironment,
  codeBuildVariables,
  declaredVariables,
  machineOf,
  mergeVariables,
  parseSecretReference,
  resolveVariables,
} from "../../../../local/codebuild/environment";
import type { RoleClients } from "../../../../local/codebuild/clients";
import { newBuild } from "../../../../local/codebuild/startBuild";

/** Clients that answer by name, as the services would. */
function answering(answers: Record<string, object | Error>): Pick<RoleClients, "ssm" | "secrets"> {
  const send = async (command: { input: { Names?: string[]; SecretId?: string } }): Promise<object> => {
    const answer = answers[command.input.Names?.[0] ?? command.input.SecretId ?? ""] ?? new Error("not there");
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { ssm: { send }, secrets: { send } } as unknown as Pick<RoleClients, "ssm" | "secrets">;
}

const allowed = async () => undefined;

describe("the variables of a build", () => {
  it("are overridden by project and start, and never named CODEBUILD_…", () => {
    const project = mergeVariables(
      [
        { name: "A", value: "project" },
        { name: "B", value: "/project", type: "PARAMETER_STORE" },
      ],
      [
        { name: "B", value: "start" },
        { name: "CODEBUILD_BUILD_ID", value: "forged" },
      ],
    );
    const buildspec = { variables: { A: "spec", C: "spec" }, parameterStore: { D: "/d" }, secretsManager: { E: "e" } };
    expect(declaredVariables(buildspec, project)).toEqual([
      { name: "A", value: "project", type: "PLAINTEXT" },
      { name: "C", value: "spec", type: "PLAINTEXT" },
      { name: "D", value: "/d", type: "PARAMETER_STORE" },
      { name: "E", value: "e", type: "SECRETS_MANAGER" },
      { name: "B", value: "start", type: "PLAINTEXT" },
    ]);
  });

  it("are fetched where they refer to parameters and secrets, which are then secret", async () => {
    const clients = answering({
      "/d": { Parameters: [{ Value: "digest" }] },
      whole: { SecretString: "all" },
      fields: { SecretString: '{"token":"t","port":1}' },
    });
    const resolved = await resolveVariables(
      [
        { name: "P", value: "plain", type: "PLAINTEXT" },
        { name: "D", value: "/d", type: "PARAMETER_STORE" },
        { name: "W", value: "whole", type: "SECRETS_MANAGER" },
        { name: "T", value: "fields:token", type: "SECRETS_MANAGER" },
        { name: "N", value: "fields:port", type: "SECRETS_MANAGER" },
      ],
      clients,
      allowed,
    );
    expect(resolved.values).toEqual({ P: "plain", D: "digest", W: "all", T: "t", N: "1" });
    expect(resolved.secrets).toEqual(["digest", "all", "t", "1"]);
  });

  it.each([
    ["/absent", "PARAMETER_STORE", "environment variable V: not there"],
    ["binary", "SECRETS_MANAGER", "environment variable V: secret binary holds no text"],
    ["fields:absent", "SECRETS_MANAGER", "environment variable V: secret fields has no key absent"],
  ] as const)("name themselves when %s cannot be had", async (value, type, message) => {
    const clients = answering({ binary: {}, fields: { SecretString: "{}" } });
    await expect(resolveVariables([{ name: "V", value, type }], clients, allowed)).rejects.toThrow(message);
  });
});

describe("a parameter that the role may not read", () => {
  it("is never asked for", async () => {
    const denied = async () => {
      throw new Error("ssm:GetParameters is not allowed");
    };
    const clients = answering({ "/d": { Parameters: [{ Value: "digest" }] } });
    const parameter = { name: "V", value: "/d", type: "PARAMETER_STORE" } as const;
    await expect(resolveVariables([parameter], clients, denied)).rejects.toThrow(/variable V: ssm:GetParameters/);
  });
});

describe("parseSecretReference", () => {
  const arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:name-AbCdEf";
  it.each([
    ["name", { id: "name" }],
    ["name:key", { id: "name", key: "key" }],
    ["name::AWSPREVIOUS", { id: "name", stage: "AWSPREVIOUS" }],
    ["name:key:stage:version", { id: "name", key: "key", stage: "stage", version: "version" }],
    [`${arn}:key::version`, { id: arn, key: "key", version: "version" }],
    [arn, { id: arn }],
  ])("reads %s", (reference, expected) => {
    expect(parseSecretReference(reference)).toEqual({
      key: undefined,
      stage: undefined,
      version: undefined,
      ...expected,
    });
  });
});

describe("what a build finds in its environment", () => {
  it("is its session and its own folders, and nothing of the machine's user but npm's settings", () => {
    const machine = machineOf({ PATH: "/bin", HOME: "/home/me", AWS_PROFILE: "mine", npm_config_cache: "/npm" });
    const folders = { source: "/b/src", home: "/b/home", temporary: "/b/tmp" };
    const session = { accessKeyId: "k", secretAccessKey: "s", sessionToken: "t" };
    expect(baseEnvironment(machine, folders, session, { endpoint: "http://here", region: "us-east-1" })).toEqual({
      PATH: "/bin",
      HOME: "/b/home",
      TMPDIR: "/b/tmp",
      LANG: "C.UTF-8",
      GIT_CEILING_DIRECTORIES: "/b",
      AWS_ACCESS_KEY_ID: "k",
      AWS_SECRET_ACCESS_KEY: "s",
      AWS_SESSION_TOKEN: "t",
      AWS_ENDPOINT_URL: "http://here",
      AWS_REGION: "us-east-1",
      AWS_DEFAULT_REGION: "us-east-1",
      npm_config_userconfig: "/home/me/.npmrc",
      npm_config_cache: "/npm",
      npm_config_prefer_offline: "true",
      npm_config_audit: "false",
      npm_config_fund: "false",
      npm_config_update_notifier: "false",
      KIRO_LOCAL_CLOUD: "true",
    });
  });

  it("tells about the build, leaving out what it does not have", () => {
    const { build } = newBuild(
      { name: "p", source: { type: "NO_SOURCE", buildspec: "version: 0.2\n" } },
      { projectName: "p" },
      { uuid: "u", number: 3, initiator: "me", startTime: new Date(5) },
      { region: "us-east-1", accountId: "000000000000" },
    );
    const variables = codeBuildVariables({ ...build, resolvedSourceVersion: "c" }, "/src");
    expect(variables).toEqual({
      CODEBUILD_CI: "true",
      CODEBUILD_BUILD_ARN: "arn:aws:codebuild:us-east-1:000000000000:build/p:u",
      CODEBUILD_BUILD_ID: "p:u",
      CODEBUILD_BUILD_IMAGE: "",
      CODEBUILD_BUILD_NUMBER: "3",
      CODEBUILD_BUILD_SUCCEEDING: "1",
      CODEBUILD_INITIATOR: "me",
      CODEBUILD_LOG_PATH: "u",
      CODEBUILD_SRC_DIR: "/src",
      CODEBUILD_START_TIME: "5",
      CODEBUILD_RESOLVED_SOURCE_VERSION: "c",
    });
  });
});
