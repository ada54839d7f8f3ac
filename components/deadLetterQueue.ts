import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { allow, policyJson, type PolicyStatement } from "./policies";

/** The most that SQS keeps a message. */
const RETENTION_SECONDS = 14 * 24 * 60 * 60;

export interface DeadLetterQueueArgs {
  readonly queueName: string;
  /** Customer managed key of the messages. */
  readonly keyArn: pulumi.Input<string>;
  /** ARNs of the rules from which EventBridge may leave here what it could not deliver. */
  readonly ruleArns: readonly pulumi.Input<string>[];
}

/** Keeps for two weeks what could not be taken, until a person looks at it and sends it again. */
export class DeadLetterQueue extends pulumi.ComponentResource {
  readonly queueUrl: pulumi.Output<string>;
  readonly queueArn: pulumi.Output<string>;

  constructor(name: string, args: DeadLetterQueueArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:DeadLetterQueue", name, {}, opts);
    const { queueName, keyArn, ruleArns } = args;
    const options = { parent: this };

    const queue = new aws.sqs.Queue(
      `${name}-queue`,
      { name: queueName, messageRetentionSeconds: RETENTION_SECONDS, kmsMasterKeyId: keyArn },
      options,
    );
    new aws.sqs.QueuePolicy(
      `${name}-policy`,
      { queueUrl: queue.url, policy: policyJson([tlsOnly(queue.arn), rulesStatement(queue.arn, ruleArns)]) },
      options,
    );

    this.queueUrl = queue.url;
    this.queueArn = queue.arn;
    this.registerOutputs({ queueUrl: this.queueUrl, queueArn: this.queueArn });
  }

  senderStatement(): PolicyStatement {
    return allow(["sqs:SendMessage"], [this.queueArn]);
  }
}

function tlsOnly(queueArn: pulumi.Output<string>): PolicyStatement {
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
function rulesStatement(queueArn: pulumi.Output<string>, ruleArns: readonly pulumi.Input<string>[]): PolicyStatement {
  return {
    Sid: "RulesLeaveWhatTheyCouldNotDeliver",
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: queueArn,
    Condition: { ArnEquals: { "aws:SourceArn": [...ruleArns] } },
  };
}
