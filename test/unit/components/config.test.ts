import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { ConfigError, ONE_PLACE, parseConfig, readConfig } from "../../../components/config";
import { CONFIG_KEYS } from "../../../components/configKeys";
import { INSTALLATIONS } from "../../../components/naming";
import { recordResources } from "./recording";

const root = join(__dirname, "..", "..", "..");
const valid: Readonly<Record<string, string>> = {
  githubOwner: "my-team",
  githubRepo: "worker",
  branch: "main",
  connectionArn: "",
  executionMode: "SUPERSEDED",
  coverageThreshold: "80",
  infrastructurePatterns: '["infrastructure/**","shared/*.json"]',
  healthCheckDuration: '{"test":5,"staging":5,"production":10}',
  healthCheckInterval: "0.5",
  canaryInterval: "1",
  lockWait: "20",
  watchWindow: '{"test":30,"staging":30,"production":60}',
  rollbackBudget: '{"staging":8,"production":4}',
  settleTime: "1",
  validationGrace: "2",
  longestValidation: "15",
  notificationEmails: '["team@example.com"]',
  buildsInVpc: "false",
  protectData: "true",
};

describe("parseConfig", () => {
  it("gives one object in the units that builds use", () => {
    expect(parseConfig(valid, "prod")).toEqual({
      installation: "prod",
      githubOwner: "my-team",
      githubRepo: "worker",
      branch: "main",
      executionMode: "SUPERSEDED",
      coverageThreshold: 80,
      infrastructurePatterns: ["infrastructure/**", "shared/*.json"],
      healthCheckSeconds: { test: 300, staging: 300, production: 600 },
      healthCheckIntervalSeconds: 30,
      canaryIntervalSeconds: 60,
      lockWaitSeconds: 1200,
      watchWindowSeconds: { test: 1800, staging: 1800, production: 3600 },
      rollbackBudget: { staging: 8, production: 4 },
      rollbackValidation: { settleSeconds: 60, graceSeconds: 120, longestSeconds: 900 },
      notificationEmails: ["team@example.com"],
      buildsInVpc: false,
      protectData: true,
    });
  });

  it("takes fractions of a minute, never less than a second", () => {
    const durations = '{"test":0.05,"staging":0.001,"production":1.5}';
    const { healthCheckSeconds } = parseConfig({ ...valid, healthCheckDuration: durations }, "test");
    expect(healthCheckSeconds).toEqual({ test: 3, staging: 1, production: 90 });
  });

  it("keeps a connection that is named, and a throw-away installation's wish", () => {
    const connectionArn =
      "arn:aws:codeconnections:eu-west-1:111111111111:connection/11111111-2222-3333-4444-555555555555";
    const config = parseConfig({ ...valid, connectionArn, protectData: "false", executionMode: "QUEUED" }, "staging");
    expect(config).toMatchObject({ connectionArn, protectData: false, executionMode: "QUEUED" });
  });

  it("names every mistake at once, with key, value, what is allowed and what to do", () => {
    const incomplete = Object.fromEntries(Object.entries(valid).filter(([key]) => key !== "githubOwner"));
    const raw = { ...incomplete, executionMode: "PARALLEL", lockWait: "-1", githubToken: "ghp_secret" };
    expect(mistakesOf(raw, "production")).toEqual([
      'stack = "production"; allowed: test, staging, prod; select one: pulumi stack select prod',
      "kiro-pipeline:githubToken is not a key of this program; allowed: " +
        `${CONFIG_KEYS.join(", ")}; remove it: pulumi config rm kiro-pipeline:githubToken`,
      "kiro-pipeline:githubOwner is missing; allowed: a GitHub user or organization: up to 39 letters, digits and " +
        "hyphens; for example: pulumi config set kiro-pipeline:githubOwner my-team",
      'kiro-pipeline:executionMode = "PARALLEL"; allowed: SUPERSEDED (the newest waiting commit wins) or QUEUED ' +
        "(each commit in turn); for example: pulumi config set kiro-pipeline:executionMode SUPERSEDED",
      'kiro-pipeline:lockWait = "-1"; allowed: minutes above 0 and up to 45, fractions too; for example: ' +
        "pulumi config set kiro-pipeline:lockWait 20",
    ]);
  });

  it.each([
    ["githubOwner", "a/b"],
    ["githubRepo", "owner/repo"],
    ["branch", "release/*"],
    ["branch", "-x"],
    ["branch", "a..b"],
    ["connectionArn", "arn:aws:s3:::bucket"],
    ["coverageThreshold", "101"],
    ["coverageThreshold", "79.5"],
    ["infrastructurePatterns", "infrastructure/**"],
    ["infrastructurePatterns", "[]"],
    ["infrastructurePatterns", JSON.stringify(Array.from({ length: 21 }, (_, index) => `folder-${index}/**`))],
    ["infrastructurePatterns", JSON.stringify(["x".repeat(101)])],
    ["infrastructurePatterns", '["infrastructure/**",""]'],
    ["infrastructurePatterns", '[" "]'],
    ["infrastructurePatterns", '["/infrastructure/**"]'],
    ["infrastructurePatterns", '["infrastructure/"]'],
    ["infrastructurePatterns", '["../shared/**"]'],
    ["infrastructurePatterns", '["!docs/**"]'],
    ["infrastructurePatterns", "[1]"],
    ["healthCheckDuration", "5"],
    ["healthCheckDuration", "{broken"],
    ["healthCheckDuration", '{"test":5,"staging":5}'],
    ["healthCheckDuration", '{"test":5,"staging":5,"production":10,"prod":1}'],
    ["healthCheckDuration", '{"test":0,"staging":5,"production":60}'],
    ["healthCheckInterval", "soon"],
    ["canaryInterval", "0"],
    ["watchWindow", "30"],
    ["watchWindow", '{"test":30,"staging":30}'],
    ["watchWindow", '{"test":30,"staging":30,"production":1441}'],
    ["rollbackBudget", '{"staging":8,"production":0}'],
    ["rollbackBudget", '{"staging":8,"production":101}'],
    ["rollbackBudget", '{"staging":8,"production":2.5}'],
    ["rollbackBudget", '{"test":8,"staging":8,"production":4}'],
    ["settleTime", "0"],
    ["validationGrace", "16"],
    ["longestValidation", "15.5"],
    ["notificationEmails", '["nobody"]'],
    ["protectData", "yes"],
  ])("refuses %s = %s", (key, value) => {
    const mistakes = mistakesOf({ ...valid, [key]: value }, "prod");
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toContain(`kiro-pipeline:${key} = ${JSON.stringify(value)}; allowed: `);
  });

  it.each(["region", "accountId", "productionAccount", "regions"])("refuses %s: one place in this version", (key) => {
    expect(mistakesOf({ ...valid, [key]: "x" }, "prod")).toEqual([
      `kiro-pipeline:${key} is not a key of this program; ${ONE_PLACE}; remove it: pulumi config rm kiro-pipeline:${key}`,
    ]);
  });
});

