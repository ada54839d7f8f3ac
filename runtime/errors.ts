import type { DeploymentRecord } from "./deployments/domain";
import type { AlarmInfo, SecurityViolation } from "./types";

/** A step of the pipeline could not do its work. */
export class PipelineError extends Error {
  constructor(
    message: string,
    readonly stage: string,
    cause?: unknown,
  ) {
    super(message, optional(cause));
    this.name = "PipelineError";
  }
}

/** A rollback of this deployment did not come to its end. */
export class RollbackError extends Error {
  constructor(
    message: string,
    readonly deployment: DeploymentRecord,
    cause?: unknown,
  ) {
    super(message, optional(cause));
    this.name = "RollbackError";
  }
}

/** The release was measured bad. */
export class HealthCheckError extends Error {
  constructor(
    message: string,
    readonly failedAlarms: readonly AlarmInfo[],
    cause?: unknown,
  ) {
    super(message, optional(cause));
    this.name = "HealthCheckError";
  }
}

/** A scan found what must not ship, or could not look. The violations are all that it found, also what only warns. */
export class SecurityScanError extends Error {
  constructor(
    message: string,
    readonly violations: readonly SecurityViolation[],
    cause?: unknown,
  ) {
    super(message, optional(cause));
    this.name = "SecurityScanError";
  }
}

/** No such release, or one that was never completed. */
export class ReleaseNotFoundError extends Error {
  constructor(
    readonly key: string,
    cause?: unknown,
  ) {
    super(`there is no ${key} in the releases bucket`, optional(cause));
    this.name = "ReleaseNotFoundError";
  }
}

/** Stored content is not what was published. Never use it, never repair it: find out who wrote it. */
export class TamperedError extends Error {
  constructor(
    readonly file: string,
    readonly wanted: string,
    readonly found: string,
  ) {
    super(`${file} is tampered: its SHA-256 should be ${wanted} and is ${found}`);
    this.name = "TamperedError";
  }
}

/** A `release.json` or `current.json` that this version cannot read. */
export class UnreadableReleaseError extends Error {
  constructor(
    readonly where: string,
    readonly issues: readonly string[],
    options?: ErrorOptions,
  ) {
    super(`${where} is unreadable: ${issues.join("; ")}`, options);
    this.name = "UnreadableReleaseError";
  }
}

/** An item of the deployments table that this version cannot read; the message shows it. */
export class UnreadableItemError extends Error {
  constructor(
    readonly key: string,
    readonly item: unknown,
    readonly issues: readonly string[],
  ) {
    super(`item ${key} of the deployments table is unreadable: ${issues.join("; ")}; it is ${JSON.stringify(item)}`);
    this.name = "UnreadableItemError";
  }
}

/** A page was asked for with a cursor that no earlier page gave, or a size out of range. */
export class PageError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, optional(cause));
    this.name = "PageError";
  }
}

function optional(cause: unknown): ErrorOptions | undefined {
  return cause === undefined ? undefined : { cause };
}
