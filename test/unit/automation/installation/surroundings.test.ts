import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { effectiveConfig, writeEffectiveConfig } from "../../../../automation/installation/effectiveConfig";
import {
  parseInstallation,
  pipelineName,
  releasesBucket,
  tableName,
  toolchainParameter,
} from "../../../../automation/installation/names";
import { findProjectRoot } from "../../../../automation/installation/projectRoot";
import { chooseBackend, missingBackend, regionOf } from "../../../../automation/installation/settings";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "installation-"));
});

describe("the backend of an installation", () => {
  it("is the user's when PULUMI_BACKEND_URL says so", () => {
    expect(chooseBackend("prod", { PULUMI_BACKEND_URL: "file:///state" }, "", "us-east-1")).toEqual({
      url: "file:///state",
    });
  });

  it.each([[{}], [{ PULUMI_BACKEND_URL: "" }]])("is its own bucket and key with %j", (env) => {
    expect(chooseBackend("prod", env, "111122223333", "eu-west-1")).toEqual({
      url: "s3://kiro-pipeline-prod-backend-111122223333?region=eu-west-1&awssdk=v2",
      secretsProvider: "awskms://alias/kiro-pipeline-prod-backend?region=eu-west-1&awssdk=v2",
      bucket: "kiro-pipeline-prod-backend-111122223333",
    });
  });

  it("is asked for by name when it is missing", () => {
    expect(missingBackend("test", "b").message).toContain(
      "Run `kiro-pipeline setup backend test`, or set PULUMI_BACKEND_URL.",
    );
  });
});

describe("names", () => {
  it("follow the installation", () => {
    expect([
      pipelineName("test"),
      tableName("prod"),
      releasesBucket("prod", "1"),
      toolchainParameter("staging"),
    ]).toEqual([
      "kiro-pipeline-test",
      "kiro-pipeline-prod-deployments",
      "kiro-pipeline-prod-releases-1",
      "/kiro-pipeline/staging/toolchain-digest",
    ]);
    expect(parseInstallation("staging")).toBe("staging");
    expect(() => parseInstallation("dev")).toThrow(
      "There is no such installation. Got: dev. Allowed: test, staging, prod.",
    );
  });
});

describe("the region", () => {
  it("is AWS_REGION, else AWS_DEFAULT_REGION, else asked for", () => {
    expect(regionOf({ AWS_REGION: "a", AWS_DEFAULT_REGION: "b" })).toBe("a");
    expect(regionOf({ AWS_DEFAULT_REGION: "b" })).toBe("b");
    expect(() => regionOf({})).toThrow("No AWS region is set");
  });
});

describe("the effective config file", () => {
  it("lies in the command's own folder and leaves the committed file alone", async () => {
    const committed = "config:\n  a: 1 # one\n";
    await writeFile(join(folder, "Pulumi.prod.yaml"), committed);
    await writeFile(join(folder, "overlay.yaml"), "config:\n  a: 2\n");
    const config = await effectiveConfig(folder, "prod", join(folder, "overlay.yaml"));
    const own = await mkdtemp(join(folder, "own-"));
    const file = await writeEffectiveConfig(own, "prod", config);
    expect(file).toBe(join(own, "Pulumi.prod.yaml"));
    expect(await readFile(file, "utf8")).toBe("config:\n  a: 2\n");
    expect(await readFile(join(folder, "Pulumi.prod.yaml"), "utf8")).toBe(committed);
  });

  it("needs no committed file, but the overlay that was asked for", async () => {
    await writeFile(join(folder, "overlay.yaml"), "config:\n  a: 2\n");
    expect(await effectiveConfig(folder, "test", join(folder, "overlay.yaml"))).toEqual({ config: { a: 2 } });
    await expect(effectiveConfig(folder, "test", join(folder, "none.yaml"))).rejects.toThrow(
      /KIRO_CONFIG_OVERLAY names a file that does not exist. Got: .*none.yaml/,
    );
  });
});

describe("the project's folder", () => {
  it("is the nearest one upwards with this project's Pulumi.yaml", async () => {
    const below = join(folder, "examples/worker");
    await mkdir(below, { recursive: true });
    await writeFile(join(folder, "Pulumi.yaml"), "name: kiro-pipeline\n");
    await writeFile(join(below, "Pulumi.yaml"), "name: kiro-worker\n");
    expect(await findProjectRoot([join(tmpdir(), "nowhere"), below])).toBe(folder);
  });

  it("is asked for when there is none", async () => {
    await expect(findProjectRoot([folder])).rejects.toThrow("Run the command inside a checkout of kiro-pipeline.");
  });
});
