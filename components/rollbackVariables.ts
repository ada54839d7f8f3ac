/** The environment variables of the rollback's function: what it acts on, and by which rules. */
import type * as pulumi from "@pulumi/pulumi";
import { ENVIRONMENTS, type Environment } from "../runtime/types";
import type { PipelineConfig } from "./config";
import { environmentNames, type InstallationNames, type Place } from "./naming";
import type { Notifications } from "./notifications";

/** Automatic rollbacks are counted over a day. */
const BUDGET_WINDOW_SECONDS = 24 * 60 * 60;

export interface RollbackVariablesArgs {
  readonly place: Place;
  readonly names: InstallationNames;
  readonly config: Pick<PipelineConfig, "rollbackBudget" | "rollbackValidation" | "watchWindowSeconds">;
  readonly notifications: Pick<Notifications, "topicArns">;
}

export function rollbackVariables(args: RollbackVariablesArgs): Record<string, pulumi.Input<string>> {
  const { place, names, config, notifications } = args;
  const { settleSeconds, graceSeconds, longestSeconds } = config.rollbackValidation;
  const environments = ENVIRONMENTS.map((environment) => [environment, environmentPart(args, environment)] as const);
  return {
    INSTALLATION: place.installation,
    PIPELINE_NAME: names.pipeline,
    TABLE_NAME: names.deploymentsTable,
    RELEASES_BUCKET: names.releasesBucket,
    DEPLOYMENTS_TOPIC_ARN: notifications.topicArns.deployments,
    ROLLBACKS_TOPIC_ARN: notifications.topicArns.rollbacks,
    ENVIRONMENTS: JSON.stringify(Object.fromEntries(environments)),
    ROLLBACK_RULES: JSON.stringify({
      budgetWindowSeconds: BUDGET_WINDOW_SECONDS,
      settleSeconds,
      graceSeconds,
      longestValidationSeconds: longestSeconds,
    }),
    NODE_OPTIONS: "--enable-source-maps",
  };
}

function environmentPart({ place, names, config }: RollbackVariablesArgs, environment: Environment) {
  const { artifactsBucket, worker, ownedPrefix } = environmentNames(place, environment);
  return {
    artifactsBucket,
    workerProject: worker,
    alarmPrefix: ownedPrefix,
    deployProject: names.projects[`deploy-${environment}`],
    watchWindowSeconds: config.watchWindowSeconds[environment],
    ...(environment === "test" ? {} : { budget: config.rollbackBudget[environment] }),
  };
}
