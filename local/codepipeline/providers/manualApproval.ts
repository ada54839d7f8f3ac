/** Manual approval: a message to the approvers, then somebody answers by PutApprovalResult. */
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { type ActionJob } from "../engine/events";
import { call, clientFor, type Provider } from "./provider";

export const manualApproval: Provider = async (job, context) => {
  const topic = job.configuration["NotificationArn"];
  if (topic === undefined || topic === "" || job.externalExecutionId !== undefined) return { kind: "pending" };
  const client = new SNSClient(await clientFor(job, context));
  try {
    const { MessageId: id } = await call("sns:Publish", topic, () =>
      client.send(
        new PublishCommand({
          TopicArn: topic,
          Subject: `APPROVAL NEEDED: AWS CodePipeline ${job.pipeline} for action ${job.action.name}`.slice(0, 100),
          Message: JSON.stringify(approvalMessage(job, context.surroundings.region)),
        }),
        { abortSignal: context.signal },
      ),
    );
    // Remembered as the approval's external id: after a restart nobody is asked a second time.
    context.progress({ externalExecutionId: id ?? topic });
    return { kind: "pending" };
  } finally {
    client.destroy();
  }
};

/**
 * The message's body, as "JSON data format for manual approval notifications" of the user guide shows it. The token in
 * it lets its holder answer: it goes to the topic and nowhere else.
 */
function approvalMessage(job: ActionJob, region: string): object {
  const console = `https://console.aws.amazon.com/codepipeline/home?region=${region}#/view/${job.pipeline}`;
  const { ExternalEntityLink: link, CustomData: data } = job.configuration;
  return {
    region,
    consoleLink: console,
    approval: {
      pipelineName: job.pipeline,
      stageName: job.stage,
      actionName: job.action.name,
      token: job.token,
      expires: new Date(job.expiresAt ?? 0).toISOString().replace(/:\d\d\.\d+Z$/, "Z"),
      externalEntityLink: link ?? null,
      approvalReviewLink: `${console}/${job.stage}/${job.action.name}/approve/${job.token ?? ""}`,
      customData: data ?? null,
    },
  };
}
