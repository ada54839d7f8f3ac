import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ENVIRONMENTS } from "../runtime/types";
import { DataBucket } from "./dataBucket";
import { DeploymentsTable } from "./deploymentsTable";
import { EncryptionKey } from "./encryptionKey";
import { buildLogGroup, environmentNames, type InstallationNames, type Place } from "./naming";

/** Days for which logs are kept. */
export const LOG_RETENTION_DAYS = 90;

/** Pipeline artifacts only hand files from one action to the next. What a rollback needs is in the releases bucket. */
const ARTIFACT_LIFECYCLE = { infrequentAccessAfterDays: 30, expireAfterDays: 90 } as const;

export interface FoundationArgs {
  readonly place: Place;
  readonly names: InstallationNames;
  /** Refuse deletion of data and key; false only for a throw-away installation. */
  readonly protectData: boolean;
}

/** What an installation stands on: the key, the buckets, the table and the log groups that are nobody else's. */
export class Foundation extends pulumi.ComponentResource {
  readonly key: EncryptionKey;
  /** What actions of the pipeline hand to each other. Expires. */
  readonly artifacts: DataBucket;
  /** Releases, their layers, tools and toolchain. Never expires: a rollback needs them. */
  readonly releases: DataBucket;
  /** Pulumi state of the worker's stacks, one prefix per environment. */
  readonly state: DataBucket;
  readonly deployments: DeploymentsTable;
  readonly pipelineLogGroupName: pulumi.Output<string>;
  readonly rollbackLogGroupName: pulumi.Output<string>;

  constructor(name: string, args: FoundationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:Foundation", name, {}, opts);
    const { place, names, protectData } = args;
    const options = { parent: this };

    this.key = new EncryptionKey(
      `${name}-encryption`,
      {
        place,
        alias: names.keyAlias,
        description: `Data of ${names.pipeline}`,
        logGroups: [
          names.pipelineLogGroup,
          names.rollbackLogGroup,
          ...Object.values(names.projects).map(buildLogGroup),
          // The worker's programs encrypt the logs of their jobs with it.
          ...ENVIRONMENTS.map((environment) => buildLogGroup(environmentNames(place, environment).worker)),
        ],
        alarms: Object.values(names.alarms),
        deadLetterQueues: [names.rollbackQueue],
        protectData,
      },
      options,
    );
    const stored = { keyArn: this.key.arn, protectData };
    this.artifacts = new DataBucket(
      `${name}-artifacts`,
      { ...stored, bucketName: names.artifactsBucket, lifecycle: ARTIFACT_LIFECYCLE },
      options,
    );
    this.releases = new DataBucket(`${name}-releases`, { ...stored, bucketName: names.releasesBucket }, options);
    this.state = new DataBucket(`${name}-state`, { ...stored, bucketName: names.stateBucket }, options);
    this.deployments = new DeploymentsTable(
      `${name}-deployments`,
      { ...stored, place, tableName: names.deploymentsTable },
      options,
    );
    const logs = { retentionInDays: LOG_RETENTION_DAYS, kmsKeyId: this.key.arn };
    const pipelineLogs = new aws.cloudwatch.LogGroup(
      `${name}-pipeline-logs`,
      { ...logs, name: names.pipelineLogGroup },
      options,
    );
    const rollbackLogs = new aws.cloudwatch.LogGroup(
      `${name}-rollback-logs`,
      { ...logs, name: names.rollbackLogGroup },
      options,
    );

    this.pipelineLogGroupName = pipelineLogs.name;
    this.rollbackLogGroupName = rollbackLogs.name;
    this.registerOutputs({ keyArn: this.key.arn, tableName: this.deployments.tableName });
  }
}
