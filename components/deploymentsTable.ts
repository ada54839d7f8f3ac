import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../runtime/types";
import { arn, type Place } from "./naming";
import { allow, kept, type PolicyStatement } from "./policies";

/** The deployments of one environment, in order of time. */
const HISTORY_INDEX = "EnvironmentStartTimeIndex";

export interface DeploymentsTableArgs {
  readonly place: Place;
  readonly tableName: string;
  /** Customer managed key for encryption at rest. */
  readonly keyArn: pulumi.Input<string>;
  /** Refuse deletion of the table; only a throw-away installation says false. */
  readonly protectData: boolean;
}

/**
 * What was deployed where, and how it ended; beside it one state item per environment.
 *
 * Decisions read items by key. The indexes serve people: they are eventually consistent.
 */
export class DeploymentsTable extends pulumi.ComponentResource {
  readonly tableName: pulumi.Output<string>;
  readonly tableArn: string;

  constructor(name: string, args: DeploymentsTableArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:DeploymentsTable", name, {}, opts);
    const { place, tableName, keyArn, protectData } = args;

    const table = new aws.dynamodb.Table(
      `${name}-table`,
      {
        name: tableName,
        billingMode: "PAY_PER_REQUEST",
        hashKey: "deploymentId",
        attributes: [
          { name: "deploymentId", type: "S" },
          { name: "environment", type: "S" },
          { name: "startTime", type: "N" },
          { name: "status", type: "S" },
        ],
        globalSecondaryIndexes: [
          { name: HISTORY_INDEX, hashKey: "environment", rangeKey: "startTime", projectionType: "ALL" },
          { name: "EnvironmentStatusIndex", hashKey: "environment", rangeKey: "status", projectionType: "ALL" },
        ],
        ttl: { attributeName: "expiresAt", enabled: true },
        pointInTimeRecovery: { enabled: true },
        serverSideEncryption: { enabled: true, kmsKeyArn: keyArn },
        streamEnabled: true,
        streamViewType: "NEW_AND_OLD_IMAGES",
        deletionProtectionEnabled: protectData,
      },
      { parent: this, ...kept(protectData) },
    );

    this.tableName = table.name;
    this.tableArn = arn(place, "dynamodb", `table/${tableName}`);
    this.registerOutputs({ tableName: this.tableName, tableArn: this.tableArn });
  }

  /**
   * What the deploy role of one environment needs: its own items, by key, in transactions; never a scan, never a delete.
   *
   * The emulator does not know `dynamodb:LeadingKeys`; ForAllValues holds there, and on AWS the key is always present.
   */
  writerStatement(environment: Environment): PolicyStatement {
    return allow(
      ["dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
      [this.tableArn],
      { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [`${environment}#*`, `state#${environment}`] } },
    );
  }

  /** What ends deployments needs: the items of every environment by key, and what happened there in order of time. */
  everyEnvironmentStatements(): PolicyStatement[] {
    return [
      allow(
        ["dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        [this.tableArn],
      ),
      allow(["dynamodb:Query"], [`${this.tableArn}/index/${HISTORY_INDEX}`]),
    ];
  }
}
