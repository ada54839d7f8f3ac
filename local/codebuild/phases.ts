import type { Build, BuildPhase, BuildPhaseType, PhaseContext, StatusType } from "@aws-sdk/client-codebuild";

/** How a phase or a build ended. */
export type Outcome = Exclude<StatusType, "IN_PROGRESS">;

/**
 * What follows a phase, by AWS's own transitions: a failed install or pre_build ends the build, a failed build still runs
 * post_build, and what follows post_build is always the upload. `on-failure` overrides this.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
 */
export function nextPhase(
  phase: BuildPhaseType,
  succeeded: boolean,
  onFailure?: "ABORT" | "CONTINUE",
): BuildPhaseType | undefined {
  if (!succeeded && onFailure === "ABORT") return "FINALIZING";
  const goesOn = succeeded || onFailure === "CONTINUE";
  switch (phase) {
    case "SUBMITTED":
      return "QUEUED";
    case "QUEUED":
      return goesOn ? "PROVISIONING" : "COMPLETED";
    case "PROVISIONING":
      return goesOn ? "DOWNLOAD_SOURCE" : "COMPLETED";
    case "DOWNLOAD_SOURCE":
      return goesOn ? "INSTALL" : "FINALIZING";
    case "INSTALL":
      return goesOn ? "PRE_BUILD" : "FINALIZING";
    case "PRE_BUILD":
      return goesOn ? "BUILD" : "FINALIZING";
    case "BUILD":
      return "POST_BUILD";
    case "POST_BUILD":
      return "UPLOAD_ARTIFACTS";
    case "UPLOAD_ARTIFACTS":
      return "FINALIZING";
    case "FINALIZING":
      return "COMPLETED";
    case "COMPLETED":
      return undefined;
  }
}

/** The build with `type` begun. Phases that are over stay as they are. */
export function startPhase<B extends Build>(build: B, type: BuildPhaseType, now: Date): B {
  const phase: BuildPhase = { phaseType: type, startTime: now };
  return { ...build, currentPhase: type, phases: [...(build.phases ?? []), phase] };
}

/** The build with its running phase ended. */
export function endPhase<B extends Build>(build: B, status: Outcome, contexts: readonly PhaseContext[], now: Date): B {
  const phases = [...(build.phases ?? [])];
  const last = phases.pop();
  if (last === undefined || last.endTime !== undefined) return build;
  const seconds = Math.round((now.getTime() - (last.startTime ?? now).getTime()) / 1000);
  phases.push({
    ...last,
    phaseStatus: status,
    endTime: now,
    durationInSeconds: Math.max(0, seconds),
    contexts: contexts.length > 0 ? [...contexts] : [{ statusCode: "", message: "" }],
  });
  return { ...build, phases };
}

/** The build ended: a phase that still runs ends with the same status. Ending twice changes nothing. */
export function endBuild<B extends Build>(build: B, status: Outcome, contexts: readonly PhaseContext[], now: Date): B {
  if (build.buildComplete) return build;
  const ended = startPhase(endPhase(build, status, contexts, now), "COMPLETED", now);
  return { ...ended, buildStatus: status, buildComplete: true, endTime: now };
}
