import { execFile } from "node:child_process";
import { access, cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { CodeBuildClient, CreateProjectCommand } from "@aws-sdk/client-codebuild";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { deploy, undo } from "../../../automation/composition/delivery";
import { capturedBy, type DeploymentRecord } from "../../../runtime/deployments/domain";
import { DeploymentStateManager } from "../../../runtime/deployments/manager";
import { type Outcome } from "../../../runtime/deployments/ports";
import { RollbackStateManager } from "../../../runtime/deployments/rollbackManager";
import { dynamoDeploymentTable } from "../../../runtime/deployments/table";
import { Installed, program, s3, state, table as tableName } from "./installed";
import { thingProvider } from "./thingProvider";

const root = join(__dirname, "../../..");
let installed: Installed;
/** What there is in the world: a file for each resource. */
let things: string;
/** Of the release to go back to. */
let good: Readonly<Record<string, string>>;

beforeAll(async () => {
  installed = await Installed.make();
  things = join(installed.place.folder, "things");
  await mkdir(things);
  await installed.mirrorToolchain(thingProvider(things));
  await makeDeployProject();
  await installed.commit("feat: one queue", { "infrastructure/index.js": program(thing("kept")) });
  await installed.publish();
  await deploy({ outputs: installed.outputs }, installed.build());
  await installed.takeOutputs();
  await succeed();
  good = { RELEASE_VERSION: variable("RELEASE_VERSION"), RELEASE_DIGEST: variable("RELEASE_DIGEST") };
}, 180_000);
afterAll(() => installed.place.leave());

describe("an update that is killed in the middle", () => {
  it("leaves a creation without an end and a lock without an owner", async () => {
    await installed.commit("feat: another queue", {
      "infrastructure/index.js": program(`${thing("kept")}${thing("new")}`),
    });
    await installed.publish();
    await writeFile(join(things, "hang"), "");
    const deploying = deploy({ outputs: installed.outputs }, installed.build());
    const ended = expect(deploying).rejects.toMatchObject({ ending: "failed" });
    await killed("new");
    await ended;
    await rm(join(things, "hang"));
    await installed.takeOutputs();
    expect(await record()).toMatchObject({ status: "failed", phase: "changing", failureKind: "step" });
    expect(await locks()).toHaveLength(1);
  });

  it("is not undone by a build whose rollback does not hold the environment", async () => {
    const token = (await record()).lockToken;
    const surroundings = undoing(token);
    await expect(undo({}, surroundings)).rejects.toMatchObject({
      ending: "refused",
      said: { value: expect.stringContaining("deployment of") as unknown },
    });
    expect(surroundings.progress.lines).toEqual([]);
    expect(await locks()).toHaveLength(1);
  });

  it("is undone by the one that does: lock freed, creation forgotten and named, program of the target applied", async () => {
    const token = await claim();
    const surroundings = undoing(token);
    const { ending, document } = await undo({ outputs: installed.outputs }, surroundings);
    expect([ending, document["action"], document["version"]]).toEqual(["ok", "up", good["RELEASE_VERSION"]]);
    expect(document["pending"]).toEqual([{ kind: "creating", urn: expect.stringMatching(/::new$/) as unknown }]);
    expect(document["counts"]).toEqual({ same: 3 });
    const steps = surroundings.progress.lines.filter((line) => /^[✔✖]/.test(line)).map((line) => line.slice(0, 40));
    expect(steps).toEqual([
      expect.stringMatching(/^✔ verify release/),
      expect.stringMatching(/^✔ fetch the infrastructure program/),
      expect.stringMatching(/^✔ open the stack kiro-worker-test/),
      "✖ refresh",
      "✔ free the stack from the update that wa",
      "✔ refresh",
      "✔ preview",
      "✔ up",
    ]);
    expect(await locks()).toEqual([]);
    // What was made and never recorded belongs to nobody; the command has named it.
    expect(await readdir(things)).toEqual(["kept", "new"]);
  });

  it("is undone already when it is asked for again, though a policy refuses it by now, which is told", async () => {
    const token = (await record()).rollback?.token ?? 0;
    const surroundings = { ...undoing(token), bundleFolder: await policyThatRefusesThings() };
    expect((await undo({}, surroundings)).document).toMatchObject({ pending: [], counts: { same: 3 } });
    expect(surroundings.progress.lines).toContainEqual(
      expect.stringMatching(/^ {2}advisory policy no-things: .*there may be none [(]kept[)]$/),
    );
  });

  it("is not touched any more once the rollback has lost its claim", async () => {
    await expect(undo({}, undoing(((await record()).rollback?.token ?? 0) - 1))).rejects.toMatchObject({
      ending: "refused",
    });
  });
});

// Helpers

/** A folder as that of the bundled command, with a pack of one rule, which is mandatory. */
async function policyThatRefusesThings(): Promise<string> {
  const folder = join(installed.place.folder, "refusing");
  await cp(join(root, "build/policy"), join(folder, "policy"), { recursive: true });
  await writeFile(
    join(folder, "policy/index.js"),
    `const { PolicyPack } = require(${JSON.stringify(join(root, "node_modules/@pulumi/policy"))});
    const validateStack = ({ resources }, report) => {
      for (const { type, urn } of resources) if (type === "aws:test:Thing") report("there may be none", urn);
    };
    const policy = { name: "no-things", description: "No things.", enforcementLevel: "mandatory", validateStack };
    new PolicyPack("refusing", { policies: [policy] });`,
  );
  return folder;
}

const thing = (name: string): string =>
  `new pulumi.CustomResource("aws:test:Thing", "${name}", {}, { version: "7.48.0" });\n`;

const variable = (name: string): string => installed.variables[name] ?? "";

const dynamo = () => dynamoDeploymentTable(new DynamoDBClient(), tableName);
const deployments = () => new DeploymentStateManager(dynamo(), () => Date.now());

async function record(): Promise<DeploymentRecord> {
  const found = await deployments().deployment(variable("DEPLOYMENT_ID"));
  if (found === undefined) throw new Error("nothing was deployed");
  return found;
}

/** As the rollback function starts the deploy project. */
function undoing(token: number) {
  return installed.build({
    ...good,
    ROLLBACK_TOKEN: String(token),
    CODEBUILD_BUILD_ID: "kiro-pipeline-prod-deploy-test:2",
  });
}

/** Ends the deployment well. */
async function succeed(): Promise<void> {
  const { record: baking } = done(await deployments().beginBake(await record()));
  done(await deployments().succeed(baking, []));
}

/** Takes the environment for the rollback of the deployment, and returns its token. */
async function claim(): Promise<number> {
  const failed = await record();
  const target = capturedBy(failed);
  if (target === undefined) throw new Error("nothing was captured");
  const rollbacks = new RollbackStateManager(dynamo(), () => Date.now());
  const claimed = { cause: "step", because: "its step failed", failedAlarms: [], target, counts: false } as const;
  const before = await deployments().environmentState("test");
  const { record: running } = done(await rollbacks.claim(failed, before, claimed));
  return running.rollback?.token ?? 0;
}

function done(outcome: Outcome): Extract<Outcome, { kind: "done" }> {
  if (outcome.kind === "stale") throw new Error(outcome.because);
  return outcome;
}

/** The engine's locks of the worker's stack. */
async function locks(): Promise<string[]> {
  const Prefix = "test/.pulumi/locks/";
  const { Contents = [] } = await s3().send(new ListObjectsV2Command({ Bucket: state, Prefix }));
  return Contents.map(({ Key = "" }) => Key);
}

/** Waits until the thing is being made, then kills the engine, as the end of its host would. */
async function killed(name: string): Promise<void> {
  for (;;) {
    try {
      await access(join(things, name));
      break;
    } catch {
      await sleep(50);
    }
  }
  const { stdout } = await promisify(execFile)("ps", ["-eo", "pid=,ppid=,args="]);
  const processes = stdout.split("\n").map((line) => {
    const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return { pid: Number(pid), parent: Number(parent), command };
  });
  const [engine, ...others] = processes.filter(
    ({ parent, command }) => parent === process.pid && command.includes("bin/pulumi up"),
  );
  if (engine === undefined || others.length > 0) throw new Error("exactly one engine should be at work");
  for (const { pid } of [engine, ...processes.filter(({ parent }) => parent === engine.pid)]) {
    process.kill(pid, "SIGKILL");
  }
}

/** The project whose builds `undo` looks at; none of it runs here. */
async function makeDeployProject(): Promise<void> {
  const trust = { Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" };
  const { Role } = await new IAMClient().send(
    new CreateRoleCommand({
      RoleName: "deploy-test",
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
    }),
  );
  await new CodeBuildClient().send(
    new CreateProjectCommand({
      name: "kiro-pipeline-prod-deploy-test",
      serviceRole: Role?.Arn ?? "",
      source: { type: "NO_SOURCE", buildspec: "version: 0.2\nphases:\n  build:\n    commands:\n      - sleep 600\n" },
      artifacts: { type: "NO_ARTIFACTS" },
      environment: {
        type: "LINUX_CONTAINER",
        computeType: "BUILD_GENERAL1_SMALL",
        image: "aws/codebuild/standard:7.0",
      },
    }),
  );
}
