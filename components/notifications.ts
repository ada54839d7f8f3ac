import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  ALARM_ROLES,
  arn,
  TOPIC_ROLES,
  type AlarmRole,
  type InstallationNames,
  type Place,
  type TopicRole,
} from "./naming";
import { allow, policyJson, type PolicyStatement } from "./policies";

export interface NotificationsArgs {
  readonly place: Place;
  readonly names: Pick<InstallationNames, "alarms" | "topics">;
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

/** Where each alarm tells of itself. */
const TOPIC_OF_ALARM: Readonly<Record<AlarmRole, TopicRole>> = {
  failures: "deployments",
  rollbacks: "rollbacks",
  "rollback-dlq-not-empty": "rollbacks",
};

/** Three encrypted topics: what is deployed, what waits for an approval, what was rolled back. */
export class Notifications extends pulumi.ComponentResource {
  /** For what needs the topics to be there. */
  readonly topicArns: Readonly<Record<TopicRole, pulumi.Output<string>>>;
  private readonly args: NotificationsArgs;

  constructor(name: string, args: NotificationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kiro:pipeline:Notifications", name, {}, opts);
    const { names, keyArn, emails } = args;
    this.args = args;
    const options = { parent: this };

    const topic = (role: TopicRole): pulumi.Output<string> => {
      const { arn: topicArn } = new aws.sns.Topic(
        `${name}-${role}`,
        { name: names.topics[role], displayName: DISPLAY_NAMES[role], kmsMasterKeyId: keyArn },
        options,
      );
      const policy = policyJson([tlsOnly(args, role), ...alarmStatements(args, role)]);
      new aws.sns.TopicPolicy(`${name}-${role}-policy`, { arn: topicArn, policy }, options);
      for (const email of emails) {
        new aws.sns.TopicSubscription(
          `${name}-${role}-${email}`,
          { topic: topicArn, protocol: "email", endpoint: email },
          options,
        );
      }
      return topicArn;
    };
    this.topicArns = Object.fromEntries(TOPIC_ROLES.map((role) => [role, topic(role)])) as Record<
      TopicRole,
      pulumi.Output<string>
    >;
    this.registerOutputs({ topicArns: this.topicArns });
  }

  publisherStatement(...roles: readonly TopicRole[]): PolicyStatement {
    return allow(
      ["sns:Publish"],
      roles.map((role) => nameArn(this.args, role)),
    );
  }

  /** The topic on which an alarm tells of itself. */
  topicOfAlarm(role: AlarmRole): pulumi.Output<string> {
    return this.topicArns[TOPIC_OF_ALARM[role]];
  }
}

/** A topic's ARN as policies name it: known before the topic is there. */
function nameArn({ place, names }: NotificationsArgs, topic: TopicRole): string {
  return arn(place, "sns", names.topics[topic]);
}

/**
 * Who publishes is a role of this account, by its own policy (CodePipeline asks for approvals with the pipeline's role),
 * or an alarm; this refuses plain HTTP, as the SNS developer guide words it.
 */
function tlsOnly(args: NotificationsArgs, topic: TopicRole): PolicyStatement {
  return {
    Sid: "RefusePlainHttp",
    Effect: "Deny",
    Principal: "*",
    Action: "sns:Publish",
    Resource: nameArn(args, topic),
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}

/** An alarm has no role: the topic itself lets in the installation's own, and no other's. */
function alarmStatements(args: NotificationsArgs, topic: TopicRole): PolicyStatement[] {
  const { place, names } = args;
  const alarms = ALARM_ROLES.filter((role) => TOPIC_OF_ALARM[role] === topic);
  if (alarms.length === 0) return [];
  return [
    {
      Sid: "AlarmsTellOfThemselves",
      Effect: "Allow",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: "sns:Publish",
      Resource: nameArn(args, topic),
      Condition: {
        StringEquals: { "aws:SourceAccount": place.accountId },
        ArnEquals: { "aws:SourceArn": alarms.map((role) => arn(place, "cloudwatch", `alarm:${names.alarms[role]}`)) },
      },
    },
  ];
}
