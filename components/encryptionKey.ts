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
  /** Refuse deletion: what is encrypted would be lost with the key. */
  readonly protectData: boolean;
}

/** Services that use the key for a caller, with the caller's own rights. */
export type KeyUser = "s3" | "dynamodb" | "sns";

const READ = ["kms:Decrypt"] as const;
const WRITE = ["kms:Decrypt", "kms:GenerateDataKey"] as const;

/** A customer managed key that rotates every year, and its alias. */
export class EncryptionKey extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly alias: string;
  private readonly place: Place;

  constructor(name: string, args: EncryptionKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:EncryptionKey", name, {}, opts);
    const { place, alias, description, logGroups = [], protectData } = args;
    const options = { parent: this, ...kept(protectData) };

    const key = new aws.kms.Key(
      `${name}-key`,
      {
        description,
        enableKeyRotation: true,
        // KMS allows 7 to 30 days, in which a deletion can still be taken back.
        deletionWindowInDays: protectData ? 30 : 7,
        policy: policyJson(keyPolicy(place, logGroups)),
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

  private via(services: readonly KeyUser[]): PolicyStatement["Condition"] & object {
    const endpoints = services.map((service) => `${service}.${this.place.region}.amazonaws.com`);
    return { StringEquals: { "kms:ViaService": endpoints } };
  }
}

/** In a key's policy `Resource: "*"` means this key (KMS developer guide, "Key policies"). */
function keyPolicy(place: Place, logGroups: readonly string[]): PolicyStatement[] {
  const statements: PolicyStatement[] = [
    {
      // AWS's default key policy: without it the account's own IAM policies say nothing about the key, and a key that
      // nobody administers cannot be mended.
      Sid: "AccountAdministersKey",
      Effect: "Allow",
      Principal: { AWS: iamArn(place, "root") },
      Action: "kms:*",
      Resource: "*",
    },
  ];
  if (logGroups.length === 0) return statements;
  return [
    ...statements,
    {
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
    },
  ];
}
