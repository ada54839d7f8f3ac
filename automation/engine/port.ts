import { type EngineEvent, type OpMap } from "@pulumi/pulumi/automation";

/** What every operation of the engine is given, so that it reports as it goes and never prints a secret. */
export interface EngineOptions {
  /** Taken instead of `Pulumi.{stack}.yaml` beside the program. */
  readonly configFile?: string;
  readonly onEvent: (event: EngineEvent) => void;
  /** Chunks of the engine's stderr: the only place where a denied state or key is told. */
  readonly onError: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** For a run that policies judge. */
export interface PolicyOptions {
  /** Folders of policy packs. */
  readonly policyPacks: string[];
  /** A config file for each of them. */
  readonly policyPackConfigs: string[];
}

/** Number of resources by operation; empty when the events could not be read, which means unknown. */
export type ChangeSummary = OpMap;

/** The part of the Automation API's `Stack` that the driver uses; tests pass a hand-written double. */
export interface EngineStack {
  preview(
    options: EngineOptions & PolicyOptions & { readonly plan: string },
  ): Promise<{ readonly changeSummary: ChangeSummary }>;
  up(
    options: EngineOptions &
      Partial<PolicyOptions> & { readonly plan: string; readonly message: string; readonly showSecrets: false },
  ): Promise<unknown>;
  destroy(options: EngineOptions & { readonly excludeProtected: true; readonly showSecrets: false }): Promise<unknown>;
  /** Reads what is there, and forgets creations that never reported their end. */
  refresh(
    options: EngineOptions & { readonly clearPendingCreates: true; readonly showSecrets: false },
  ): Promise<unknown>;
  /** Deletes the lock of an update, which goes on if it still runs: only for whoever has proven its owner dead. */
  cancel(): Promise<void>;
  /** The whole state, secrets as ciphertext. */
  exportStack(): Promise<{ readonly deployment: unknown }>;
}
