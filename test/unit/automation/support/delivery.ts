import { DeploymentStateManager } from "../../../../runtime/deployments/manager";
import { type HolderActivity } from "../../../../runtime/deployments/domain";
import { type AlarmInfo } from "../../../../runtime/types";
import { type CurrentPointer, type Release, renderRelease, sha256 } from "../../../../runtime/releases/domain";
import { type FlipOutcome, type PointerSnapshot } from "../../../../runtime/releases/ports";
import { type Approved } from "../../../../automation/delivery/deploy";
import { type Classification } from "../../../../automation/changes/domain";
import { type DeployPorts } from "../../../../automation/delivery/ports";
import { type DeliverySettings } from "../../../../automation/delivery/settings";
import { type BoundPlan, StalePlan } from "../../../../automation/engine/boundPlan";
import { changed, classificationOf } from "./classification";
import { EventReader } from "../../../../automation/engine/events";
import { ManualClock } from "./clock";
import { MemoryTable } from "./memoryTable";
import { RecordedProgress } from "./progress";

export const settings: DeliverySettings = {
  installation: "prod",
  environment: "test",
  region: "us-east-1",
  accountId: "111122223333",
  workerPrefix: "kiro-worker",
  pipeline: "kiro-pipeline-prod",
  table: "kiro-pipeline-prod-deployments",
  releasesBucket: "releases",
  workerArtifactsBucket: "artifacts",
  backendUrl: "s3://state/test",
  secretsProvider: "awskms://alias/state",
  toolchainDigest: "f".repeat(64),
  kmsKeyArn: "arn:aws:kms:us-east-1:111122223333:key/1",
  boundaryArn: "arn:aws:iam::111122223333:policy/kiro-worker-test-boundary",
  alarmPrefix: "kiro-worker-test-",
  workerProject: "kiro-worker-test",
  healthCheckMs: 5_000,
  healthCheckIntervalMs: 1_000,
  canaryIntervalMs: 5_000,
  lockWaitMs: 20 * 60_000,
  buildId: "deploy-test:1",
  pipelineExecutionId: "execution-1",
  releaseVersion: "a".repeat(40),
  releaseDigest: "",
};

/** No approval is asked for. */
export const unasked: Approved = { planDigest: undefined, scope: undefined, alarms: undefined };

export function releaseOf(version: string, infrastructureDigest: string | null = "1".repeat(64)): Release {
  return {
    schema: 1,
    version,
    sequence: 7,
    ancestors: [],
    author: "Ada <ada@example.com>",
    message: "feat: better jobs\n\nlong text",
    committedAt: "2026-01-02T03:04:05Z",
    files: { "application.zip": { sha256: "2".repeat(64), size: 1 } },
    infrastructureDigest,
    changedFiles: null,
    testResults: {
      unitTestsPassed: true,
      integrationTestsPassed: false,
      e2eTestsPassed: false,
      coveragePercentage: 91.5,
      testSummary: { total: 3, passed: 3, failed: 0, skipped: 0 },
    },
    rollbackCompatibleFrom: null,
    tools: { driver: "d", toolchain: "t" },
  };
}

/** Everything that a deployment acts on, in memory; the state manager is the real one. */
export class World implements DeployPorts {
  readonly table = new MemoryTable();
  readonly clock = new ManualClock(1_790_000_000_000);
  readonly deployments = new DeploymentStateManager(this.table, () => this.clock.now());
  readonly progress = new RecordedProgress();
  readonly exported: Record<string, string> = {};
  /** What happened to the outside, in order. */
  readonly effects: string[] = [];
  release = releaseOf(settings.releaseVersion);
  /** What previews show, one after the other; the last one stays. */
  shows: Classification[] = [classificationOf([changed("job", { op: "create" })])];
  /** What the program may break of the policies. */
  exemptions: string[] = [];
  /** How many plans are stale when they are to be applied. */
  stale = 0;
  activity: HolderActivity = { build: "running", execution: "running" };
  alarmStates: AlarmInfo[] = [];
  current: CurrentPointer | undefined;
  /** Thrown by the named step. */
  failing:
    { readonly step: "readRelease" | "fetchFile" | "preview" | "apply" | "flip"; readonly error: Error } | undefined;
  pointerLost = false;

  readonly releases = {
    readRelease: async () => {
      this.fail("readRelease");
      return { release: this.release, digest: this.digest };
    },
    fetchFile: async () => {
      this.fail("fetchFile");
      return new Uint8Array();
    },
  };
  readonly holders = { activity: async () => this.activity };
  readonly alarms = { states: async () => this.alarmStates };
  readonly pointer = {
    readCurrent: async (): Promise<PointerSnapshot> => ({ current: this.current, etag: this.current?.deploymentId }),
    flip: async (_expected: PointerSnapshot, next: CurrentPointer): Promise<FlipOutcome> => {
      this.fail("flip");
      if (this.pointerLost) return { kind: "lost", current: this.current };
      this.effects.push(`flip to ${next.version.slice(0, 4)}`);
      this.current = next;
      return { kind: "flipped" };
    },
  };
  readonly infrastructure = {
    preview: async (_release: Release, readOnly: boolean): Promise<BoundPlan> => {
      this.fail("preview");
      this.effects.push(readOnly ? "preview without writing" : "preview");
      const [classification = classificationOf([])] = this.shows.length > 1 ? this.shows.splice(0, 1) : this.shows;
      return {
        classification,
        changes: [],
        policyPack: "5".repeat(64),
        exemptions: this.exemptions,
        apply: async () => {
          this.fail("apply");
          if (this.stale-- > 0) throw new StalePlan("state changed since the preview");
          this.effects.push("up");
          return new EventReader(() => undefined, false);
        },
      };
    },
  };

  get digest(): string {
    return sha256(renderRelease(this.release));
  }

  readonly export = async (values: Readonly<Record<string, string>>): Promise<void> => {
    Object.assign(this.exported, values);
  };

  /** Milliseconds pass. */
  async later(milliseconds: number): Promise<void> {
    await this.clock.sleep(milliseconds);
  }

  private fail(step: NonNullable<World["failing"]>["step"]): void {
    if (this.failing?.step === step) throw this.failing.error;
  }
}
