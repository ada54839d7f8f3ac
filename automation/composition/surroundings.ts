import { type Env } from "../variables";
import { type Progress } from "../progress";

/** What the process gives every command. */
export interface Surroundings {
  readonly env: Env;
  readonly cwd: string;
  readonly home: string;
  /** Folder for temporary folders. */
  readonly temporary: string;
  /** Folder of the running bundle. */
  readonly bundleFolder: string;
  readonly progress: Progress;
  /** Aborted when the process is asked to end: an engine ends cleanly, waiting stops. */
  readonly signal: AbortSignal;
  /** Asks whoever sits at the terminal a question of yes or no. @throws Problem `usage` when there is no terminal. */
  readonly ask: (question: string) => Promise<boolean>;
}

/**
 * For every AWS client of the driver. Five attempts in standard mode (exponential backoff with jitter): a step of a
 * pipeline should outlive a moment of throttling.
 */
export const clientDefaults = { maxAttempts: 5, retryMode: "standard" } as const;

/** The endpoint and region come from the SDK's own variables; S3 is addressed by path so that any endpoint works. */
export function s3Defaults(env: Env) {
  return { ...clientDefaults, forcePathStyle: env["AWS_ENDPOINT_URL"] !== undefined };
}

/** `{ [name]: value }`, or nothing when the value is undefined or empty: for properties that must be absent then. */
export function optional<N extends string, V>(name: N, value: V | undefined): { readonly [K in N]?: V } {
  return value === undefined || value === "" ? {} : ({ [name]: value } as { readonly [K in N]?: V });
}
