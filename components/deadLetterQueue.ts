import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arn, type Place } from "./naming";
import { allow, policyJson, type PolicyStatement } from "./policies";

/** The most that SQS keeps a message. */
const RETENTION_SECONDS = 14 * 24 * 60 * 60;

export interface DeadLetterQueueArgs {
  readonly place: Place;
  readonly queueName: string;
  /** Customer managed key of the messages. */
  readonly keyArn: pulumi.Input<string>;
  /** ARNs of the rules from which EventBridge may leave here what it could not deliver. */
  readonly ruleArns: readonly string[];
}

/** Keeps for two weeks what could not be taken, until a person looks at it and sends it again. */
export class DeadLetterQueue extends pulumi.ComponentResource {
  readonly queueUrl: pulumi.Output<string>;
  /** For what needs the queue to be there. */
  readonly queueArn: pulumi.Output<string>;
  /** The same, made from the name: for policies. */
  private readonly nameArn: string;

  constructor(name: string, args: DeadLetterQueueArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:DeadLetterQueue", name, {}, opts);
    const { place, queueName, keyArn, ruleArns } = args;
    const options = { parent: this };
    this.nameArn = arn(place, "sqs", queueName);

    const queue = new aws.sqs.Queue(
      `${name}-queue`,
      { name: queueName, messageRetentionSeconds: RETENTION_SECONDS, kmsMasterKeyId: keyArn },
      options,
    );
    new aws.sqs.QueuePolicy(
      `${name}-policy`,
      { queueUrl: queue.url, policy: policyJson([tlsOnly(this.nameArn), rulesStatement(this.nameArn, ruleArns)]) },
      options,
    );

    this.queueUrl = queue.url;
    this.queueArn = queue.arn;
    this.registerOutputs({ queueUrl: this.queueUrl, queueArn: this.queueArn });
  }

  senderStatement(): PolicyStatement {
    return allow(["sqs:SendMessage"], [this.nameArn]);
  }
}

function tlsOnly(queueArn: string): PolicyStatement {
  return {
    Sid: "RefusePlainHttp",
    Effect: "Deny",
    Principal: "*",
    Action: "sqs:*",
    Resource: queueArn,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}

/** EventBridge comes as itself, with no role whose policies could let it. */
function rulesStatement(queueArn: string, ruleArns: readonly string[]): PolicyStatement {
  return {
    Sid: "RulesLeaveWhatTheyCouldNotDeliver",
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: queueArn,
    Condition: { ArnEquals: { "aws:SourceArn": [...ruleArns] } },
  };
}
