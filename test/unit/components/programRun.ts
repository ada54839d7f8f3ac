import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import program from "../../../index";
import { recordResources, registered, settled, type Recorded } from "./recording";

/** A stack's configuration as the engine hands it over, defaults included. */
const config = {
  "aws:region": "eu-west-1",
  "kiro-pipeline:githubOwner": "my-team",
  "kiro-pipeline:githubRepo": "worker",
  "kiro-pipeline:branch": "main",
  "kiro-pipeline:connectionArn": "",
  "kiro-pipeline:executionMode": "SUPERSEDED",
  "kiro-pipeline:coverageThreshold": "80",
  "kiro-pipeline:healthCheckDuration": '{"test":5,"staging":5,"production":10}',
  "kiro-pipeline:healthCheckInterval": "0.5",
  "kiro-pipeline:canaryInterval": "1",
  "kiro-pipeline:lockWait": "20",
  "kiro-pipeline:watchWindow": '{"test":30,"staging":30,"production":60}',
  "kiro-pipeline:rollbackBudget": '{"staging":8,"production":4}',
  "kiro-pipeline:settleTime": "1",
  "kiro-pipeline:validationGrace": "2",
  "kiro-pipeline:longestValidation": "15",
  "kiro-pipeline:notificationEmails": '["team@example.com"]',
  "kiro-pipeline:buildsInVpc": "false",
  "kiro-pipeline:protectData": "true",
};

export const toolsDigest = createHash("sha256").update("tools").digest("hex");

export interface ProgramRun {
  readonly resources: readonly Recorded[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Runs the whole program of the installation `prod` once, in a folder with what the build leaves. */
export async function runProgram(): Promise<ProgramRun> {
  const home = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "program-"));
  try {
    mkdirSync(join(folder, "build", "rollback"), { recursive: true });
    writeFileSync(join(folder, "build", "tools.tar.gz"), "tools");
    writeFileSync(join(folder, "build", "tools.json"), JSON.stringify({ sha256: toolsDigest }));
    for (const file of ["index.js", "index.js.map"]) writeFileSync(join(folder, "build", "rollback", file), "");
    process.chdir(folder);
    const resources = await recordResources("prod");
    pulumi.runtime.setAllConfig(config);
    const outputs = await settled(pulumi.output(await program()));
    await registered();
    return { resources, outputs };
  } finally {
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  }
}
