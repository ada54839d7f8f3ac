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
  "kiro-pipeline:infrastructurePatterns": '["infrastructure/**"]',
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
  /** What components say of themselves when they are done. */
  readonly components: readonly Readonly<Record<string, unknown>>[];
  /** Logical names of what each resource waits for. */
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
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
    const { components, dependencies } = listen();
    const outputs = await settled(pulumi.output(await program()));
    await registered();
    return { resources, outputs, components, dependencies };
  } finally {
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Hears what goes to the engine beside the inputs that mocks are told of. */
function listen(): Pick<ProgramRun, "components" | "dependencies"> {
  const components: Record<string, unknown>[] = [];
  const dependencies: Record<string, readonly string[]> = {};
  const monitor = pulumi.runtime.getMonitor();
  if (monitor === undefined) throw new Error("there are no mocks to listen to");
  const register = monitor.registerResource.bind(monitor) as (...args: readonly unknown[]) => unknown;
  const finish = monitor.registerResourceOutputs.bind(monitor) as (...args: readonly unknown[]) => unknown;
  Object.assign(monitor, {
    registerResource: (request: Registration, ...rest: readonly unknown[]) => {
      dependencies[request.getName()] = request.getDependenciesList().map((urn) => urn.split("::").at(-1) ?? urn);
      return register(request, ...rest);
    },
    registerResourceOutputs: (request: Completion, ...rest: readonly unknown[]) => {
      components.push(request.getOutputs().toJavaScript());
      return finish(request, ...rest);
    },
  });
  return { components, dependencies };
}

interface Registration {
  readonly getName: () => string;
  readonly getDependenciesList: () => readonly string[];
}

interface Completion {
  readonly getOutputs: () => { readonly toJavaScript: () => Record<string, unknown> };
}
