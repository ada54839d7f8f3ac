import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { NOTICE_EVENTS, type NoticeMessage } from "../../../../runtime/notices/domain";
import { snsChannel } from "../../../../runtime/notices/snsChannel";

const sns = mockClient(SNSClient);
const channel = snsChannel(
  new SNSClient({ region: "us-east-1" }),
  { deployments: "arn:deployments", rollbacks: "arn:rollbacks" },
  "prod",
);
const send = (over: Partial<NoticeMessage>) =>
  channel.send({
    id: "1",
    topic: "rollbacks",
    createdAt: 1,
    message: { event: "rollback_succeeded", environment: "production", timestamp: "1970-01-01T00:00:00Z", ...over },
  });
const published = () => sns.commandCalls(PublishCommand).map(({ args }) => args[0].input);
beforeEach(() => {
  sns.reset();
  sns.on(PublishCommand).resolves({});
});

describe("a notice by SNS", () => {
  it("goes to its topic, readable and with what subscribers filter by", async () => {
    await send({ reason: "all good" });
    expect(published()).toEqual([
      {
        TopicArn: "arn:rollbacks",
        Subject: "kiro-pipeline prod: production rolled back",
        Message: `{
  "event": "rollback_succeeded",
  "environment": "production",
  "timestamp": "1970-01-01T00:00:00Z",
  "reason": "all good"
}`,
        MessageAttributes: {
          event: { DataType: "String", StringValue: "rollback_succeeded" },
          environment: { DataType: "String", StringValue: "production" },
        },
      },
    ]);
  });

  it("has a subject for every event", async () => {
    for (const event of NOTICE_EVENTS) await send({ event, environment: "test" });
    await send({ event: "deployment_failed", environment: "none" });
    expect(published().map(({ Subject }) => Subject)).toEqual([
      "kiro-pipeline prod: test deployment started",
      "kiro-pipeline prod: test deployment succeeded",
      "kiro-pipeline prod: test deployment failed",
      "kiro-pipeline prod: test is being rolled back",
      "kiro-pipeline prod: test rolled back",
      "kiro-pipeline prod: test rollback failed",
      "kiro-pipeline prod: test needs attention",
      "kiro-pipeline prod: pipeline failed",
    ]);
  });

  it("has a subject that SNS takes, whatever is in it", async () => {
    await send({ environment: `prod\r\nuction é ${"x".repeat(200)}` });
    const subject = published()[0]?.Subject;
    expect(subject).toMatch(/^kiro-pipeline prod: prod uction {3}x+$/);
    expect(subject).toHaveLength(99);
  });

  it("that SNS refuses is an error", async () => {
    sns.on(PublishCommand).rejects(new Error("no such topic"));
    await expect(send({})).rejects.toThrow("no such topic");
  });
});
