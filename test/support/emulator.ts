import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCloud } from "../../local/cloud/cloud";
import { startEmulatorProcess } from "../../local/cloud/emulator";
import { projectRoot } from "../../local/cloud/paths";
import { type ServiceDefinition } from "../../local/cloud/services";

export interface TestEmulator {
  /** `http://127.0.0.1:PORT` of an emulator of this test's own, empty, with IAM enforced. */
  readonly endpoint: string;
  /** What SDK clients and child processes need to reach it as the root of the account. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** An emulator alone, without the gateway: for what talks to S3, DynamoDB, IAM and the like. Starts in about 2 s. */
export async function startEmulator(): Promise<TestEmulator> {
  const directory = await mkdtemp(join(tmpdir(), "emulator-"));
  const log: string[] = [];
  const emulator = await startEmulatorProcess({ root: projectRoot(), directory, log: (line) => log.push(line) });
  return {
    endpoint: emulator.endpoint,
    env: rootEnvironment(emulator.endpoint),
    stop: async () => {
      await emulator.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The environment of somebody who acts as the root of the local account. */
export function rootEnvironment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
}

export interface TestCloud extends TestEmulator {
  readonly gitDir: string;
  readonly emulatorPid: number;
  /** What the cloud and its services have logged. */
  readonly log: readonly string[];
}

/**
 * Gateway, emulator and the given services in this process, with their state under `directory`, which the caller owns.
 */
export async function startCloud(directory: string, services: readonly ServiceDefinition[]): Promise<TestCloud> {
  const log: string[] = [];
  const root = projectRoot();
  const cloud = await openCloud({ root, directory, services, persist: false, log: (message) => log.push(message) });
  const { endpoint, gitDir, emulatorPid, stop } = cloud;
  return { endpoint, env: rootEnvironment(endpoint), gitDir, emulatorPid, log, stop };
}
