/** Which events reach the rollback: EventBridge patterns as plain data. */
import { ENVIRONMENTS } from "../runtime/types";
import { environmentNames, type InstallationNames, type Place, type RuleRole } from "./naming";

/** A rule matches events or runs by the clock. */
export type RollbackRule = { readonly description: string } & (
  { readonly eventPattern: EventPattern } | { readonly scheduleExpression: string }
);

/** An event matches when every field that stands here has one of the values listed for it. */
interface EventPattern {
  readonly source: readonly string[];
  readonly "detail-type": readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** How a build can end (CodeBuild user guide, "Build notifications sample"). */
const ENDED = ["SUCCEEDED", "FAILED", "FAULT", "STOPPED", "TIMED_OUT"] as const;

export function rollbackRules(place: Place, names: InstallationNames): Readonly<Record<RuleRole, RollbackRule>> {
  const environments = ENVIRONMENTS.map((environment) => environmentNames(place, environment));
  return {
    alarms: {
      description: "An alarm of a worker went off",
      eventPattern: {
        source: ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        detail: {
          alarmName: environments.map(({ ownedPrefix }) => ({ prefix: ownedPrefix })),
          state: { value: ["ALARM"] },
        },
      },
    },
    stages: {
      description: `A stage of ${names.pipeline} failed or was stopped`,
      eventPattern: {
        source: ["aws.codepipeline"],
        "detail-type": ["CodePipeline Stage Execution State Change"],
        detail: { pipeline: [names.pipeline], state: ["FAILED", "STOPPED"] },
      },
    },
    builds: {
      description: `A build of a deploy project of ${names.pipeline} ended`,
      eventPattern: endedBuilds(ENVIRONMENTS.map((environment) => names.projects[`deploy-${environment}`])),
    },
    canaries: {
      description: "A worker's job that the rollback started ended",
      // The worker's ordinary jobs are many, and none of the rollback's business.
      eventPattern: endedBuilds(
        environments.map(({ worker }) => worker),
        { "additional-information": { initiator: [{ prefix: `${names.rollbackFunction}/` }] } },
      ),
    },
    tick: {
      description: "Finds what no event told of, and goes on where something broke off",
      scheduleExpression: "rate(1 minute)",
    },
  };
}

function endedBuilds(projects: readonly string[], narrowed: Readonly<Record<string, unknown>> = {}): EventPattern {
  return {
    source: ["aws.codebuild"],
    "detail-type": ["CodeBuild Build State Change"],
    detail: { "build-status": ENDED, "project-name": projects, ...narrowed },
  };
}
