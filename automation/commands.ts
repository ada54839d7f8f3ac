import { type Environment } from "../runtime/types";
import { type Gate } from "./gates/domain";
import { type Installation } from "./installation/names";
import { type CommandResult } from "./result";

export interface InstallationArgs {
  readonly installation: Installation;
}
export interface ChangeArgs extends InstallationArgs {
  /** Do not ask before changing anything. */
  readonly yes: boolean;
}
export interface DecisionArgs extends InstallationArgs {
  readonly reason?: string;
}
export interface ApproveArgs extends DecisionArgs {
  /** Digest of a change that staging stopped at; absent: what the pipeline waits for. */
  readonly change?: string;
}
export interface OutputsArgs {
  /** File that gets the values to export, `KEY='value'` a line. */
  readonly outputs?: string;
}
export interface GateArgs extends OutputsArgs {
  readonly gates: readonly Gate[];
}
export interface EnvironmentArgs extends InstallationArgs {
  readonly environment: Environment;
}
export interface ReasonedArgs extends EnvironmentArgs {
  readonly reason: string;
}
export interface RollbackArgs extends ReasonedArgs {
  /** Full commit SHA; absent: what was live before. */
  readonly to?: string;
  /** Only tell what would be done. */
  readonly dryRun: boolean;
}
export interface QuarantineArgs extends InstallationArgs {
  /** Absent: all environments. */
  readonly environment?: Environment;
}
export interface LiftArgs extends ReasonedArgs {
  /** Full commit SHA. */
  readonly version: string;
}

export type Run<A> = (args: A) => Promise<CommandResult>;

/** Every command of `kiro-pipeline`, ready to run. */
export interface Commands {
  readonly up: Run<ChangeArgs>;
  readonly preview: Run<InstallationArgs>;
  readonly destroy: Run<ChangeArgs>;
  readonly setupBackend: Run<InstallationArgs>;
  readonly setupToolchain: Run<InstallationArgs>;
  readonly infrastructurePreview: Run<Record<string, never>>;
  readonly gate: Run<GateArgs>;
  readonly releasePublish: Run<OutputsArgs>;
  readonly plan: Run<OutputsArgs>;
  readonly deploy: Run<OutputsArgs>;
  readonly verify: Run<OutputsArgs>;
  readonly undo: Run<OutputsArgs>;
  readonly approve: Run<ApproveArgs>;
  readonly reject: Run<DecisionArgs>;
  readonly status: Run<InstallationArgs>;
  readonly rollback: Run<RollbackArgs>;
  readonly hold: Run<ReasonedArgs>;
  readonly resume: Run<ReasonedArgs>;
  readonly quarantineList: Run<QuarantineArgs>;
  readonly quarantineLift: Run<LiftArgs>;
  readonly lockShow: Run<EnvironmentArgs>;
  readonly lockBreak: Run<ReasonedArgs>;
  readonly dlqList: Run<InstallationArgs>;
  readonly dlqRedrive: Run<InstallationArgs>;
}
