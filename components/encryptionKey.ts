import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arn, iamArn, type Place } from "./naming";
import { allow, kept, policyJson, type PolicyStatement } from "./policies";

export interface EncryptionKeyArgs {
  readonly place: Place;
  /** With its `alias/`. */
  readonly alias: string;
  readonly description: string;
  /** Log groups of this account whose content the key may encrypt. Default: none. */
  readonly logGroups?: readonly string[];
  /** Alarms of this account that tell of themselves on topics encrypted with the key. Default: none. */
  readonly alarms?: readonly string[];
  /** Queues of this account, encrypted with the key, in which EventBridge leaves what it could not deliver. Default: none. */
  readonly deadLetterQueues?: readonly string[];
  /** Refuse deletion: what is encrypted would be lost with the key. */
  readonly protectData: boolean;
}

/** Services that use the key for a caller, with the caller's own rights. */
export type KeyUser = "s3" | "dynamodb" | "sns" | "sqs";

const READ = ["kms:Decrypt"] as const;
const WRITE = ["kms:Decrypt", "kms:GenerateDataKey"] as const;

/**
 * What applies to a symmetric key of one region whose material is AWS's own: all that AWS's default key policy (`kms:*`)
 * comes to for such a key (KMS developer guide, "Permissions reference"). Whoever misses an action that KMS learns later
 * may add it: PutKeyPolicy is among them.
 */
const ACCOUNT_ACTIONS = [
  "kms:CancelKeyDeletion",
  "kms:CreateAlias",
  "kms:CreateGrant",
  "kms:Decrypt",
  "kms:DeleteAlias",
  "kms:DescribeKey",
  "kms:DisableKey",
  "kms:DisableKeyRotation",
  "kms:EnableKey",
  "kms:EnableKeyRotation",
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyPair",
  "kms:GenerateDataKeyPairWithoutPlaintext",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:GetKeyLastUsage",
  "kms:GetKeyPolicy",
  "kms:GetKeyRotationStatus",
  "kms:ListGrants",
  "kms:ListKeyPolicies",
  "kms:ListKeyRotations",
  "kms:ListResourceTags",
  "kms:PutKeyPolicy",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
  "kms:RetireGrant",
  "kms:RevokeGrant",
  "kms:RotateKeyOnDemand",
  "kms:ScheduleKeyDeletion",
  "kms:TagResource",
  "kms:UntagResource",
  "kms:UpdateAlias",
  "kms:UpdateKeyDescription",
] as const;

/** A customer managed key that rotates every year, and its alias. */
export class EncryptionKey extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly alias: string;
  private readonly place: Place;

  constructor(name: string, args: EncryptionKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:EncryptionKey", name, {}, opts);
    const { place, alias, description, protectData } = args;
    const options = { parent: this, ...kept(protectData) };

    const key = new aws.kms.Key(
      `${name}-key`,
      {
        description,
        enableKeyRotation: true,
        // KMS allows 7 to 30 days, in which a deletion can still be taken back.
        deletionWindowInDays: protectData ? 30 : 7,
        policy: policyJson(keyPolicy(args)),
      },
      options,
    );
    new aws.kms.Alias(`${name}-alias`, { name: alias, targetKeyId: key.keyId }, options);

    this.place = place;
    this.alias = alias;
    this.arn = key.arn;
    this.registerOutputs({ arn: this.arn });
  }

  /** To read what `service` encrypted with the key. The emulator has no KMS behind its services: AWS alone checks it. */
  readerStatement(service: KeyUser): PolicyStatement {
    return allow(READ, [this.arn], this.via([service]));
  }

  /** To have `services` encrypt and decrypt with the key. */
  writerStatement(...services: readonly KeyUser[]): PolicyStatement {
    return allow(WRITE, [this.arn], this.via(services));
  }

  /** To use the key without a service between, as the Pulumi engine does for the secrets of a stack. */
  secretsStatement(): PolicyStatement {
    // AWS asks for the key behind an alias; the emulator asks for Encrypt on the alias itself.
    return allow(["kms:Decrypt", "kms:Encrypt"], [this.arn, arn(this.place, "kms", this.alias)]);
  }

  /** To read the environment variables of one function, which Lambda encrypts in the function's name. */
  variablesStatement(functionArn: string): PolicyStatement {
    return allow(READ, [this.arn], { StringEquals: { "kms:EncryptionContext:aws:lambda:FunctionArn": functionArn } });
  }

  private via(services: readonly KeyUser[]): PolicyStatement["Condition"] & object {
    const endpoints = services.map((service) => `${service}.${this.place.region}.amazonaws.com`);
    return { StringEquals: { "kms:ViaService": endpoints } };
  }
}

/** In a key's policy `Resource: "*"` means this key (KMS developer guide, "Key policies"). */
function keyPolicy({
  place,
  logGroups = [],
  alarms = [],
  deadLetterQueues = [],
}: EncryptionKeyArgs): PolicyStatement[] {
  return [
    {
      // Without it the account's own IAM policies say nothing about the key, and a key that nobody administers cannot be
      // mended. It grants nothing by itself: it is the most that those policies may grant.
      Sid: "AccountAdministersKey",
      Effect: "Allow",
      Principal: { AWS: iamArn(place, "root") },
      Action: [...ACCOUNT_ACTIONS],
      Resource: "*",
    },
    ...(logGroups.length === 0 ? [] : [logsStatement(place, logGroups)]),
    ...(alarms.length === 0 ? [] : [alarmsStatement(place, alarms)]),
    ...(deadLetterQueues.length === 0 ? [] : [deadLettersStatement(place, deadLetterQueues)]),
  ];
}

function logsStatement(place: Place, logGroups: readonly string[]): PolicyStatement {
  return {
    Sid: "LogsEncryptsItsGroups",
    Effect: "Allow",
    Principal: { Service: `logs.${place.region}.amazonaws.com` },
    // What CloudWatch Logs needs, in the CloudWatch Logs user guide ("Encrypt log data using AWS KMS"), spelled out.
    Action: [
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:Encrypt",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
    ],
    Resource: "*",
    Condition: {
      ArnEquals: {
        "kms:EncryptionContext:aws:logs:arn": logGroups.map((group) => arn(place, "logs", `log-group:${group}`)),
      },
    },
  };
}

/** An alarm publishes as CloudWatch itself, with no role whose policies could let it (SNS developer guide, "Key management"). */
function alarmsStatement(place: Place, alarms: readonly string[]): PolicyStatement {
  return {
    Sid: "AlarmsEncryptTheirMessages",
    Effect: "Allow",
    Principal: { Service: "cloudwatch.amazonaws.com" },
    Action: [...WRITE],
    Resource: "*",
    Condition: {
      StringEquals: { "aws:SourceAccount": place.accountId },
      ArnEquals: { "aws:SourceArn": alarms.map((alarm) => arn(place, "cloudwatch", `alarm:${alarm}`)) },
    },
  };
}

/**
 * EventBridge, too, comes as itself. AWS does not support its source as a condition of a key, so the queue that the
 * data key is for takes its place; which rules may send there is said by the queue's own policy.
 */
function deadLettersStatement(place: Place, queues: readonly string[]): PolicyStatement {
  return {
    Sid: "EventBridgeEncryptsDeadLetters",
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: [...WRITE],
    Resource: "*",
    Condition: {
      ArnEquals: { "kms:EncryptionContext:aws:sqs:arn": queues.map((queue) => arn(place, "sqs", queue)) },
    },
  };
}
