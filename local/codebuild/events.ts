import type { AwsEvent } from "../services/contract";
import type { KnownBuild } from "./store";

/** AWS writes times in events like this: `Sep 1, 2017 4:14:21 PM`. */
const eventTime = (time: Date | undefined): string | undefined =>
  time
    ?.toLocaleString("en-US", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" })
    .replace(/\u202f/g, " ")
    .replace(/(\d{4}), /, "$1 ");

/**
 * The events of one change of a build: its state changed (it began or ended), a phase of it was completed.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html
 */
export function eventsOf(build: KnownBuild, before: KnownBuild | undefined, time: Date): AwsEvent[] {
  const events: AwsEvent[] = [];
  const completed = build.phases.filter((phase) => phase.endTime !== undefined);
  const completedBefore = before?.phases.filter((phase) => phase.endTime !== undefined).length ?? 0;
  for (const phase of completed.slice(completedBefore)) {
    events.push(
      event("CodeBuild Build Phase Change", build, time, {
        "completed-phase": phase.phaseType,
        "completed-phase-status": phase.phaseStatus,
        "completed-phase-context": `[${(phase.contexts ?? []).map((c) => `${c.statusCode}: ${c.message}`).join(", ")}]`,
        "completed-phase-duration-seconds": phase.durationInSeconds,
        "completed-phase-start": eventTime(phase.startTime),
        "completed-phase-end": eventTime(phase.endTime),
      }),
    );
  }
  if (build.buildStatus !== before?.buildStatus) {
    events.push(
      event("CodeBuild Build State Change", build, time, {
        "build-status": build.buildStatus,
        "current-phase": build.currentPhase,
        "current-phase-context": "[]",
      }),
    );
  }
  return events;
}

function event(detailType: string, build: KnownBuild, time: Date, detail: Record<string, unknown>): AwsEvent {
  return {
    source: "aws.codebuild",
    detailType,
    resources: [build.arn],
    time,
    detail: {
      ...detail,
      "project-name": build.projectName,
      "build-id": build.arn,
      "additional-information": additionalInformation(build),
      version: "1",
    },
  };
}

function additionalInformation(build: KnownBuild): Record<string, unknown> {
  return {
    "build-complete": build.buildComplete ?? false,
    "build-number": build.buildNumber,
    "build-start-time": eventTime(build.startTime),
    ...(build.endTime !== undefined && { "build-end-time": eventTime(build.endTime) }),
    initiator: build.initiator,
    "timeout-in-minutes": build.timeoutInMinutes,
    ...(build.sourceVersion !== undefined && { "source-version": build.sourceVersion }),
    source: { type: build.source.type, location: build.source.location, buildspec: build.source.buildspec },
    artifact: { location: build.artifacts?.location, sha256sum: build.artifacts?.sha256sum },
    environment: {
      image: build.environment?.image,
      type: build.environment?.type,
      "compute-type": build.environment?.computeType,
      "privileged-mode": build.environment?.privilegedMode ?? false,
      // Values stay out: a plain variable may hold more than an event's reader should know.
      "environment-variables": (build.environment?.environmentVariables ?? []).map(({ name, type }) => ({
        name,
        type,
      })),
    },
    logs: {
      "group-name": build.logs.groupName,
      "stream-name": build.logs.streamName,
      "deep-link": build.logs.deepLink,
    },
    phases: build.phases.map((phase) => ({
      "phase-type": phase.phaseType,
      "phase-status": phase.phaseStatus,
      "start-time": eventTime(phase.startTime),
      "end-time": eventTime(phase.endTime),
      "duration-in-seconds": phase.durationInSeconds,
      "phase-context": (phase.contexts ?? []).map((c) => `${c.statusCode}: ${c.message}`),
    })),
  };
}
