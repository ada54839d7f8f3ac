import type { Environment, RollbackLevel } from "../types";

/** The pipeline's own measurements. None of them ever throws: a metric that is lost is logged. */
export interface PipelineMetrics {
  /** From the start of the deployment to its success. */
  publishDeploymentDuration(environment: Environment, seconds: number): Promise<void>;
  publishRollback(environment: Environment, level: RollbackLevel): Promise<void>;
  /** From the claim to the end. */
  publishRollbackDuration(environment: Environment, level: RollbackLevel, seconds: number): Promise<void>;
  publishPipelineFailure(stage: string): Promise<void>;
}
