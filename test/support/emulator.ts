import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulatorProcess } from "../../local/cloud/emulator";
import { projectRoot } from "../../local/cloud/paths";

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