describe("readConfig", () => {
  it("reads its own namespace of the stack that runs", async () => {
    await recordResources("staging");
    const own = Object.entries(valid).map(([key, value]) => [`kiro-pipeline:${key}`, value]);
    pulumi.runtime.setAllConfig({ ...Object.fromEntries(own), "aws:region": "eu-west-1" } as Record<string, string>);
    expect(readConfig()).toEqual(parseConfig(valid, "staging"));
  });
});

describe("the configuration files", () => {
  interface ProjectFile {
    readonly config: Record<
      string,
      { readonly type: string; readonly description: string; readonly default?: unknown }
    >;
  }
  const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as ProjectFile;
  const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

  it("declare exactly the keys that the program knows, each with type and description", () => {
    expect(Object.keys(project.config).sort()).toEqual([...CONFIG_KEYS].sort());
    for (const { type, description } of Object.values(project.config)) {
      expect(type).toMatch(/^(string|integer|boolean|array|object)$/);
      expect(description).not.toBe("");
    }
  });

  it.each(INSTALLATIONS)("give installation %s a configuration without mistakes", (installation) => {
    const stackFile = parse(readFileSync(join(root, `Pulumi.${installation}.yaml`), "utf8")) as {
      readonly config: Record<string, unknown>;
    };
    const raw: Record<string, string> = {};
    for (const [key, { default: value }] of Object.entries(project.config)) {
      if (value !== undefined) raw[key] = text(value);
    }
    for (const [key, value] of Object.entries(stackFile.config)) raw[key.replace("kiro-pipeline:", "")] = text(value);
    expect(parseConfig(raw, installation)).toMatchObject({
      installation,
      healthCheckSeconds: { test: 300, staging: 300, production: 600 },
      coverageThreshold: 80,
      infrastructurePatterns: ["infrastructure/**"],
      watchWindowSeconds: { test: 1800, staging: 1800, production: 3600 },
      rollbackBudget: { staging: 8, production: 4 },
      rollbackValidation: { settleSeconds: 60, graceSeconds: 120, longestSeconds: 900 },
      buildsInVpc: false,
      protectData: true,
    });
  });
});

// Helpers

function mistakesOf(raw: Readonly<Record<string, string>>, installation: string): readonly string[] {
  try {
    parseConfig(raw, installation);
  } catch (error) {
    if (error instanceof ConfigError) {
      for (const mistake of error.mistakes) expect(error.message).toContain(`\n  - ${mistake}`);
      return error.mistakes;
    }
    throw error;
  }
  return [];
}
