import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { TOPIC_ROLES, type InstallationNames, type TopicRole } from "./naming";
import { allow, policyJson, type PolicyStatement } from "./policies";

export interface NotificationsArgs {
  readonly names: Pick<InstallationNames, "topics">;
  /** Customer managed key of the messages. */
  readonly keyArn: pulumi.Input<string>;
  /** Each address is subscribed to every topic and must confirm it once. */
  readonly emails: readonly string[];
}

const DISPLAY_NAMES: Readonly<Record<TopicRole, string>> = {
  deployments: "Pipeline Deployment Notifications",
  approvals: "Pipeline Approval Requests",
  rollbacks: "Pipeline Rollback Notifications",
};

/** Three encrypted topics: what is deployed, what waits for an approval, what was rolled back. */
export class Notifications extends pulumi.ComponentResource {
  readonly topicArns: Readonly<Record<TopicRole, pulumi.Output<string>>>;

  constructor(name: string, args: NotificationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:Notifications", name, {}, opts);
    const { names, keyArn, emails } = args;
    const options = { parent: this };

    const topic = (role: TopicRole): pulumi.Output<string> => {
      const { arn } = new aws.sns.Topic(
        `${name}-${role}`,
        { name: names.topics[role], displayName: DISPLAY_NAMES[role], kmsMasterKeyId: keyArn },
        options,
      );
      new aws.sns.TopicPolicy(`${name}-${role}-policy`, { arn, policy: policyJson([tlsOnly(arn)]) }, options);
      for (const email of emails) {
        new aws.sns.TopicSubscription(
          `${name}-${role}-${email}`,
          { topic: arn, protocol: "email", endpoint: email },
          options,
        );
      }
      return arn;
    };
    this.topicArns = Object.fromEntries(TOPIC_ROLES.map((role) => [role, topic(role)])) as Record<
      TopicRole,
      pulumi.Output<string>
    >;
    this.registerOutputs({ topicArns: this.topicArns });
  }

  publisherStatement(role: TopicRole): PolicyStatement {
    return allow(["sns:Publish"], [this.topicArns[role]]);
  }
}

/**
 * Who publishes is a role of this account, by its own policy (CodePipeline asks for approvals with the pipeline's role),
 * so the topic itself lets nobody in; it only refuses plain HTTP, as the SNS developer guide words it.
 */
function tlsOnly(topicArn: pulumi.Output<string>): PolicyStatement {
  return {
    Sid: "RefusePlainHttp",
    Effect: "Deny",
    Principal: "*",
    Action: "sns:Publish",
    Resource: topicArn,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}
