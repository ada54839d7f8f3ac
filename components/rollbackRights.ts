/** What the rollback may do: everything that takes a release back, in every environment, and nothing that deploys one. */
import { ENVIRONMENTS, type Environment } from "../runtime/types";
import type { DeadLetterQueue } from "./deadLetterQueue";
import type { DeliveryProjects } from "./deliveryProjects";
import type { Foundation } from "./foundation";
import { arn, type InstallationNames, type Place } from "./naming";
import type { Notifications } from "./notifications";
import { metricsStatement } from "./pipelineMetrics";
import { allow, logGroupArns, type PolicyStatement } from "./policies";
import type { WorkerEnvironment } from "./workerEnvironment";

export interface RollbackReach {
  readonly place: Place;
  readonly names: InstallationNames;
  readonly foundation: Pick<Foundation, "deployments" | "key" | "releases">;
  readonly projects: DeliveryProjects;
  readonly environments: Readonly<Record<Environment, WorkerEnvironment>>;
  readonly notifications: Notifications;
}

export function rollbackStatements(reach: RollbackReach, deadLetters: DeadLetterQueue): PolicyStatement[] {
  const { place, names, foundation, projects, notifications } = reach;
  const { deployments, key, releases } = foundation;
  const environments = ENVIRONMENTS.map((environment) => reach.environments[environment]);
  return [
    allow(["logs:CreateLogStream", "logs:PutLogEvents"], logGroupArns(place, names.rollbackLogGroup)),
    key.variablesStatement(arn(place, "lambda", `function:${names.rollbackFunction}`)),
    key.writerStatement("dynamodb", "s3", "sns", "sqs"),
    deadLetters.senderStatement(),
    ...deployments.everyEnvironmentStatements(),
    // Without it a version that an operator mistyped would read as a refusal, not as a release that does not exist.
    releases.listStatement("releases/*"),
    releases.readerStatement("releases/*/release.json"),
    ...environments.flatMap((environment) => environment.pointerStatements()),
    allow(
      ["codepipeline:GetPipelineExecution", "codepipeline:StopPipelineExecution"],
      [arn(place, "codepipeline", names.pipeline)],
    ),
    ...projects.deployRunnerStatements(),
    projects.ownBuildspecStatement(),
    ...environments.map((environment) => environment.jobStatement()),
    // "*": AWS tells of composite alarms only who may describe all alarms (API reference, "DescribeAlarms").
    allow(["cloudwatch:DescribeAlarms"], ["*"]),
    metricsStatement(),
    notifications.publisherStatement("deployments", "rollbacks"),
    // "*": an OpsItem gets its id when it is created; AWS knows no resource before.
    allow(["ssm:CreateOpsItem"], ["*"]),
  ];
}
