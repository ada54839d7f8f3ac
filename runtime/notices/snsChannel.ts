import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import type { Notice, NoticeEvent, NoticeMessage, NoticeTopic } from "./domain";
import type { NoticeChannel } from "./ports";

/** SNS takes subjects of less than 100 characters. */
const LONGEST_SUBJECT = 99;

const HEADLINES: Readonly<Record<NoticeEvent, string>> = {
  deployment_started: "deployment started",
  deployment_succeeded: "deployment succeeded",
  deployment_failed: "deployment failed",
  rollback_initiated: "is being rolled back",
  rollback_succeeded: "rolled back",
  rollback_failed: "rollback failed",
  attention_needed: "needs attention",
};

/** Publishes to the installation's topics; subscribers filter by the attributes `event` and `environment`. */
export function snsChannel(
  client: SNSClient,
  topicArns: Readonly<Record<NoticeTopic, string>>,
  installation: string,
): NoticeChannel {
  return {
    async send({ topic, message }: Notice): Promise<void> {
      const attribute = (StringValue: string) => ({ DataType: "String", StringValue });
      await client.send(
        new PublishCommand({
          TopicArn: topicArns[topic],
          Subject: subjectOf(installation, message),
          Message: JSON.stringify(message, null, 2),
          MessageAttributes: { event: attribute(message.event), environment: attribute(message.environment) },
        }),
      );
    },
  };
}

/** Without what SNS refuses in a subject: line breaks, control characters and, for e-mail, all but ASCII. */
function subjectOf(installation: string, { event, environment }: NoticeMessage): string {
  const what = environment === "none" ? "pipeline failed" : `${environment} ${HEADLINES[event]}`;
  return `kiro-pipeline ${installation}: ${what}`.replace(/[^ -~]+/g, " ").slice(0, LONGEST_SUBJECT);
}
