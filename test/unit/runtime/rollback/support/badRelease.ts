import type { DeploymentRecord } from "../../../../../runtime/deployments/domain";
import type { RollbackRun } from "../../../../../runtime/rollback/ports";
import type { Environment } from "../../../../../runtime/types";
import { beginning } from "../../../../property/runtime/rollback/happenings";
import { BAD, MINUTE, World } from "../../../../property/runtime/rollback/world";
import { type benchOf, requestFor } from "./bench";

type Bench = ReturnType<typeof benchOf>;

/** Everywhere the bad release follows the good one; in production it is live, with an infrastructure of its own. */
export class BadRelease {
  private constructor(readonly world: World) {}

  static async everywhere(): Promise<BadRelease> {
    return new BadRelease(await beginning(new World(), "live", true));
  }

  /** Its deployment to the environment, as it is now. */
  async in(environment: Environment): Promise<DeploymentRecord> {
    const records = await this.world.records();
    const found = records.find((one) => one.environment === environment && one.version === BAD);
    if (found === undefined) throw new Error(`${BAD} was never deployed to ${environment}`);
    return found;
  }

  /** What each environment's pointer names. */
  pointers(): Record<string, string> {
    return Object.fromEntries([...this.world.pointers].map(([environment, { version }]) => [environment, version]));
  }

  /** The steps that its rollback has done there. */
  async steps(environment: Environment): Promise<string[]> {
    const { rollback } = await this.in(environment);
    return rollback?.done.map(({ step, round }) => (round === 1 ? step : `${step} again`)) ?? [];
  }

  /** A minute later builds and jobs that run come to their end. */
  outside(canary: "succeeded" | "failed", infrastructure: "succeeded" | "failed" = "succeeded"): void {
    const { world } = this;
    world.now += MINUTE;
    for (const [id, build] of world.builds)
      if (build.mode === "undo" && build.status === "running")
        world.builds.set(id, { ...build, status: infrastructure });
    for (const [id, job] of world.jobs) if (job.status === "running") world.jobs.set(id, { ...job, status: canary });
  }

  /** Taken back in production as far as its first canary, which fails. */
  async untilCanaryFails({ orchestrator }: Bench): Promise<void> {
    const { deploymentId } = await this.takenBack({ orchestrator });
    this.outside("succeeded");
    await orchestrator.resume(deploymentId);
    this.outside("failed");
  }

  /** Claimed and gone on with until it has to wait. */
  async takenBack({ orchestrator }: Pick<Bench, "orchestrator">): Promise<DeploymentRecord> {
    await orchestrator.executeRollback(await requestFor(this.world, await this.in("production")));
    return this.in("production");
  }

  /** Resumes until the end, every build going well from now on. */
  async finish({ orchestrator }: Bench, canary: "succeeded" | "failed" = "succeeded"): Promise<RollbackRun> {
    const { deploymentId } = await this.in("production");
    for (let minute = 0; minute < 20; minute++) {
      const run = await orchestrator.resume(deploymentId);
      if (run.kind !== "waiting") return run;
      this.outside(canary);
    }
    throw new Error("the rollback did not end");
  }
}
